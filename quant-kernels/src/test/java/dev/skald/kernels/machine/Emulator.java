package dev.skald.kernels.machine;

import dev.skald.kernels.machine.VectorInstruction.Form;
import dev.skald.kernels.machine.VectorInstruction.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Runs the kernels' machine code instruction by instruction, so that code for any processor can be tested on every machine. It knows
 * the instructions that {@link Assembler} can emit, and no others. It was written after volume 2 of Intel's Software Developer's
 * Manual (chapter 2: prefixes, ModRM, SIB, VEX, EVEX) and independently of the assembler, so that it finds wrong encodings.
 *
 * <p>Code may access only the memory segments that it was given; any other access is a {@link Fault}. A fault is also a register of
 * the caller that is not preserved, a stack that is not balanced, a jump that depends on flags which nothing has set, and a return
 * with the upper halves of vectors in use.
 */
final class Emulator {
    /** The code did something forbidden; the message says what and where. */
    static final class Fault extends AssertionError {
        private static final long serialVersionUID = 1;

        Fault(String message) {
            super(message);
        }
    }

    private record Range(MemorySegment segment, boolean writable) {
        boolean has(long address, long bytes) {
            long offset = address - segment.address();
            return offset >= 0 && offset <= segment.byteSize() - bytes;
        }

        @Override
        public String toString() {
            return "%s %#x to %#x"
                    .formatted(
                            writable ? "writable" : "readable",
                            segment.address(),
                            segment.address() + segment.byteSize());
        }
    }

    private record Instruction(String text, int end, Runnable action) {}

    /** An operand: register, or memory at base + (index << shift) + displacement. */
    private record Operand(int register, int base, int index, int shift, int displacement) {
        boolean isMemory() {
            return register < 0;
        }

        @Override
        public String toString() {
            String sum = base == RIP ? "rip" : NAMES.get(base);
            sum += index < 0 ? "" : "+" + NAMES.get(index) + "*" + (1 << shift);
            return "[" + sum + (displacement == 0 ? "" : "%+d".formatted(displacement)) + "]";
        }
    }

    private static final List<String> NAMES = List.of(
            "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
            "r15");
    private static final List<String> CONDITIONS =
            List.of("o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g");
    private static final List<String> ARITHMETIC = List.of("add", "or", "adc", "sbb", "and", "sub", "xor", "cmp");

    /** The opcode maps, by their numbers in VEX and EVEX, and named as the manual writes them. */
    private static final List<String> PREFIXES = List.of("NP", "66", "F3", "F2");

    private static final List<String> MAPS = List.of("0F", "0F38", "0F3A");

    private static final int ADD = 0;
    private static final int AND = 4;
    private static final int SUB = 5;
    private static final int CMP = 7;

    private static final int RAX = 0;
    private static final int RCX = 1;
    private static final int RDX = 2;
    private static final int RBX = 3;
    private static final int RSP = 4;
    private static final int RIP = 16;

    /** RDI, RSI, RDX, RCX, R8, R9. */
    private static final int[] ARGUMENTS = {7, 6, 2, 1, 8, 9};

    /** RBX, RBP and R12 to R15. */
    private static final int[] KEPT = {3, 5, 12, 13, 14, 15};

    private static final long RETURN = 0x5AFE_5AFE_5AFE_5AFEL;

    private final byte[] code;
    private final Instruction[] decoded;
    private final MemorySegment codeMemory;
    private final MemorySegment stack;
    private final List<Range> ranges = new ArrayList<>();
    private final Set<Cpu.Feature> needs = EnumSet.noneOf(Cpu.Feature.class);

    private final long[] registers = new long[16];
    private final int[][] vectors = new int[32][16];
    private boolean carry;
    private boolean zero;
    private boolean sign;
    private boolean overflow;
    private boolean flagsKnown;
    private boolean uppersInUse;
    private boolean returned;
    private long steps;

    /** The places where the current instruction and the next one begin. */
    private int at;

    private int next;

    /** Longer code hangs. */
    private long most = 1_000_000_000;

    private int[][] cpuid = {};
    private long xcr0;

