package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.kernels.Samples;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.machine.GuardedMemory.End;
import dev.skald.kernels.pack.LaneLayout;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.product.MachineSamples;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs every kernel of every format on buffers that are no larger than necessary. If this processor can run the kernel, the buffers
 * border on pages without access; otherwise the emulator runs it, which knows where buffers begin and end. All results must equal
 * those of {@link Reference}, to the bit.
 */
@Tag("once")
class GuardTest {
    private static final Set<Cpu.Feature> FEATURES = features();

    private static Set<Cpu.Feature> features() {
        return usable() ? Cpu.features(new CodeMemory().install("test", Cpu.code())) : Set.of();
    }

    private static boolean usable() {
        return Abi.known() && GuardTest.class.getModule().isNativeAccessEnabled();
    }

    /** Runs kernels, and has memory for them. */
    private interface Runner extends AutoCloseable {
        /** Memory with the bytes of a segment. */
        default MemorySegment copy(MemorySegment of) {
            return memory().allocate(of.byteSize(), 1).copyFrom(of);
        }

        Arena memory();

        /** Returns the numbers of steps in a call: one, or several in sequence. */
        int[] steps();

        /** Whether a kernel is run. */
        boolean runs(SelfTest.Shape shape);

        void quantize(MachineMatrix w, MemorySegment x, MemorySegment records, int token, int tokens);

        void product(MachineMatrix w, SelfTest.Shape shape, int steps, MemorySegment records, MemorySegment y);

        @Override
        void close();
    }

    /** On the processor, between guards. */
    private record Processor(MachineKernels kernels, Arena memory) implements Runner {
        @Override
        public int[] steps() {
            return new int[] {1, 3};
        }

        @Override
        public boolean runs(SelfTest.Shape shape) {
            return true;
        }

        @Override
        public void quantize(MachineMatrix w, MemorySegment x, MemorySegment records, int token, int tokens) {
            kernels.quantize(w, x, records, token, tokens);
        }

