package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.kernels.Samples;
import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.machine.GuardedMemory.End;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares with plain Java, bit for bit, on buffers that are no larger than necessary. */
@Tag("once")
class MachineRowsTest {
    private static float[] gates(int n) {
        float[] gates = Samples.normal(n, 1);
        for (int i = 0; i < n; i += 3) {
            gates[i] *= 100;
        }
        return gates;
    }

    private static float[] expected(float[] gate, float[] up) {
        float[] y = new float[gate.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = gate[i] / (1 + AttentionReference.exp(Math.min(88, -gate[i]))) * up[i];
        }
        return y;
    }

    @Test
    void theRightKernelPasses() {
        assertEquals(Optional.empty(), rows().refusal());
    }

    @Test
    void aWrongKernelIsRefused() {
        assertEquals(
                Optional.of("the kernel of SwiGLU gives something else than plain Java here"),
                changed(code -> new byte[] {(byte) 0xC3}).refusal());
    }

    @Test
    void aKernelThatWritesBehindItsResultsIsFound() {
        int n = 64 * rows().unit();
        Assembler a = new Assembler(false);
        a.storeWord(Mem.at(Gpr.RDI, 4 * n), Gpr.RAX);
        assertEquals(
                Optional.of("the kernel of SwiGLU gives something else than plain Java here"),
                changed(code -> join(a.code(), code)).refusal());
    }

    @Test
    void aSlowKernelIsRefused() {
        // The first call of plain Java is slow too.
        assertEquals(Optional.empty(), changed(code -> code).refusal());
        Assembler a = new Assembler(false);
        a.move(Gpr.RAX, 1 << 30);
        Label loop = a.here();
        a.subtract(Gpr.RAX, 1);
        a.jump(Condition.NOT_EQUAL, loop);
        assertEquals(
                Optional.of("the kernel of SwiGLU is slower than plain Java here, as under emulation"),
                changed(code -> join(a.code(), code)).refusal());
    }

    private static byte[] join(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }

    private static MachineRows changed(UnaryOperator<byte[]> change) {
        rows();
        CodeMemory memory = new CodeMemory();
        return new MachineRows(
                Machine.kernels().orElseThrow().isa(), (name, code) -> memory.install(name, change.apply(code)));
    }

    @ParameterizedTest
    @EnumSource(Isa.class)
    void emulatedAsPlainJava(Isa isa) {
        for (int pairs = 1; pairs <= 3; pairs++) {
            float[] gate = gates(pairs * 2 * isa.lanes());
            float[] up = Samples.normal(gate.length, 2);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment nativeGate = arena.allocateFrom(ValueLayout.JAVA_FLOAT, gate);
                MemorySegment nativeUp = arena.allocateFrom(ValueLayout.JAVA_FLOAT, up);
                new Emulator(SwiGluCode.code(isa))
                        .writable(nativeGate)
                        .readable(nativeUp)
                        .call(nativeGate, nativeUp, nativeUp, pairs, 0, 0);
                assertArrayEquals(expected(gate, up), nativeGate.toArray(ValueLayout.JAVA_FLOAT));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void computesAsPlainJava(End end) {
        MachineRows rows = rows();
        try (GuardedMemory memory = new GuardedMemory(end)) {
            for (int n = rows.unit(); n <= 64 * rows.unit(); n *= 2) {
                float[] gate = gates(n);
                float[] up = Samples.normal(n, 2);
                MemorySegment nativeGate = memory.allocateFrom(ValueLayout.JAVA_FLOAT, gate);
                rows.swiGlu(nativeGate, memory.allocateFrom(ValueLayout.JAVA_FLOAT, up), n);
                assertArrayEquals(expected(gate, up), nativeGate.toArray(ValueLayout.JAVA_FLOAT));
            }
        }
    }

    @Test
    void refusesWhatIsNotThere() {
        MachineRows rows = rows();
        int unit = rows.unit();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment x = arena.allocate(4L * unit);
            Class<IndexOutOfBoundsException> wrong = IndexOutOfBoundsException.class;
            assertThrows(wrong, () -> rows.swiGlu(x, x, 0));
            assertThrows(wrong, () -> rows.swiGlu(x, x, unit - 1));
            assertThrows(wrong, () -> rows.swiGlu(x, x, 2 * unit));
            assertThrows(wrong, () -> rows.swiGlu(x.asSlice(4), x, unit));
            assertThrows(wrong, () -> rows.swiGlu(x, x.asSlice(4), unit));
            MemorySegment heap = MemorySegment.ofArray(new float[unit]);
            assertThrows(IllegalArgumentException.class, () -> rows.swiGlu(heap, x, unit));
            assertThrows(IllegalArgumentException.class, () -> rows.swiGlu(x, heap, unit));
        }
    }

    private static MachineRows rows() {
        assumeTrue(Machine.kernels().isPresent(), () -> Machine.refusal().orElseThrow());
        return Machine.kernels().orElseThrow().rows();
    }
}
