package dev.skald.kernels.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.Samples;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelGuardTest {
    private static final QuantFormat FORMAT = QuantFormats.of(GgmlType.Q4_K);

    @AfterEach
    void trust() {
        KernelGuard.expectRows(FORMAT.packing(), true);
    }

    /** What is known to be slow stays so, and the next model is told too. */
    @Test
    void saysWhatItAvoids() {
        assumeTrue(KernelKind.VECTOR_API.available(), "there are no packed kernels in plain Java");
        KernelGuard.expectRows(FORMAT.packing(), false);
        List<String> slow = KernelGuard.check(FORMAT);
        assertTrue(slow.getFirst().contains("Q4_K for one token"), slow::toString);
        assertFalse(KernelGuard.rowsAreFast(FORMAT.packing()));
        assertTrue(KernelGuard.rowsAreFast(QuantFormats.of(GgmlType.Q6_K).packing()));
    }

    @Test
    void hasNothingToSayOfPlainJava() {
        assumeTrue(!KernelKind.VECTOR_API.available(), "this JVM runs on vectors");
        assertEquals(List.of(), KernelGuard.check(FORMAT));
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"Q4_K", "F16"})
    void theOtherWayMultipliesToo(GgmlType type) {
        assumeTrue(KernelKind.VECTOR_API.available(), "there are no packed kernels in plain Java");
        QuantFormat format = QuantFormats.of(type);
        KernelGuard.expectRows(format.packing(), false);
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            MemorySegment blocks = Samples.blocks(format, 250, 512, 17);
            QuantMatrix w = QuantMatrix.of(format, 250, 512, blocks).pack(KernelKind.VECTOR_API, blocks, arena, team);
            for (int n : new int[] {1, 2}) {
                float[] x = Samples.normal(n * 512, 18);
                float[] y = new float[n * 250];
                new MatMul(team).multiply(x, n, new MatMul.Product(w, y));
                MatMulTest.assertClose(w, x, n, y);
            }
        } finally {
            KernelGuard.expectRows(format.packing(), true);
        }
    }

    /** One token and several take the same other way, and what is found later changes nothing that is under way. */
    @Test
    void whatATokenGivesDoesNotChange() {
        assumeTrue(KernelKind.VECTOR_API.available(), "there are no packed kernels in plain Java");
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            MemorySegment blocks = Samples.blocks(FORMAT, 250, 512, 17);
            QuantMatrix w = QuantMatrix.of(FORMAT, 250, 512, blocks).pack(KernelKind.VECTOR_API, blocks, arena, team);
            float[] x = Samples.normal(5 * 512, 18);
            MatMul before = new MatMul(team);
            float[] fast = multiply(before, w, x, 1);
            KernelGuard.expectRows(FORMAT.packing(), false);
            MatMul after = new MatMul(team);
            float[] slow = multiply(after, w, x, 1);
            assertFalse(Arrays.equals(fast, slow), "panels add in another order");
            assertArrayEquals(fast, multiply(before, w, x, 1));
            assertArrayEquals(fast, Arrays.copyOf(multiply(before, w, x, 5), 250));
            assertArrayEquals(slow, Arrays.copyOf(multiply(after, w, x, 5), 250));
        }
    }

    private static float[] multiply(MatMul matMul, QuantMatrix w, float[] x, int n) {
        float[] y = new float[n * w.rows()];
        matMul.multiply(x, n, n, new MatMul.Product(w, y));
        return y;
    }
}