    Emulator(byte[] code) {
        this.code = code.clone();
        decoded = new Instruction[code.length];
        // The memory of these lives as long as the emulator.
        codeMemory = Arena.ofAuto().allocate(Math.max(code.length, 1), 64);
        MemorySegment.copy(code, 0, codeMemory, ValueLayout.JAVA_BYTE, 0, code.length);
        stack = Arena.ofAuto().allocate(4096, 16);
        readable(codeMemory);
        writable(stack);
    }

    /** Memory that the code may read. One access must lie in one segment. */
    Emulator readable(MemorySegment segment) {
        return add(segment, false);
    }

    /** Memory that the code may read and write. */
    Emulator writable(MemorySegment segment) {
        return add(segment, true);
    }

    private Emulator add(MemorySegment segment, boolean writable) {
        if (!segment.isNative() || writable && segment.isReadOnly()) {
            throw new IllegalArgumentException("code cannot " + (writable ? "write to " : "read ") + segment);
        }
        ranges.add(new Range(segment, writable));
        return this;
    }

    /** What CPUID says: four words for leaf and subleaf, {@code words[i] = {leaf, subleaf, eax, ebx, ecx, edx}}; else zeros. */
    Emulator cpuid(int[]... words) {
        cpuid = words;
        return this;
    }

    /** What XGETBV says. */
    Emulator xcr0(long bits) {
        xcr0 = bits;
        return this;
    }

    /** How many instructions a call may take. */
    Emulator atMost(long instructions) {
        most = instructions;
        return this;
    }

    /** Returns the processor features that the executed vector instructions need. */
    Set<Cpu.Feature> needs() {
        return needs;
    }

    /** How many instructions ran. */
    long steps() {
        return steps;
    }

    /** Calls the code as {@link Abi#call} does. */
    void call(MemorySegment a, MemorySegment b, MemorySegment c, long d, long e, long f) {
        call(a.address(), b.address(), c.address(), d, e, f);
    }

    /** Calls the code with up to six arguments. Other registers have different contents at each call. */
    void call(long... arguments) {
        Random random = new Random(steps);
        Arrays.setAll(registers, i -> random.nextLong());
        for (int[] vector : vectors) {
            Arrays.setAll(vector, i -> random.nextInt());
        }
        stack.fill((byte) 0xA5);
        for (int i = 0; i < arguments.length; i++) {
            registers[ARGUMENTS[i]] = arguments[i];
        }
        // Before the return address is pushed, RSP is a multiple of 16.
        registers[RSP] = stack.address() + stack.byteSize();
        long[] before = registers.clone();
        push(RETURN);
        flagsKnown = false;
        uppersInUse = false;
        returned = false;
        next = 0;
        long end = steps + most;
        while (!returned) {
            at = next;
            Instruction instruction = at >= 0 && at < code.length && decoded[at] != null ? decoded[at] : decode(at);
            next = instruction.end;
            instruction.action.run();
            if (++steps == end) {
                throw fault("runs for " + most + " instructions");
            }
        }
        check(registers[RSP] == before[RSP], "returns with a stack that is not balanced");
        for (int kept : KEPT) {
            check(registers[kept] == before[kept], "returns without its caller's " + NAMES.get(kept));
        }
        check(!uppersInUse, "returns without vzeroupper");
    }