        @Override
        public void product(MachineMatrix w, SelfTest.Shape shape, int steps, MemorySegment records, MemorySegment y) {
            kernels.product(w, 0, shape.groups(), steps, steps, records, shape.tokens(), shape.ahead(), y);
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    /** In the emulator, which gets the arguments of {@link MachineKernels}. */
    private record Emulated(Isa isa, Rounding rounding, Arena memory) implements Runner {
        @Override
        public int[] steps() {
            return new int[] {2};
        }

        /** Leaves out kernels that differ only in how they prefetch, because emulation is slow. */
        @Override
        public boolean runs(SelfTest.Shape shape) {
            return shape.ahead() == Ahead.DISTANCES[0];
        }

        @Override
        public void quantize(MachineMatrix w, MemorySegment x, MemorySegment records, int token, int tokens) {
            LaneLayout layout = w.layout();
            int record = QuantizeCode.recordBytes(layout, rounding);
            MemorySegment to = records.asSlice((long) token * record);
            new Emulator(new QuantizeCode(layout, rounding).code())
                    .readable(x)
                    .writable(to)
                    .call(x, to, to, w.paddedColumns() / layout.packing().blockColumns(), (long) tokens * record, 0);
        }

        @Override
        public void product(MachineMatrix w, SelfTest.Shape shape, int steps, MemorySegment records, MemorySegment y) {
            Emulator emulator = new Emulator(
                    new ProductCode(isa, w.layout(), rounding, shape.groups(), shape.tokens(), shape.ahead()).code());
            emulator.readable(w.data()).readable(records).writable(y);
            emulator.call(w.data(), records, y, w.units(), steps * w.groupBytes(), steps);
            assertTrue(isa.needs().containsAll(emulator.needs()), () -> isa + " needs " + emulator.needs());
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    static Stream<Arguments> real() {
        List<Isa> isas = Isa.of(FEATURES);
        return QuantFormats.all().stream()
                .flatMap(format -> roundings(format)
                        .flatMap(rounding -> Stream.of(End.values())
                                .flatMap(end -> isas.isEmpty()
                                        ? Stream.of(Arguments.of(format, null, rounding, end))
                                        : isas.stream().map(isa -> Arguments.of(format, isa, rounding, end)))));
    }

    static Stream<Arguments> emulated() {
        List<Isa> here = Isa.of(FEATURES);
        return QuantFormats.all().stream()
                .flatMap(format -> roundings(format)
                        .flatMap(rounding -> Stream.of(Isa.values())
                                .filter(isa -> !here.contains(isa))
                                .map(isa -> Arguments.of(format, isa, rounding))));
    }

    private static Stream<Rounding> roundings(QuantFormat format) {
        return Stream.of(Rounding.values())
                .filter(rounding ->
                        rounding == Rounding.BITS_16 || format.packing().scaling() != Packing.Scaling.NONE);
    }

    @ParameterizedTest
    @MethodSource("real")
    void onTheProcessorBetweenGuards(QuantFormat format, Isa isa, Rounding rounding, End end) {
        assumeTrue(isa != null, "needs native access and a processor with AVX2");
        MachineKernels kernels = new MachineKernels(isa, rounding, new CodeMemory()::install);
        try (Runner runner = new Processor(kernels, new GuardedMemory(end))) {
            check(format, kernels, runner);
        }
    }

    /** Kernels that this processor cannot run; on some processors there are none. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("emulated")
    void inTheEmulator(QuantFormat format, Isa isa, Rounding rounding) {
        MachineKernels kernels = new MachineKernels(isa, rounding, (name, code) -> MemorySegment.NULL);
        Rounding used = kernels.rounding(kernels.layout(format.packing()));
        try (Runner runner = new Emulated(isa, used, Arena.ofShared())) {
            check(format, kernels, runner);
        }
    }

    private static void check(QuantFormat format, MachineKernels kernels, Runner runner) {
        LaneLayout layout = kernels.layout(format.packing());
        int columns = Math.max(2 * layout.unitColumns(), layout.packing().blockColumns());
        int mostGroups = 4 * 3;
        int tokens = kernels.mostTokens(format.packing());
        try (Arena arena = Arena.ofShared()) {
            MachineMatrix all = kernels.matrix(format.packing(), mostGroups * kernels.lanes(), columns, arena);
            MachineSamples.pack(format, all, 41);
            MemorySegment[] x = new MemorySegment[tokens];
            for (int t = 0; t < tokens; t++) {
                x[t] = arena.allocateFrom(ValueLayout.JAVA_FLOAT, Samples.normal(all.paddedColumns(), 42 + t));
            }
            float[][] expected = new float[tokens][all.rows()];
            for (int t = 0; t < tokens; t++) {
                MemorySegment one = records(kernels, all, arena, x[t]);
                for (int row = 0; row < all.rows(); row++) {
                    expected[t][row] = Reference.product(all, kernels.rounding(layout), row, one, 0, 1);
                }
            }
            for (int n = 1; n <= tokens; n++) {
                MemorySegment[] some = Stream.of(x).limit(n).toArray(MemorySegment[]::new);
                MemorySegment records = runner.copy(records(kernels, all, arena, some));
                if (!layout.isFloat()) {
                    checkQuantize(all, some, records, runner);
                }
                for (SelfTest.Shape shape : SelfTest.shapes(kernels, format.packing())) {
                    if (shape.tokens() == n && runner.runs(shape)) {
                        for (int steps : runner.steps()) {
                            checkProduct(kernels, all, shape, steps, records, expected, runner);
                        }
                    }
                }
            }
        }
    }

    private static MemorySegment records(MachineKernels kernels, MachineMatrix w, Arena arena, MemorySegment... x) {
        Rounding rounding = kernels.rounding(w.layout());
        MemorySegment records = arena.allocate(kernels.recordBytes(w, x.length));
        for (int t = 0; t < x.length; t++) {
            Reference.quantize(w.layout(), rounding, x[t], w.paddedColumns(), records, t, x.length);
        }
        return records;
    }

    private static void checkQuantize(MachineMatrix w, MemorySegment[] x, MemorySegment expected, Runner runner) {
        MemorySegment records = runner.memory().allocate(expected.byteSize(), 1);
        for (int t = 0; t < x.length; t++) {
            runner.quantize(w, runner.copy(x[t]), records, t, x.length);
        }
        assertEquals(-1, expected.mismatch(records), () -> "records of " + x.length + " tokens");
    }

    private static void checkProduct(
            MachineKernels kernels,
            MachineMatrix all,
            SelfTest.Shape shape,
            int steps,
            MemorySegment records,
            float[][] expected,
            Runner runner) {
        int rows = shape.groups() * steps * kernels.lanes();
        MachineMatrix w = kernels.matrix(all.layout().packing(), rows, all.columns(), runner.memory());
        w.data().copyFrom(all.data().asSlice(0, w.data().byteSize()));
        MemorySegment y = runner.memory().allocate(4L * shape.tokens() * rows, 1);
        runner.product(w, shape, steps, records, y);
        // [token][group][step][row] is [token][row] where groups are as far apart as there are steps.
        for (int t = 0; t < shape.tokens(); t++) {
            for (int row = 0; row < rows; row++) {
                float value = y.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * (t * rows + row));
                if (Float.floatToRawIntBits(value) != Float.floatToRawIntBits(expected[t][row])) {
                    throw new AssertionError("%s, %d steps, token %d, row %d: %s and not %s"
                            .formatted(shape, steps, t, row, value, expected[t][row]));
                }
            }
        }
    }

    /** Checks that the guards are there, in Linux's list of memory and its permissions. */
    @ParameterizedTest
    @EnumSource
    void nobodyMayTouchTheGuards(End end) throws IOException {
        assumeTrue(usable(), "needs native access");
        try (GuardedMemory memory = new GuardedMemory(end)) {
            MemorySegment segment = memory.allocate(5000, 1);
            long beyond = end == End.FIRST ? segment.address() - 1 : segment.address() + segment.byteSize();
            assertEquals("---p", CodeMemoryTest.protection(beyond));
            assertEquals("rw-p", CodeMemoryTest.protection(segment.address()));
        }
    }
}
