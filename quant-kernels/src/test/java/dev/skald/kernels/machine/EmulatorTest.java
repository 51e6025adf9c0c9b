package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares the emulator with GNU as for the meaning of bytes, and with this machine's processor for the results of instructions, bit
 * for bit. Instructions of 512 bits are compared with those of 256 bits on both halves, and with the processor if it has them. The
 * products of VNNI are compared with their definition.
 */
@Tag("once")
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
            int v = ONE_SOURCE.contains(op) ? 0 : first;
            Mem memory = Mem.at(Gpr.RDI, 128);
            if (op.extension >= 0) {
                a.shift(op, to, second, immediate);
            } else if (immediate >= 0) {
                a.vector(op, to, v, second, immediate);
            } else {
                switch (form) {
                    case REGISTERS, ONE_REGISTER -> a.vector(op, to, v, second);
                    case MEMORY -> a.vector(op, to, v, memory);
                    case REPEATED -> a.vectorBroadcast(op, to, v, memory);
                }
            }
            a.vector(Op.VMOVDQU_STORE, to, 0, Mem.at(Gpr.RSI, 0));
            Abi.leave(a);
            return a.code();
        }
    }

    /** Instructions whose text names two operands instead of three. */
    private static final Set<Op> ONE_SOURCE = AssemblerTest.instructions().stream()
            .filter(i -> i.op() != null
                    && i.operands().stream().filter(o -> !o.matches("-?\\d+")).count() == 2)
            .map(AssemblerTest.Instruction::op)
            .collect(Collectors.toSet());

    /** The special words that float instructions treat differently from all others: zeros, ones, infinities, NaNs. */
    private static final int MOST_SPECIAL = 11;

    private static final int[] SPECIAL = {
        0,
        0x80000000,
        0x3F800000,
        0xBF800000,
        0x7F800000,
        0xFF800000,
        0x7FC00000,
        0xFFC00001,
        0x7FC12345,
        // Signalling NaNs.
        0x7F800001,
        0xFFA54321,
        // Subnormals and the largest.
        1,
        0x80000001,
        0x007FFFFF,
        0x00800000,
        0x7F7FFFFF,
        0xFF7FFFFF,
        // Halves, odd integers plus a half, and the limits of integers.
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
        return Cpu.features(new CodeMemory().install("test", Cpu.code()));
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
            if (op == Op.VMOVDQU_STORE || !(wide ? op.wide() : op.narrow())) {
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
            MemorySegment installed = new CodeMemory().install("test", code);
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
        return cases(true).filter(c -> c.op.narrow());
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

    // What general instructions do.

    private static final List<Gpr> FREE = List.of(
            Gpr.RAX, Gpr.RCX, Gpr.RDX, Gpr.RBX, Gpr.RBP, Gpr.R8, Gpr.R9, Gpr.R10, Gpr.R11, Gpr.R12, Gpr.R13, Gpr.R14,
            Gpr.R15);

    private static final Gpr[] KEPT = {Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15};

    static IntStream seeds() {
        return IntStream.range(0, 100);
    }

    /** Random programs leave the same memory behind on the processor. */
    @ParameterizedTest
    @MethodSource("seeds")
    void runsProgramsAsTheProcessorDoes(int seed) {
        assumeTrue(FEATURES.contains(Cpu.Feature.AVX2), "this processor, or native access");
        Random random = new Random(seed);
        Assembler a = new Assembler(false);
        Abi.enter(a, KEPT);
        for (int i = 0; i < FREE.size(); i++) {
            a.load(FREE.get(i), Mem.at(Gpr.RDI, 8 * i));
        }
        for (int i = 0; i < 60; i++) {
            step(a, random);
        }
        for (int i = 0; i < FREE.size(); i++) {
            a.store(Mem.at(Gpr.RSI, 512 + 8 * i), FREE.get(i));
        }
        Abi.leave(a, KEPT);
        byte[] code = a.code();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(512, 64);
            fill(in, random.nextInt());
            MemorySegment expected = arena.allocate(1024, 64);
            MemorySegment out = arena.allocate(1024, 64);
            Abi.call(new CodeMemory().install("test", code), in, out, out, 0, 0, 0);
            expected.copyFrom(out);
            out.fill((byte) 0);
            new Emulator(code).readable(in).writable(out).call(in, out, out, 0, 0, 0);
            assertEquals(-1, expected.mismatch(out));
        }
    }

    /** Random instructions that keep RDI and RSI and stay within the 512 bytes behind them. */
    private static void step(Assembler a, Random random) {
        List<Gpr> registers = new ArrayList<>(FREE);
        Collections.shuffle(registers, random);
        Gpr x = registers.get(0);
        Gpr y = registers.get(1);
        Gpr z = registers.get(2);
        int number = random.nextInt() >> random.nextInt(32);
        int scale = 1 << random.nextInt(4);
        int index = random.nextInt(20);
        int displacement = random.nextInt(300);
        switch (random.nextInt(19)) {
            case 0 -> a.move(x, y);
            case 1 -> a.move(x, number);
            case 2 -> a.add(x, y);
            case 3 -> a.subtract(x, y);
            case 4 -> a.add(x, number);
            case 5 -> a.subtract(x, number);
            case 6 -> a.and(x, number);
            case 7 -> a.shiftLeft(x, random.nextInt(64));
            case 8 -> a.load(x, Mem.at(Gpr.RDI, displacement));
            case 9 -> {
                a.move(y, index);
                a.load(x, Mem.at(Gpr.RDI, y, scale, displacement));
            }
            case 10 -> {
                a.address(z, Mem.at(Gpr.RDI, displacement));
                a.move(y, -index);
                a.loadShort(x, Mem.at(z, y, scale, 160));
            }
            case 11 -> {
                a.move(z, Gpr.RSI);
                a.store(Mem.at(z, displacement), x);
            }
            case 12 -> {
                a.move(y, index);
                a.storeWord(Mem.at(Gpr.RSI, y, scale, displacement), x);
            }
            case 13 -> {
                a.address(z, Mem.at(Gpr.RSI, 500));
                a.storeShort(Mem.at(z, -displacement), x);
            }
            case 14 -> {
                a.push(x);
                a.push(y);
                a.load(z, Mem.at(Gpr.RSP, 8));
                a.pop(x);
                a.pop(y);
            }
            case 15 -> {
                a.prefetch(Mem.at(x, y, scale, displacement));
                a.load(y, a.constant(HexFormat.of().parseHex("0102030405060708")));
                a.align(16);
            }
            case 16 -> {
                a.move(x, 1 + index);
                Label again = a.here();
                a.add(y, z);
                a.subtract(x, 1);
                a.jump(Condition.NOT_EQUAL, again);
            }
            case 17 -> {
                Label over = new Label();
                a.jump(over);
                a.move(x, 0);
                a.bind(over);
            }
            default -> {
                compare(a, random, x, y, number);
                // The result shows which jumps were taken: it has a bit for each condition.
                for (Condition condition : Condition.values()) {
                    Label over = new Label();
                    a.jump(condition, over);
                    a.address(z, Mem.at(z, 1 << condition.ordinal()));
                    a.bind(over);
                }
            }
        }
    }

    private static void compare(Assembler a, Random random, Gpr x, Gpr y, int number) {
        switch (random.nextInt(8)) {
            case 0 -> a.add(x, y);
            case 1 -> a.subtract(x, number);
            case 2 -> a.and(x, number);
            case 3 -> a.compare(x, x);
            case 4 -> a.compare(x, number);
            case 5 -> {
                a.move(x, number);
                a.compare(x, number + random.nextInt(3) - 1);
            }
            default -> a.compare(x, y);
        }
    }

    @ParameterizedTest
    @EnumSource(Cpu.Feature.class)
    void answersWhatTheProcessorCanDo(Cpu.Feature feature) {
        // Bits of the answers, from the manual's table of CPUID: leaf, subleaf, EAX, EBX, ECX, EDX.
        int[] one = {1, 0, 0, 0, 1 << 12 | 1 << 27 | 1 << 28 | 1 << 29, 0};
        int[] seven = {7, 0, 1, 1 << 5, 0, 0};
        int[] sevenOne = {7, 1, 0, 0, 0, 0};
        Set<Cpu.Feature> expected = EnumSet.of(Cpu.Feature.AVX2, feature);
        switch (feature) {
            case AVX2 -> {}
            case AVX_VNNI -> sevenOne[2] = 1 << 4;
            case AVX512 -> seven[3] |= 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31;
            case AVX512_VNNI -> {
                seven[3] |= 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31;
                seven[4] |= 1 << 11;
                expected.add(Cpu.Feature.AVX512);
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(64);
            new Emulator(Cpu.code())
                    .writable(out)
                    .cpuid(one, seven, sevenOne)
                    .xcr0(0xE7)
                    .call(out, out, out, 0, 0, 0);
            assertEquals(expected, Cpu.features(out.toArray(ValueLayout.JAVA_INT)));
        }
    }

    // What is not allowed.

    static Stream<Arguments> faults() {
        Mem in = Mem.at(Gpr.RDI, 0);
        Mem out = Mem.at(Gpr.RSI, 0);
        return Stream.of(
                fault("read of 32 bytes at", a -> a.vector(Op.VADDPS, 1, 1, in.plus(-1))),
                fault("read of 32 bytes at", a -> a.vector(Op.VADDPS, 1, 1, in.plus(33))),
                fault("read of 32 bytes at", a -> a.vector(Op.VADDPS, 1, 1, in.plus(1 << 20))),
                fault("read of 16 bytes at", a -> a.vector(Op.VCVTPH2PS, 1, 0, in.plus(49))),
                fault("read of 8 bytes at", a -> a.vector(Op.VPMOVZXBD, 1, 0, in.plus(57))),
                fault("read of 16 bytes at", a -> a.vector(Op.VBROADCASTI128, 1, 0, in.plus(49))),
                fault("read of 4 bytes at", a -> a.vector(Op.VPBROADCASTD, 1, 0, in.plus(61))),
                fault("read of 8 bytes at", a -> a.load(Gpr.RAX, in.plus(57))),
                fault("read of 2 bytes at", a -> a.loadShort(Gpr.RAX, in.plus(63))),
                fault("write of 32 bytes at", a -> a.vector(Op.VMOVDQU_STORE, 1, 0, in)),
                fault("write of 32 bytes at", a -> a.vector(Op.VMOVDQU_STORE, 1, 0, out.plus(33))),
                fault("write of 8 bytes at", a -> a.store(out.plus(-8), Gpr.RAX)),
                fault("write of 4 bytes at", a -> a.storeWord(out.plus(61), Gpr.RAX)),
                fault("write of 2 bytes at", a -> a.storeShort(in, Gpr.RAX)),
                fault("read of 8 bytes at", a -> a.load(Gpr.RAX, Mem.at(Gpr.RSP, 8))),
                fault("write of 8 bytes at", a -> {
                    Label again = a.here();
                    a.push(Gpr.RAX);
                    a.jump(again);
                }),
                fault("no return address", a -> a.push(Gpr.RAX)),
                fault("not balanced", a -> {
                    a.load(Gpr.RAX, Mem.at(Gpr.RSP, 0));
                    a.push(Gpr.RAX);
                }),
                fault("its caller's rbx", a -> a.move(Gpr.RBX, 1)),
                fault("its caller's r15", a -> {
                    a.pop(Gpr.R15);
                    a.push(Gpr.R15);
                }),
                fault("without vzeroupper", a -> a.zero(1)),
                fault("flags", a -> a.jump(Condition.EQUAL, a.here())),
                fault("flags", a -> {
                    a.add(Gpr.RAX, 1);
                    a.shiftLeft(Gpr.RAX, 1);
                    a.jump(Condition.EQUAL, a.here());
                }),
                fault("runs for 2000 instructions", a -> a.jump(a.here())));
    }

    private static Arguments fault(String message, Consumer<Assembler> emitter) {
        return Arguments.of(message, emitter);
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("faults")
    void refusesCodeThatDoesWrong(String message, Consumer<Assembler> emitter) {
        Assembler a = new Assembler(false);
        emitter.accept(a);
        a.ret();
        try (Arena arena = Arena.ofConfined()) {
            // Memory between the segments that the code may not touch.
            MemorySegment all = arena.allocate(320, 64);
            Emulator emulator = new Emulator(a.code())
                    .readable(all.asSlice(64, 64))
                    .writable(all.asSlice(192, 64))
                    .atMost(2000);
            long in = all.address() + 64;
            Emulator.Fault fault = assertThrows(Emulator.Fault.class, () -> emulator.call(in, in + 128));
            assertTrue(fault.getMessage().contains(message), fault.getMessage());
        }
    }

    static Stream<Arguments> unknown() {
        return Stream.of(
                Arguments.of("ud2", "0f0b"),
                Arguments.of("int3", "cc"),
                Arguments.of("addps xmm0, xmm1", "0f58c1"),
                Arguments.of("mov al, 1", "b001"),
                Arguments.of("mov rax, fs:[rcx]", "64488b01"),
                Arguments.of("call rax", "ffd0"),
                Arguments.of("jp", "0f8a00000000"),
                Arguments.of("add eax, ecx", "01c8"),
                Arguments.of("xor rax, 1", "4883f001"),
                Arguments.of("mov rcx, qword ptr [0x1000]", "488b0c2500100000"),
                Arguments.of("vaddps xmm0, xmm1, xmm2", "c5f058c2"),
                Arguments.of("vaddpd ymm0, ymm1, ymm2", "c5f558c2"),
                Arguments.of("vfmadd231pd ymm0, ymm1, ymm2", "c4e2f5b8c2"),
                Arguments.of("vaddps zmm0{k1}, zmm1, zmm2", "62f1744958c2"),
                Arguments.of("vaddps zmm0{k1}{z}, zmm1, zmm2", "62f174c958c2"),
                Arguments.of("vaddps zmm0, zmm1, zmm2{rn-sae}", "62f1741858c2"),
                Arguments.of("vaddpd zmm0, zmm1, zmm2", "62f1f54858c2"),
                Arguments.of("vaddps ymm16, ymm1, ymm2", "62e1742858c2"),
                Arguments.of("vpermd zmm0, zmm1, zmm2", "62f2754836c2"),
                Arguments.of("vpmaddwd zmm0, zmm1, dword ptr [rax]{1to16}", "62f17558f500"),
                Arguments.of("vperm2f128 of 512 bits", "62f3754806c200"),
                Arguments.of("vcvtdq2ps ymm0, ymm2 with vvvv = 1", "c5f45bc2"),
                Arguments.of("vcvtdq2ps zmm0, zmm2 with vvvv = 16", "62f17c405bc2"),
                Arguments.of("vbroadcasti128 of a register", "c4e27d5ac2"),
                Arguments.of("vpaddd with VEX.X of a register", "c4a175fec2"),
                Arguments.of("EVEX with a reserved bit", "62f9744858c2"),
                Arguments.of("half an instruction", "c5f4"),
                Arguments.of("nop and nothing behind", "90"),
                Arguments.of("jmp to before the code", "e9f0ffffff"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unknown")
    void refusesWhatNoKernelUses(String name, String bytes) {
        Emulator emulator = new Emulator(HexFormat.of().parseHex(bytes));
        assertThrows(Emulator.Fault.class, emulator::call);
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

    /** A new mix of special values, random bits and random floats; some lanes have only the most special values. */
    private static void fill(MemorySegment in, int seed) {
        Random random = new Random(seed);
        int special = random.nextInt() & random.nextInt();
        for (int i = 0; i < in.byteSize() / 4; i++) {
            boolean most = (special >> i % 16 & 1) != 0;
            int word = switch (most ? 0 : random.nextInt(4)) {
                case 0, 1 -> SPECIAL[random.nextInt(most ? MOST_SPECIAL : SPECIAL.length)];
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