    /** The instruction that begins at a place in the code, in the syntax of Intel. */
    String text(int place) {
        at = place;
        return decode(place).text;
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            throw fault(otherwise);
        }
    }

    private Fault fault(String what) {
        boolean known = at >= 0 && at < code.length && decoded[at] != null;
        int end = known ? decoded[at].end : Math.clamp(next, Math.max(0, at), code.length);
        String bytes = at >= 0 && at < code.length ? HexFormat.of().formatHex(code, at, end) : "outside the code";
        return new Fault("%s: %s at %#x (%s), instruction %d"
                .formatted(what, known ? decoded[at].text : "what is", at, bytes, steps));
    }

    // Memory.

    private MemorySegment memory(long address, long bytes, boolean write) {
        for (Range range : ranges) {
            if (range.has(address, bytes) && (range.writable || !write)) {
                return range.segment.asSlice(address - range.segment.address(), bytes);
            }
        }
        throw fault("access outside: %s of %d bytes at %#x, but there are %s"
                .formatted(write ? "write" : "read", bytes, address, ranges));
    }

    private long load(Operand from, int bytes) {
        MemorySegment memory = memory(address(from), bytes, false);
        return switch (bytes) {
            case 8 -> memory.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
            case 4 -> memory.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
            default -> memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, 0);
        };
    }

    private void store(Operand to, int bytes, long value) {
        MemorySegment memory = memory(address(to), bytes, true);
        switch (bytes) {
            case 8 -> memory.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
            case 4 -> memory.set(ValueLayout.JAVA_INT_UNALIGNED, 0, (int) value);
            case 1 -> memory.set(ValueLayout.JAVA_BYTE, 0, (byte) value);
            default -> memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) value);
        }
    }

    private long address(Operand m) {
        long base = m.base == RIP ? codeMemory.address() + next : registers[m.base];
        return base + (m.index < 0 ? 0 : registers[m.index] << m.shift) + m.displacement;
    }

    private void push(long value) {
        registers[RSP] -= 8;
        memory(registers[RSP], 8, true).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    }

    private long pop() {
        long value = memory(registers[RSP], 8, false).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        registers[RSP] += 8;
        return value;
    }

    // Bytes of an instruction.

    private int unsigned() {
        return signed() & 255;
    }

    private int signed() {
        if (next < 0 || next >= code.length) {
            throw fault("runs off the code");
        }
        return code[next++];
    }

    private int word() {
        int word = 0;
        for (int i = 0; i < 4; i++) {
            word |= unsigned() << 8 * i;
        }
        return word;
    }

    /** ModRM, SIB and displacement, of which the bits above the lower three come from prefixes. */
    private Operand operand(int modrm, int b, int x, int unit) {
        int mod = modrm >> 6;
        int rm = modrm & 7;
        if (mod == 3) {
            return new Operand(rm | b << 3 | x << 4, -1, -1, 0, 0);
        }
        if (mod == 0 && rm == 5) {
            return new Operand(-1, RIP, -1, 0, word());
        }
        int index = -1;
        int shift = 0;
        if (rm == 4) {
            int sib = unsigned();
            rm = sib & 7;
            index = sib >> 3 & 7 | x << 3;
            index = index == 4 ? -1 : index;
            shift = sib >> 6;
            check(mod != 0 || rm != 5, "an address without base");
        }
        int displacement = mod == 0 ? 0 : mod == 1 ? signed() * unit : word();
        return new Operand(-1, rm | b << 3, index, shift, displacement);
    }

    private Instruction decode(int place) {
        next = place;
        int first = unsigned();
        Instruction instruction = switch (first) {
            case 0xC4, 0xC5 -> vex(first);
            case 0x62 -> evex();
            default -> general(first);
        };
        decoded[place] = instruction;
        return instruction;
    }

    // General instructions.

    private Instruction general(int first) {
        boolean sixteen = first == 0x66;
        int opcode = sixteen ? unsigned() : first;
        int rex = opcode >> 4 == 4 ? opcode : 0;
        opcode = rex != 0 ? unsigned() : opcode;
        int r = rex >> 2 & 1;
        int x = rex >> 1 & 1;
        int b = rex & 1;
        int bytes = (rex & 8) != 0 ? 8 : sixteen ? 2 : 4;
        int low = opcode & 7 | b << 3;
        check(!sixteen || opcode == 0x89, "unknown instruction of 16 bits");
        switch (opcode) {
            case 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57 -> {
                return instruction("push " + NAMES.get(low), () -> push(registers[low]));
            }
            case 0x58, 0x59, 0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x5F -> {
                return instruction("pop " + NAMES.get(low), () -> registers[low] = pop());
            }
            case 0x90 -> {
                return instruction("nop", () -> {});
            }
            case 0xC3 -> {
                return instruction("ret", () -> {
                    check(pop() == RETURN, "returns to what is no return address");
                    returned = true;
                });
            }
            case 0xE9 -> {
                return jump("jmp", word(), () -> true);
            }
            case 0x0F -> {
                return generalOf0F(unsigned(), r, x, b);
            }
            default -> {}
        }
        int modrm = unsigned();
        int reg = modrm >> 3 & 7 | r << 3;
        int extension = modrm >> 3 & 7;
        Operand rm = operand(modrm, b, x, 1);
        switch (opcode) {
            case 0x01, 0x21, 0x29, 0x39 -> {
                if (bytes == 8 && !rm.isMemory()) {
                    return arithmetic(opcode >> 3, rm.register, name(reg, 8), () -> registers[reg]);
                }
            }
            case 0x81, 0x83 -> {
                if (bytes == 8 && !rm.isMemory()) {
                    int immediate = opcode == 0x81 ? word() : signed();
                    return arithmetic(extension, rm.register, "" + immediate, () -> immediate);
                }
            }
            case 0x88 -> {
                // The lowest bytes of RAX to RBX: others would need a prefix.
                if (rm.isMemory() && reg < 4) {
                    return instruction("mov " + name(rm, 1) + ", " + name(reg, 1), () -> store(rm, 1, registers[reg]));
                }
            }
            case 0x89 -> {
                String text = "mov " + name(rm, bytes) + ", " + name(reg, bytes);
                if (rm.isMemory()) {
                    return instruction(text, () -> store(rm, bytes, registers[reg]));
                }
                if (bytes == 8) {
                    return instruction(text, () -> registers[rm.register] = registers[reg]);
                }
            }
            case 0x8B -> {
                if (bytes == 8 && rm.isMemory()) {
                    return instruction("mov " + name(reg, 8) + ", " + name(rm, 8), () -> registers[reg] = load(rm, 8));
                }
                if (bytes == 4 && rm.isMemory()) {
                    return instruction(
                            "mov " + name(reg, 4) + ", " + name(rm, 4),
                            () -> registers[reg] = load(rm, 4) & 0xFFFFFFFFL);
                }
            }
            case 0x8D -> {
                if (bytes == 8 && rm.isMemory()) {
                    return instruction("lea " + name(reg, 8) + ", " + rm, () -> registers[reg] = address(rm));
                }
            }
            case 0xC1 -> {
                if (bytes == 8 && !rm.isMemory() && extension == 4) {
                    int bits = unsigned();
                    return instruction("shl " + name(rm, 8) + ", " + bits, () -> {
                        registers[rm.register] <<= bits & 63;
                        flagsKnown = false;
                    });
                }
            }
            case 0xC7 -> {
                if (bytes == 8 && !rm.isMemory() && extension == 0) {
                    int immediate = word();
                    return instruction(
                            "mov " + name(rm, 8) + ", " + immediate, () -> registers[rm.register] = immediate);
                }
            }
            default -> {}
        }
        throw unknown();
    }

    private Instruction generalOf0F(int opcode, int r, int x, int b) {
        if (opcode >> 4 == 8) {
            int condition = opcode & 15;
            check(condition >> 1 != 5, "a jump by parity");
            return jump("j" + CONDITIONS.get(condition), word(), () -> holds(condition));
        }
        if (opcode == 0xA2) {
            return instruction("cpuid", this::cpuid);
        }
        int modrm = unsigned();
        if (opcode == 0x01 && modrm == 0xD0) {
            return instruction("xgetbv", () -> {
                check((int) registers[RCX] == 0, "asks for an extended control register that there is not");
                registers[RAX] = xcr0 & 0xFFFFFFFFL;
                registers[RDX] = xcr0 >>> 32;
            });
        }
        int reg = modrm >> 3 & 7 | r << 3;
        Operand rm = operand(modrm, b, x, 1);
        if (opcode == 0xB7 && rm.isMemory()) {
            return instruction(
                    "movzx " + name(reg, 4) + ", " + name(rm, 2), () -> registers[reg] = load(rm, 2) & 0xFFFF);
        }
        if (opcode == 0x18 && rm.isMemory() && (reg & 7) == 1) {
            return instruction("prefetcht0 " + name(rm, 1), () -> {});
        }
        throw unknown();
    }

    private void cpuid() {
        int[] words = Arrays.stream(cpuid)
                .filter(w -> w[0] == (int) registers[RAX] && w[1] == (int) registers[RCX])
                .findAny()
                .orElse(new int[6]);
        registers[RAX] = words[2] & 0xFFFFFFFFL;
        registers[RBX] = words[3] & 0xFFFFFFFFL;
        registers[RCX] = words[4] & 0xFFFFFFFFL;
        registers[RDX] = words[5] & 0xFFFFFFFFL;
    }

    private Instruction jump(String name, int distance, BooleanSupplier condition) {
        int target = next + distance;
        return instruction(name + " " + target, () -> {
            if (condition.getAsBoolean()) {
                next = target;
            }
        });
    }

    private boolean holds(int condition) {
        check(flagsKnown, "jumps by flags that nothing has set");
        boolean positive = switch (condition >> 1) {
            case 0 -> overflow;
            case 1 -> carry;
            case 2 -> zero;
            case 3 -> carry || zero;
            case 4 -> sign;
            case 6 -> sign != overflow;
            default -> zero || sign != overflow;
        };
        return positive != ((condition & 1) == 1);
    }

    private Instruction arithmetic(int operation, int to, String other, LongSupplier operand) {
        check(operation == ADD || operation == AND || operation == SUB || operation == CMP, "unknown instruction");
        return instruction(ARITHMETIC.get(operation) + " " + name(to, 8) + ", " + other, () -> {
            long a = registers[to];
            long b = operand.getAsLong();
            long result = operation == ADD ? a + b : operation == AND ? a & b : a - b;
            zero = result == 0;
            sign = result < 0;
            carry = operation == ADD
                    ? Long.compareUnsigned(result, a) < 0
                    : operation != AND && Long.compareUnsigned(a, b) < 0;
            overflow = operation == ADD
                    ? ((a ^ result) & (b ^ result)) < 0
                    : operation != AND && ((a ^ b) & (a ^ result)) < 0;
            flagsKnown = true;
            if (operation != CMP) {
                registers[to] = result;
            }
        });
    }

    private Instruction instruction(String text, Runnable action) {
        return new Instruction(text, next, action);
    }

    private Fault unknown() {
        return fault("unknown instruction");
    }

    private static String name(int register, int bytes) {
        String full = NAMES.get(register);
        return switch (bytes) {
            case 8 -> full;
            case 4 -> register < 8 ? "e" + full.substring(1) : full + "d";
            case 1 -> full.substring(1, 2) + "l";
            default -> register < 8 ? full.substring(1) : full + "w";
        };
    }

    private static String name(Operand operand, int bytes) {
        if (!operand.isMemory()) {
            return name(operand.register, bytes);
        }
        String size = switch (bytes) {
            case 1 -> "byte";
            case 2 -> "word";
            case 4 -> "dword";
            case 8 -> "qword";
            case 16 -> "xmmword";
            case 32 -> "ymmword";
            default -> "zmmword";
        };
        return size + " ptr " + operand;
    }

    // Vector instructions.

    private Instruction vex(int first) {
        int second = unsigned();
        int r = ~second >> 7 & 1;
        int x = 0;
        int b = 0;
        int map = 1;
        int last = second;
        if (first == 0xC4) {
            x = ~second >> 6 & 1;
            b = ~second >> 5 & 1;
            map = second & 31;
            last = unsigned();
            check((last & 0x80) == 0, "VEX.W is set");
        }
        int opcode = unsigned();
        if (map == 1 && opcode == 0x77 && (last & 0x7F) == 0x78) {
            return instruction("vzeroupper", () -> {
                for (int i = 0; i < 16; i++) {
                    Arrays.fill(vectors[i], 4, 16, 0);
                }
                uppersInUse = false;
            });
        }
        check((last & 4) != 0, "VEX.L is not set: 128 bits");
        return vector(false, map, last & 3, opcode, r, x, b, ~last >> 3 & 15, false);
    }

    private Instruction evex() {
        int p0 = unsigned();
        int p1 = unsigned();
        int p2 = unsigned();
        check((p0 & 8) == 0 && (p1 & 4) != 0, "reserved bits of EVEX");
        check((p1 & 0x80) == 0, "EVEX.W is set");
        check((p2 & 0x87) == 0, "masks");
        check((p2 >> 5 & 3) == 2, "EVEX.L'L is not 512 bits");
        int r = ~p0 >> 7 & 1 | (~p0 >> 4 & 1) << 1;
        int v = ~p1 >> 3 & 15 | (~p2 >> 3 & 1) << 4;
        boolean repeated = (p2 & 16) != 0;
        return vector(true, p0 & 7, p1 & 3, unsigned(), r, ~p0 >> 6 & 1, ~p0 >> 5 & 1, v, repeated);
    }

    private Instruction vector(
            boolean wide, int map, int pp, int opcode, int r, int x, int b, int v, boolean repeated) {
        check(map >= 1 && map <= 3, "unknown map of opcodes " + map);
        String key = "%s.%s %02X".formatted(PREFIXES.get(pp), MAPS.get(map - 1), opcode);
        int modrm = unsigned();
        VectorInstruction found = VectorInstruction.of(key);
        VectorInstruction i = found != null ? found : VectorInstruction.of(key + " /" + (modrm >> 3 & 7));
        String called = i == null ? null : wide ? i.wideName() : i.name();
        check(called != null, "unknown instruction");
        int bytes = repeated ? 4 : i.memory().bytes(wide ? 64 : 32);
        Operand rm = operand(modrm, b, x, wide ? bytes : 1);
        int reg = modrm >> 3 & 7 | r << 3;
        int immediate = i.immediate() ? unsigned() : 0;
        Form form = i.form();
        boolean usesV = form == Form.TWO || form == Form.SHIFT;
        check(usesV || v == 0, "vvvv without use");
        check(!repeated || i.memory() == Memory.WORDS && rm.isMemory(), "EVEX.b without a word to repeat");
        check(rm.isMemory() ? form != Form.SHIFT : form != Form.LOAD, "no such operand");
        check(wide || rm.register < 16, "VEX.X of a register");

        needs.add(wide ? Cpu.Feature.AVX512 : Cpu.Feature.AVX2);
        if (called.startsWith("vpdp")) {
            needs.add(wide ? Cpu.Feature.AVX512_VNNI : Cpu.Feature.AVX_VNNI);
        }
        String vector = wide ? "zmm" : "ymm";
        String operand = rm.isMemory()
                ? name(rm, bytes) + (repeated ? "{1to16}" : "")
                : (bytes == 64 ? "zmm" : bytes == 32 ? "ymm" : "xmm") + rm.register;
        String operands = switch (form) {
            case TWO -> vector + reg + ", " + vector + v + ", " + operand;
            case ONE, LOAD -> vector + reg + ", " + operand;
            case STORE -> operand + ", " + vector + reg;
            case SHIFT -> vector + v + ", " + operand;
        };
        String text = called + " " + operands + (i.immediate() ? ", " + immediate : "");
        int lanes = wide ? 16 : 8;
        if (form == Form.STORE && rm.isMemory()) {
            return instruction(text, () -> {
                MemorySegment to = memory(address(rm), bytes, true);
                for (int lane = 0; lane < lanes; lane++) {
                    to.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * lane, vectors[reg][lane]);
                }
            });
        }
        int to = form == Form.STORE ? rm.register : form == Form.SHIFT ? v : reg;
        return instruction(text, () -> {
            int[] source = form == Form.STORE
                    ? vectors[reg]
                    : rm.isMemory() ? words(rm, bytes, repeated) : vectors[rm.register];
            // The upper half of a destination of 256 bits becomes zeros.
            int[] result = new int[16];
            for (int lane = 0; lane < lanes; lane++) {
                result[lane] = i.lane().of(lane, vectors[to], vectors[v], source, immediate);
            }
            vectors[to] = result;
            uppersInUse = true;
        });
    }

    private int[] words(Operand from, int bytes, boolean repeated) {
        MemorySegment memory = memory(address(from), bytes, false);
        int[] words = new int[16];
        for (int i = 0; i < words.length; i++) {
            words[i] =
                    repeated || 4 * i < bytes ? memory.get(ValueLayout.JAVA_INT_UNALIGNED, repeated ? 0 : 4L * i) : 0;
        }
        return words;
    }
}
