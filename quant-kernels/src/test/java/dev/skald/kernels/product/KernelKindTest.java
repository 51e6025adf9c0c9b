package dev.skald.kernels.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.Samples;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.machine.Refused;
import dev.skald.kernels.machine.Rounding;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelKindTest {
    private static final QuantFormat Q4_K = QuantFormats.of(GgmlType.Q4_K);
    private static final QuantFormat Q6_K = QuantFormats.of(GgmlType.Q6_K);
    private static final String WHY = "a kernel is wrong";

    private static void needsMachineCode() {
        assumeTrue(
                KernelKind.MACHINE_CODE.available(),
                () -> KernelKind.MACHINE_CODE.refusal().orElseThrow());
    }

    private static KernelKind second() {
        return KernelKind.VECTOR_API.available() ? KernelKind.VECTOR_API : KernelKind.IN_PLACE;
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotThereGivesWayToTheNext(KernelKind kind) {
        KernelKind expected =
                kind.available() ? kind : kind == KernelKind.MACHINE_CODE ? second() : KernelKind.IN_PLACE;
        assertEquals(expected, kind.of(Q4_K));
    }

    @Test
    void aRefusedFormatIsMultipliedByTheNextKernels() {
        needsMachineCode();
        try (Refused _ = new Refused(Q4_K, WHY)) {
            assertEquals(Optional.of(WHY), KernelKind.MACHINE_CODE.refusal(Q4_K));
            assertEquals(second(), KernelKind.MACHINE_CODE.of(Q4_K));
            assertEquals(KernelKind.MACHINE_CODE, KernelKind.MACHINE_CODE.of(Q6_K));
        }
        assertEquals(KernelKind.MACHINE_CODE, KernelKind.MACHINE_CODE.of(Q4_K));
    }

    @Test
    void weightsAreNotPackedForRefusedKernels() {
        needsMachineCode();
        QuantMatrix matrix = Samples.matrix(Q4_K, 32, 256, 1);
        try (Refused _ = new Refused(Q4_K, WHY);
                Arena arena = Arena.ofConfined()) {
            String message = assertThrows(
                            IllegalStateException.class,
                            () -> new MatrixPacker(KernelKind.MACHINE_CODE, matrix, 1, arena))
                    .getMessage();
            assertEquals("Q4_K 32 x 256 cannot be packed for MACHINE_CODE: " + WHY, message);
        }
    }

    @Test
    void packsForTheKernelsThatAreLeft() {
        needsMachineCode();
        assumeTrue(KernelKind.VECTOR_API.available(), "needs the Vector API");
        MemorySegment blocks = Samples.blocks(Q4_K, 32, 256, 1);
        try (Refused _ = new Refused(Q4_K, WHY);
                Arena arena = Arena.ofShared();
                WorkerTeam team = new WorkerTeam(1)) {
            QuantMatrix packed = QuantMatrix.of(Q4_K, 32, 256, blocks).pack(blocks, arena, team);
            assertEquals(PackedMatrix.class, packed.packed().getClass());
        }
    }

    /** Formats that are multiplied by kernels of different kinds may occur in one step. */
    @Test
    void refusedAndOtherFormatsAreMultipliedTogether() {
        needsMachineCode();
        float[] x = Samples.normal(2 * 256, 7);
        float[] y4 = new float[2 * 40];
        float[] y6 = new float[2 * 40];
        try (Refused _ = new Refused(Q4_K, WHY);
                Arena arena = Arena.ofShared();
                WorkerTeam team = new WorkerTeam(2)) {
            QuantMatrix w4 = packed(Q4_K, arena, team);
            QuantMatrix w6 = packed(Q6_K, arena, team);
            new MatMul(team).multiply(x, 2, new MatMul.Product(w4, y4), new MatMul.Product(w6, y6));
            MatMulTest.assertClose(w4, x, 2, y4);
            MatMulTest.assertClose(w6, x, 2, y6);
        }
    }

    /** Weights are packed alike, so only activations are rounded differently. */
    @Test
    void kernelsForBytesThatAreRefusedGiveWayToThoseFor16Bits() {
        needsMachineCode();
        float[] x = Samples.normal(3 * 256, 8);
        float[] bytes = new float[3 * 40];
        float[] refused = new float[3 * 40];
        float[] expected = new float[3 * 40];
        try (Arena arena = Arena.ofShared();
                WorkerTeam team = new WorkerTeam(1)) {
            QuantMatrix w = packed(Q4_K, arena, team);
            new MatMul(team).multiply(x, 3, new MatMul.Product(w, expected));
            MatMul inBytes = new MatMul(team);
            inBytes.roundActivationsToBytes();
            inBytes.multiply(x, 3, new MatMul.Product(w, bytes));
            try (Refused _ = new Refused(Q4_K, Rounding.BITS_8, WHY)) {
                MatMul another = new MatMul(team);
                another.roundActivationsToBytes();
                another.multiply(x, 3, new MatMul.Product(w, refused));
            }
        }
        assertArrayEquals(expected, refused);
        assertFalse(Arrays.equals(expected, bytes));
    }

    private static QuantMatrix packed(QuantFormat format, Arena arena, WorkerTeam team) {
        MemorySegment blocks = Samples.blocks(format, 40, 256, 3);
        QuantMatrix matrix = QuantMatrix.of(format, 40, 256, blocks);
        KernelKind kind = KernelKind.MACHINE_CODE.of(format);
        return kind == KernelKind.IN_PLACE ? matrix : matrix.pack(kind, blocks, arena, team);
    }
}
