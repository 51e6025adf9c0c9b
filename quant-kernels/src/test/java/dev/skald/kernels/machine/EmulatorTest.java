package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Mem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The emulator against GNU as for what bytes mean, and against this machine's processor for what instructions do, bit for
 * bit. Instructions of 512 bits are compared with those of 256 bits on both halves, and where the processor has them with
 * the processor; the products of VNNI with their definition.
 */
class EmulatorTest {
    /** How the instruction under test gets its operands. */
    enum Form {
        REGISTERS,
        /** All operands are one register. */
        ONE_REGISTER,
        MEMORY,
        /** A word of memory, repeated. */
        REPEATED
    }

    /** An instruction under test. */
    record Case(Op op, Form form, int immediate, boolean wide) {
        @Override
        public String toString() {
            return op + " " + form + (immediate < 0 ? "" : " " + immediate) + (wide ? " 512" : " 256");
        }

        Set<Cpu.Feature> needs() {
            boolean vnni = op == Op.VPDPWSSD || op == Op.VPDPBUSD;
            if (wide) {
                return vnni ? Set.of(Cpu.Feature.AVX512, Cpu.Feature.AVX512_VNNI) : Set.of(Cpu.Feature.AVX512);
            }
            return vnni ? Set.of(Cpu.Feature.AVX2, Cpu.Feature.AVX_VNNI) : Set.of(Cpu.Feature.AVX2);
        }

        /** The function (in, out): the destination's old value and two sources, 64 bytes each; out is the destination. */
        byte[] code(Random random) {
            Assembler a = new Assembler(wide);
            List<Integer> registers = new ArrayList<>();
            for (int i = 0; i < a.vectors(); i++) {
                registers.add(i);
            }
            Collections.shuffle(registers, random);
            int to = registers.get(0);
            int first = form == Form.ONE_REGISTER ? to : registers.get(1);
            int second = form == Form.ONE_REGISTER ? to : registers.get(2);
            a.vector(Op.VMOVDQU, to, 0, Mem.at(Gpr.RDI, 0));
            a.vector(Op.VMOVDQU, first, 0, Mem.at(Gpr.RDI, 64));
            a.vector(Op.VMOVDQU, second, 0, Mem.at(Gpr.RDI, 128));
            int unused = ONE_SOURCE.contains(op) ? 0 : first;
            Mem memory = Mem.at(Gpr.RDI, 128);
            if (op.extension >= 0) {
                a.shift(op, to, second, immediate);
            } else if (immediate >= 0) {
                a.vector(op, to, unused, second, immediate);
            } else {
                switch (form) {
                    case REGISTERS, ONE_REGISTER -> a.vector(op, to, unused, second);
                    case MEMORY -> a.vector(op, to, unused, memory);
                    case REPEATED -> a.vectorBroadcast(op, to, unused, memory);
                }
            }
            a.vector(Op.VMOVDQU_STORE, to, 0, Mem.at(Gpr.RSI, 0));
            Abi.leave(a);
            return a.code();
        }
    }

    private static final Set<Op> ONE_SOURCE = Set.of(
            Op.VMOVDQU,
            Op.VPBROADCASTD,
            Op.VBROADCASTI128,
            Op.VPMOVZXBD,
            Op.VPMOVSXBD,
            Op.VPMOVZXWD,
            Op.VPMOVSXWD,
            Op.VCVTDQ2PS,
            Op.VCVTPS2DQ,
            Op.VCVTTPS2DQ,
            Op.VCVTPH2PS,
            Op.VPERMILPS);

    private static final int[] SPECIAL = {
        0,
        0x80000000,
        1,
        0x80000001,
        0x007FFFFF,
        0x00800000,
        0x3F800000,
        0xBF800000,
        0x7F7FFFFF,
        0xFF7FFFFF,
        0x7F800000,
        0xFF800000,
        0x7FC00000,
        0xFFC00001,
        0x7FC12345,
        // Signalling NaNs.
        0x7F800001,
        0xFFA54321,
        // Halves, odd integers and a half, and what integers can just hold.
        0x3F000000,
        0x3FC00000,
        0x40200000,
        0xC0200000,
        0x4AFFFFFF,
        0x4EFFFFFF,
        0x4F000000,
        0xCF000000,
        0xCF000001,
        // Pairs of halves: infinity, NaNs, subnormals, the largest.
        0x7C00FC00,
        0x7C01FE00,
        0x7E558001,
        0x000103FF,
        0x83FF0400,
        0x7BFFFBFF,
        // Pairs of 16 bits and bytes: the smallest and the largest.
        0x80008000,
        0x7FFF7FFF,
        0x80007FFF,
        0xFFFFFFFF,
        0x7F7F7F7F,
        0x80808080,
        0xFF80807F
    };

    private static final Set<Cpu.Feature> FEATURES = features();

