package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares the bytes of instructions with those that GNU as makes. {@code instructions.s} has one instruction in each line, in
 * Intel's syntax, followed by its bytes. To add one, write its text there and let as (2.40 or newer) fill in the bytes:
 *
 * <pre>{@code
 * as --listing-lhs-width=4 --listing-rhs-width=200 -aln=/dev/stdout -o /dev/null instructions.s | awk -F'\t' '
 *   { sub(/ *# [0-9a-f]+$/, "", $2); bytes = tolower(substr($1, 11)); gsub(/ /, "", bytes)
 *     print bytes == "" ? $2 : $2 " # " bytes }'
 * }</pre>
 *
 * If as has several encodings to choose from, the text names ours: {@code {load}} keeps as from exchanging a move's operands, and
 * {@code {vex}} keeps it from using EVEX.
 */
@Tag("once")
class AssemblerTest {
    /** Names of 512-bit forms that differ from those of 256 bits. */
    private static final Map<String, Op> OTHER_NAMES = Map.of(
            "vpandd", Op.VPAND,
            "vpord", Op.VPOR,
            "vpxord", Op.VPXOR,
            "vmovdqu32", Op.VMOVDQU,
            "vbroadcasti32x4", Op.VBROADCASTI128);

    private static final Pattern ADDRESS =
            Pattern.compile("(?:\\w+ ptr )?\\[(\\w+)(?:\\+(\\w+)\\*(\\d))?([+-]\\d+)?](\\{1to16})?");

    /** A line of the file: the text of an instruction, and its bytes. */
    record Instruction(String text, String bytes) {
        String name() {
            return text.replaceFirst("\\{.*?} ", "").split(" ")[0];
        }

        List<String> operands() {
            String rest = text.replaceFirst("(\\{.*?} )?\\w+ ?", "");
            return rest.isEmpty() ? List.of() : Arrays.asList(rest.split(", "));
        }

        boolean wide() {
            return text.contains("zmm");
        }

        /** The vector instruction; null if it is a general one. */
        Op op() {
            Op op = OTHER_NAMES.getOrDefault(
                    name(),
                    Arrays.stream(Op.values())
                            .filter(o -> o.name().equalsIgnoreCase(name()))
                            .findAny()
                            .orElse(null));
            return op == Op.VMOVDQU && operands().get(0).contains("[") ? Op.VMOVDQU_STORE : op;
        }

        boolean hasAddress() {
            return text.contains("[");
        }

        @Override
        public String toString() {
            return text;
        }
    }

    static List<Instruction> instructions() {
        try (InputStream in = AssemblerTest.class.getResourceAsStream("instructions.s")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.startsWith("."))
                    .map(line -> line.split(" # "))
                    .map(parts -> new Instruction(parts[0], parts[1]))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("instructions")
    void bytesAreThoseOfGnuAs(Instruction instruction) {
        Assembler a = new Assembler(instruction.wide());
        emit(a, instruction);
        assertEquals(instruction.bytes, HexFormat.of().formatHex(a.code()));
    }

    /** A new instruction needs known bytes for each form: registers, memory and a repeated word, with 256 and 512 bits. */
    @ParameterizedTest
    @EnumSource(Op.class)
    void everyFormIsAmongThem(Op op) {
        for (boolean wide : new boolean[] {false, true}) {
            List<Instruction> forms = instructions().stream()
                    .filter(i -> i.op() == op && i.wide() == wide)
                    .toList();
            if (op != Op.VBROADCASTI128 && op != Op.VMOVDQU_STORE) {
                assertEquals(
                        wide ? op.wide() : op.narrow(), forms.stream().anyMatch(i -> !i.hasAddress()), "registers");
            }
            if (op.extension < 0 && op != Op.VPERM2F128 && op != Op.VPERMILPS && (wide || op.narrow())) {
                assertTrue(forms.stream().anyMatch(Instruction::hasAddress), "an address");
                boolean repeated = forms.stream().anyMatch(i -> i.text.contains("1to16"));
                assertEquals(wide && op.repeats(), repeated, "a word repeated");
            }
        }
    }

    /** Calls the method that emits the instruction in the text. */
    private static void emit(Assembler a, Instruction instruction) {
        List<String> o = instruction.operands();
        if (instruction.op() != null) {
            emitVector(a, instruction.op(), o);
            return;
        }
        switch (instruction.name()) {
            case "mov" -> {
                if (o.get(0).startsWith("dword")) {
                    a.storeWord(address(o.get(0)), gpr(o.get(1)));
                } else if (o.get(0).startsWith("word")) {
                    a.storeShort(address(o.get(0)), gpr(o.get(1)));
                } else if (o.get(0).startsWith("qword")) {
                    a.store(address(o.get(0)), gpr(o.get(1)));
                } else if (o.get(1).startsWith("qword")) {
                    a.load(gpr(o.get(0)), address(o.get(1)));
                } else if (isNumber(o.get(1))) {
                    a.move(gpr(o.get(0)), Integer.parseInt(o.get(1)));
                } else {
                    a.move(gpr(o.get(0)), gpr(o.get(1)));
                }
            }
            case "add" -> {
                if (isNumber(o.get(1))) {
                    a.add(gpr(o.get(0)), Integer.parseInt(o.get(1)));
                } else {
                    a.add(gpr(o.get(0)), gpr(o.get(1)));
                }
            }
            case "sub" -> {
                if (isNumber(o.get(1))) {
                    a.subtract(gpr(o.get(0)), Integer.parseInt(o.get(1)));
                } else {
                    a.subtract(gpr(o.get(0)), gpr(o.get(1)));
                }
            }
            case "cmp" -> {
                if (isNumber(o.get(1))) {
                    a.compare(gpr(o.get(0)), Integer.parseInt(o.get(1)));
                } else {
                    a.compare(gpr(o.get(0)), gpr(o.get(1)));
                }
            }
            case "and" -> a.and(gpr(o.get(0)), Integer.parseInt(o.get(1)));
            case "shl" -> a.shiftLeft(gpr(o.get(0)), Integer.parseInt(o.get(1)));
            case "movzx" -> a.loadShort(gpr(o.get(0)), address(o.get(1)));
            case "lea" -> a.address(gpr(o.get(0)), address(o.get(1)));
            case "prefetcht0" -> a.prefetch(address(o.get(0)));
            case "push" -> a.push(gpr(o.get(0)));
            case "pop" -> a.pop(gpr(o.get(0)));
            case "cpuid" -> a.cpuid();
            case "xgetbv" -> a.xgetbv();
            case "vzeroupper" -> a.vzeroupper();
            case "ret" -> a.ret();
            default -> throw new AssertionError("which method emits " + instruction + "?");
        }
    }

    private static void emitVector(Assembler a, Op op, List<String> o) {
        String last = o.getLast();
        if (op == Op.VMOVDQU_STORE) {
            a.vector(op, number(last), 0, address(o.get(0)));
            return;
        }
        int to = number(o.get(0));
        if (op.extension >= 0) {
            a.shift(op, to, number(o.get(1)), Integer.parseInt(last));
        } else if (isNumber(last)) {
            int first = o.size() == 4 ? number(o.get(1)) : 0;
            a.vector(op, to, first, number(o.get(o.size() - 2)), Integer.parseInt(last));
        } else {
            int first = o.size() == 3 ? number(o.get(1)) : 0;
            if (last.contains("1to16")) {
                a.vectorBroadcast(op, to, first, address(last));
            } else if (last.contains("[")) {
                a.vector(op, to, first, address(last));
            } else {
                a.vector(op, to, first, number(last));
            }
        }
    }

    private static boolean isNumber(String operand) {
        return operand.matches("-?\\d+");
    }

    private static int number(String vectorRegister) {
        return Integer.parseInt(vectorRegister.substring(3));
    }

    /** Returns the register of 64 bits with this name, or the one that contains this register of 32 or 16 bits. */
    private static Gpr gpr(String name) {
        String full = name.matches("r\\d+[dw]") ? name.substring(0, name.length() - 1) : name;
        full = full.startsWith("e") ? "r" + full.substring(1) : full;
        full = full.length() == 2 && !full.startsWith("r") ? "r" + full : full;
        return Gpr.valueOf(full.toUpperCase(Locale.ROOT));
    }

    private static Mem address(String text) {
        Matcher m = ADDRESS.matcher(text);
        assertTrue(m.matches(), text);
        int displacement = m.group(4) == null ? 0 : Integer.parseInt(m.group(4));
        return m.group(2) == null
                ? Mem.at(gpr(m.group(1)), displacement)
                : Mem.at(gpr(m.group(1)), gpr(m.group(2)), Integer.parseInt(m.group(3)), displacement);
    }

    /** {@code as} has a shorter form for RAX and 32 bits; objdump reads ours as the same. */
    @Test
    void immediatesOf32BitsForRaxAreAsForOthers() {
        Assembler a = new Assembler(false);
        a.add(Gpr.RAX, 1 << 20);
        a.subtract(Gpr.RAX, 1 << 20);
        a.and(Gpr.RAX, 1 << 20);
        a.compare(Gpr.RAX, 1 << 20);
        assertCode("""
                4881c000001000
                4881e800001000
                4881e000001000
                4881f800001000
                """, a);
    }

    /** The bytes are those of as, which {@code {disp32}} makes use long jumps. */
    @Test
    void jumpsGoForwardAndBack() {
        Assembler a = new Assembler(false);
        Label back = a.here();
        Label forward = new Label();
        a.jump(forward);
        a.jump(Condition.BELOW, forward);
        a.jump(Condition.ABOVE_OR_EQUAL, back);
        a.jump(Condition.EQUAL, forward);
        a.jump(Condition.NOT_EQUAL, back);
        a.bind(forward);
        a.jump(Condition.LESS, back);
        a.jump(Condition.GREATER_OR_EQUAL, forward);
        a.jump(back);
        a.ret();
        assertCode("""
                e918000000
                0f8212000000
                0f83efffffff
                0f8406000000
                0f85e3ffffff
                0f8cddffffff
                0f8df4ffffff
                e9d2ffffff
                c3
                """, a);
    }

    /** The bytes are those of as for {@code [rip+label]}, after {@code .balign 4, 0xcc} and {@code .balign 32, 0xcc}. */
    @Test
    void constantsStandBehindTheCode() {
        Assembler a = new Assembler(false);
        // Constants are stored once each, in the order of their first use.
        Mem one = a.constant(1f);
        Mem bytes = a.constant(upTo(32));
        assertEquals(one, a.constant(0x3F800000));
        a.vector(Op.VPBROADCASTD, 1, 0, one);
        a.vector(Op.VADDPS, 9, 2, bytes);
        a.address(Gpr.R9, a.constant(upTo(32)));
        a.vector(Op.VMOVDQU, 3, 0, bytes);
        a.vector(Op.VPBROADCASTD, 4, 0, bytes.plus(8));
        a.load(Gpr.RAX, bytes.plus(16));
        a.ret();
        assertCode("""
                c4e27d580d2b000000
                c56c580d2f000000
                4c8d0d28000000
                c5fe6f1d20000000
                c4e27d58251f000000
                488b0520000000
                c3
                cccccc
                0000803f
                cccccccccccccccc
                000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
                """, a);
    }

    /** As above. A displacement of this kind of address counts bytes whatever the operand's size. */
    @Test
    void constantsStandBehindWideCode() {
        Assembler a = new Assembler(true);
        Mem word = a.constant(-2);
        Mem bytes = a.constant(upTo(16));
        a.vectorBroadcast(Op.VADDPS, 17, 2, word);
        a.vector(Op.VBROADCASTI128, 31, 0, bytes);
        a.vector(Op.VMOVDQU, 3, 0, bytes.plus(-64));
        a.ret();
        assertCode("""
                62e16c58580d16000000
                62627d485a3d1c000000
                62f17e486f1dd2ffffff
                c3
                cc
                feffffff
                cccccccccccccccccccccccc
                000102030405060708090a0b0c0d0e0f
                """, a);
    }

    @Test
    void alignedCodeIsFilledUpByNops() {
        Assembler a = new Assembler(false);
        a.ret();
        a.align(8);
        a.align(8);
        a.ret();
        assertCode("c3 90909090909090 c3", a);
    }

    @Test
    void codeMayBeLong() {
        Assembler a = new Assembler(false);
        Label end = new Label();
        for (int i = 0; i < 10_000; i++) {
            a.jump(end);
        }
        a.bind(end);
        byte[] code = a.code();
        assertEquals(50_000, code.length);
        for (int i = 0; i < code.length; i += 5) {
            int distance = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).getInt(i + 1);
            assertEquals(50_000, i + 5 + distance);
        }
    }

    static Stream<Arguments> refusals() {
        Mem rax = Mem.at(Gpr.RAX, 0);
        return Stream.of(
                refusal("VEX destination", false, a -> a.vector(Op.VPADDD, 16, 1, 2)),
                refusal("VEX first source", false, a -> a.vector(Op.VPADDD, 1, 16, 2)),
                refusal("VEX second source", false, a -> a.vector(Op.VPADDD, 1, 2, 16)),
                refusal("VEX destination, memory", false, a -> a.vector(Op.VPADDD, 31, 1, rax)),
                refusal("VEX source, memory", false, a -> a.vector(Op.VPADDD, 1, 31, rax)),
                refusal("VEX with immediate", false, a -> a.vector(Op.VPERMILPS, 1, 0, 17, 1)),
                refusal("VEX destination of a shift", false, a -> a.shift(Op.VPSRLD, 16, 1, 1)),
                refusal("VEX source of a shift", false, a -> a.shift(Op.VPSRLD, 1, 16, 1)),
                refusal("VEX zeros", false, a -> a.zero(16)),
                refusal("VEX broadcast", false, a -> a.vectorBroadcast(Op.VPADDD, 1, 2, rax)),
                refusal("EVEX destination", true, a -> a.vector(Op.VPADDD, 32, 1, 2)),
                refusal("EVEX first source", true, a -> a.vector(Op.VPADDD, 1, 32, 2)),
                refusal("EVEX second source", true, a -> a.vector(Op.VPADDD, 1, 2, 32)),
                refusal("EVEX register below zero", true, a -> a.vector(Op.VPADDD, -1, 1, 2)),
                refusal("EVEX broadcast to a register", true, a -> a.vectorBroadcast(Op.VPADDD, 32, 2, rax)),
                refusal("EVEX broadcast to lanes of 16 bits", true, a -> a.vectorBroadcast(Op.VPMADDWD, 1, 2, rax)),
                refusal("EVEX broadcast to less than a vector", true, a -> a.vectorBroadcast(Op.VCVTPH2PS, 1, 0, rax)),
                refusal("EVEX form that does not exist", true, a -> a.vector(Op.VPERM2F128, 1, 2, 3, 0)),
                refusal("VEX form that does not exist", false, a -> a.vector(Op.VSCALEFPS, 1, 2, 3)),
                refusal("shift without its immediate", false, a -> a.vector(Op.VPSRLD, 1, 2, 3)),
                refusal("shift that is none", false, a -> a.shift(Op.VPADDD, 1, 2, 3)),
                refusal("index RSP", false, a -> a.load(Gpr.RAX, Mem.at(Gpr.RAX, Gpr.RSP, 1, 0))),
                refusal("scale 3", false, a -> a.load(Gpr.RAX, Mem.at(Gpr.RAX, Gpr.RCX, 3, 0))),
                refusal("scale 16", false, a -> a.load(Gpr.RAX, Mem.at(Gpr.RAX, Gpr.RCX, 16, 0))));
    }

    private static Arguments refusal(String name, boolean wide, Consumer<Assembler> emitter) {
        return Arguments.of(name, wide, emitter);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void refusesWhatHasNoEncoding(String name, boolean wide, Consumer<Assembler> emitter) {
        Assembler a = new Assembler(wide);
        assertThrows(IllegalArgumentException.class, () -> emitter.accept(a));
        assertEquals(0, a.code().length);
    }

    @Test
    void refusesJumpsToNowhere() {
        Assembler a = new Assembler(false);
        Label label = new Label();
        a.jump(label);
        assertThrows(IllegalStateException.class, a::code);
        a.bind(label);
        assertEquals(5, a.code().length);
        assertThrows(IllegalStateException.class, () -> a.bind(label));
    }

    private static byte[] upTo(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static void assertCode(String expected, Assembler a) {
        assertEquals(expected.replaceAll("\\s", ""), HexFormat.of().formatHex(a.code()));
    }
}