    private static Set<Cpu.Feature> features() {
        if (!Abi.known() || !EmulatorTest.class.getModule().isNativeAccessEnabled()) {
            return Set.of();
        }
        return Cpu.features(new CodeMemory().install(Cpu.code()));
    }

    // What bytes mean.

    @ParameterizedTest
    @MethodSource("dev.skald.kernels.machine.AssemblerTest#instructions")
    void readsBytesOfGnuAsAsTheirText(AssemblerTest.Instruction instruction) {
        Emulator emulator = new Emulator(HexFormat.of().parseHex(instruction.bytes()));
        assertEquals(instruction.text().replaceFirst("^\\{.*?} ", ""), emulator.text(0));
    }

    // What vector instructions do.

    static Stream<Case> cases(boolean wide) {
        List<Case> cases = new ArrayList<>();
        for (Op op : Op.values()) {
            if (op == Op.VMOVDQU_STORE || wide && !op.wide()) {
                continue;
            }
            if (op.extension >= 0) {
                for (int bits : new int[] {0, 1, 4, 7, 8, 15, 16, 17, 31, 32, 63, 255}) {
                    cases.add(new Case(op, Form.REGISTERS, bits, wide));
                }
                cases.add(new Case(op, Form.ONE_REGISTER, 3, wide));
            } else if (op.map == 3) {
                for (int immediate : new int[] {0, 0x01, 0x12, 0x20, 0x31, 0x13, 0x08, 0x80, 0x1B, 0x4E, 0xB1, 0xFF}) {
                    cases.add(new Case(op, Form.REGISTERS, immediate, wide));
                }
                cases.add(new Case(op, Form.ONE_REGISTER, 0x21, wide));
            } else {
                cases.add(new Case(op, Form.MEMORY, -1, wide));
                if (op != Op.VBROADCASTI128) {
                    cases.add(new Case(op, Form.REGISTERS, -1, wide));
                    cases.add(new Case(op, Form.ONE_REGISTER, -1, wide));
                }
                if (wide && op.repeats()) {
                    cases.add(new Case(op, Form.REPEATED, -1, true));
                }
            }
        }
        return cases.stream();
    }

    static Stream<Case> all() {
        return Stream.concat(cases(false), cases(true));
    }

    /** Every instruction that this machine's processor has. */
    @ParameterizedTest
    @MethodSource("all")
    void doesWhatTheProcessorDoes(Case c) {
        assumeTrue(FEATURES.containsAll(c.needs()), "this processor, or native access");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(192, 64);
            MemorySegment out = arena.allocate(64, 64);
            byte[] code = c.code(new Random(c.toString().hashCode()));
            MemorySegment installed = new CodeMemory().install(code);
            Emulator emulator = new Emulator(code).readable(in).writable(out);
            for (int i = 0; i < 400; i++) {
                fill(in, i);
                Abi.call(installed, in, out, out, 0, 0, 0);
                int[] expected = out.toArray(ValueLayout.JAVA_INT);
                out.fill((byte) 0);
                emulator.call(in, out, out, 0, 0, 0);
                assertWords(expected, out.toArray(ValueLayout.JAVA_INT), in, i);
            }
            assertEquals(c.needs(), emulator.needs());
        }
    }

    /** 512 bits are 256 bits twice: no instruction moves anything between the halves. */
    @ParameterizedTest
    @MethodSource("wideCases")
    void doesWith512BitsWhat256BitsDoTwice(Case c) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(192, 64);
            MemorySegment out = arena.allocate(64, 64);
            MemorySegment half = arena.allocate(192, 64);
            MemorySegment halfOut = arena.allocate(64, 64);
            Emulator wide = new Emulator(c.code(new Random(c.toString().hashCode())))
                    .readable(in)
                    .writable(out);
            Form form = c.form == Form.REPEATED ? Form.MEMORY : c.form;
            Emulator narrow = new Emulator(new Case(c.op, form, c.immediate, false).code(new Random(1)))
                    .readable(half)
                    .writable(halfOut);
            for (int i = 0; i < 200; i++) {
                fill(in, i);
                wide.call(in, out, out, 0, 0, 0);
                assertEquals(c.needs(), wide.needs());
                if (c.form == Form.REPEATED) {
                    for (int k = 1; k < 16; k++) {
                        in.setAtIndex(ValueLayout.JAVA_INT, 32 + k, in.getAtIndex(ValueLayout.JAVA_INT, 32));
                    }
                }
                int[] expected = new int[16];
                for (int h = 0; h < 2; h++) {
                    MemorySegment.copy(in, 32 * h, half, 0, 32);
                    MemorySegment.copy(in, 64 + 32 * h, half, 64, 32);
                    boolean one = c.op.operand == Op.Operand.SIXTEEN || c.op.operand == Op.Operand.WORD;
                    int from = one ? 0 : h * c.op.operand.bytes(32);
                    MemorySegment.copy(in, 128 + from, half, 128, 32);
                    narrow.call(half, halfOut, halfOut, 0, 0, 0);
                    MemorySegment.copy(halfOut, ValueLayout.JAVA_INT, 0, expected, 8 * h, 8);
                }
                assertWords(expected, out.toArray(ValueLayout.JAVA_INT), in, i);
            }
        }
    }

    static Stream<Case> wideCases() {
        return cases(true);
    }

    /** Instructions that this machine may not have. */
    static Stream<Case> products() {
        return all().filter(c -> c.op == Op.VPDPWSSD || c.op == Op.VPDPBUSD);
    }

    @ParameterizedTest
    @MethodSource("products")
    void addsProductsAsTheyAreDefined(Case c) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(192, 64);
            MemorySegment out = arena.allocate(64, 64);
            Emulator emulator = new Emulator(c.code(new Random(c.toString().hashCode())))
                    .readable(in)
                    .writable(out);
            for (int i = 0; i < 400; i++) {
                fill(in, i);
                emulator.call(in, out, out, 0, 0, 0);
                int[] expected = new int[16];
                for (int lane = 0; lane < (c.wide ? 16 : 8); lane++) {
                    boolean one = c.form == Form.ONE_REGISTER;
                    long d = (one ? 128 : 0) + 4L * lane;
                    long a = (one ? 128 : 64) + 4L * lane;
                    long b = 128 + (c.form == Form.REPEATED ? 0 : 4L * lane);
                    int sum = in.get(ValueLayout.JAVA_INT, d);
                    if (c.op == Op.VPDPWSSD) {
                        for (int k = 0; k < 4; k += 2) {
                            sum += in.get(ValueLayout.JAVA_SHORT, a + k) * in.get(ValueLayout.JAVA_SHORT, b + k);
                        }
                    } else {
                        for (int k = 0; k < 4; k++) {
                            sum += Byte.toUnsignedInt(in.get(ValueLayout.JAVA_BYTE, a + k))
                                    * in.get(ValueLayout.JAVA_BYTE, b + k);
                        }
                    }
                    expected[lane] = sum;
                }
                assertWords(expected, out.toArray(ValueLayout.JAVA_INT), in, i);
            }
        }
    }

    /** The example of the manual's own kind: sums that saturate, or would. */
    @Test
    void instructionsOf256BitsSetTheUpperHalfToZero() {
        Assembler wide = new Assembler(true);
        wide.vector(Op.VMOVDQU, 5, 0, Mem.at(Gpr.RDI, 0));
        Assembler narrow = new Assembler(false);
        narrow.vector(Op.VPADDD, 5, 5, 5);
        Assembler end = new Assembler(true);
        end.vector(Op.VMOVDQU_STORE, 5, 0, Mem.at(Gpr.RSI, 0));
        Abi.leave(end);
        byte[] code = join(wide.code(), narrow.code(), end.code());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(64, 64);
            MemorySegment out = arena.allocate(64, 64);
            in.fill((byte) 1);
            new Emulator(code).readable(in).writable(out).call(in, out, out, 0, 0, 0);
            int[] expected = new int[16];
            Arrays.fill(expected, 0, 8, 0x02020202);
            assertArrayEquals(expected, out.toArray(ValueLayout.JAVA_INT));
        }
    }

    private static byte[] join(byte[]... parts) {
        byte[] all = new byte[0];
        for (byte[] part : parts) {
            int size = all.length;
            all = Arrays.copyOf(all, size + part.length);
            System.arraycopy(part, 0, all, size, part.length);
        }
        return all;
    }

    /** Special values, random bits and random floats, mixed differently each time. */
    private static void fill(MemorySegment in, int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < in.byteSize() / 4; i++) {
            int word = switch (random.nextInt(4)) {
                case 0, 1 -> SPECIAL[random.nextInt(SPECIAL.length)];
                case 2 -> random.nextInt();
                default ->
                    Float.floatToRawIntBits((float) random.nextGaussian() * Math.scalb(1f, random.nextInt(60) - 30));
            };
            in.setAtIndex(ValueLayout.JAVA_INT, i, word);
        }
    }

    private static void assertWords(int[] expected, int[] actual, MemorySegment in, int seed) {
        for (int lane = 0; lane < expected.length; lane++) {
            if (expected[lane] != actual[lane]) {
                throw new AssertionError(
                        "lane %d of inputs %d: expected %08x, but was %08x; destination %08x, sources %08x and %08x"
                                .formatted(
                                        lane,
                                        seed,
                                        expected[lane],
                                        actual[lane],
                                        in.getAtIndex(ValueLayout.JAVA_INT, lane),
                                        in.getAtIndex(ValueLayout.JAVA_INT, 16 + lane),
                                        in.getAtIndex(ValueLayout.JAVA_INT, 32 + lane)));
            }
        }
    }
}
