package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.machine.MachineAttention.Heads;
import dev.skald.kernels.platform.Exp;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Self-tests of attention, with correct kernels and with faulty ones. */
@Tag("once")
class AttentionSelfTestTest {
    private static final Set<Integer> ALL = Set.of(1, 2, 3, 4, 5, 6);
    private static final String WRONG = " gives something else than plain Java here";

    @BeforeEach
    void needsMachineCode() {
        assumeTrue(Machine.kernels().isPresent(), () -> Machine.refusal().orElseThrow());
    }

    private static Isa isa() {
        return Machine.kernels().orElseThrow().isa();
    }

    /** Attention in which the kernel with a given name is changed. */
    private static MachineAttention attention(String changed, UnaryOperator<byte[]> change) {
        CodeMemory memory = new CodeMemory();
        return MachineAttention.of(
                isa(), (name, code) -> memory.install(name, name.equals(changed) ? change.apply(code) : code));
    }

    private static String name(Heads heads, int queries) {
        return "attention: " + MachineAttention.description(heads, queries);
    }

    static Stream<Arguments> sizes() {
        return IntStream.of(1, 3, 7, 16, 20, 40, 64, 72, 80, 96, 128, 192, 256, 576)
                .boxed()
                .flatMap(key -> Stream.of(16, 33, key, 2100)
                        .filter(value -> value >= 16)
                        .distinct()
                        .map(value -> Arguments.of(key, value)));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void rightKernelsPass(int keySize, int valueSize) {
        for (Isa isa : Isa.values()) {
            if (isa.lanes() <= isa().lanes()) {
                MachineAttention attention = MachineAttention.of(isa, new CodeMemory()::install);
                for (KvFormat format : KvFormat.values()) {
                    Heads heads = new Heads(keySize, valueSize, format);
                    if (attention.has(heads)) {
                        assertEquals(Optional.empty(), attention.refusal(heads, ALL), () -> isa + " " + heads);
                    }
                }
            }
        }
    }

    static Stream<Heads> heads() {
        return Stream.of(
                new Heads(64, 64, KvFormat.F16),
                new Heads(64, 64, KvFormat.F32),
                new Heads(5, 16, KvFormat.F16),
                new Heads(40, 72, KvFormat.F32),
                new Heads(64, 64, KvFormat.Q8_0),
                new Heads(72, 80, KvFormat.Q8_0));
    }

    static Stream<Arguments> everyKernel() {
        return heads().flatMap(heads -> ALL.stream().map(n -> Arguments.of(heads, n)));
    }

    @ParameterizedTest
    @MethodSource("everyKernel")
    void everyKernelIsTested(Heads heads, int queries) {
        MachineAttention attention = attention(name(heads, queries), code -> new byte[] {(byte) 0xC3});
        assertEquals(
                Optional.of("the kernel for " + MachineAttention.description(heads, queries) + WRONG),
                attention.refusal(heads, ALL));
        for (int other : ALL) {
            assertEquals(
                    other == queries, attention.refusal(heads, Set.of(other)).isPresent());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"attention: merge", "attention: mean", "attention: floats of heads of 64 and 64, half precision"
            })
    void kernelsForAllHeadsAreTested(String name) {
        for (int n : ALL) {
            MachineAttention attention = attention(name, code -> new byte[] {(byte) 0xC3});
            assertTrue(attention
                    .refusal(new Heads(64, 64, KvFormat.F16), Set.of(n))
                    .orElseThrow()
                    .endsWith(WRONG));
        }
    }

    /** Constants of a kernel stand behind its code; here those of masks and some of the exponential. */
    @ParameterizedTest
    @MethodSource("everyKernel")
    void aConstantThatIsWrongIsFound(Heads heads, int queries) {
        Map<byte[], Integer> wrong = new LinkedHashMap<>();
        for (int first = 0; first < MachineAttention.POSITIONS; first += isa().lanes()) {
            wrong.put(ints(first, first + 1, first + 2), 1 << 20);
        }
        wrong.put(ints(bits(Exp.LEAST)), bits(1000 * Exp.LEAST));
        wrong.put(ints(bits(Exp.MINUS_LN_2_HIGH)), bits(Math.nextUp(Exp.MINUS_LN_2_HIGH)));
        wrong.put(ints(bits(1 / 24f)), bits(1 / 24.1f));
        wrong.put(ints(bits(1 / 6f)), bits(1 / 6.01f));
        wrong.forEach((right, last) -> {
            MachineAttention attention = attention(name(heads, queries), code -> changed(code, right, last));
            assertTrue(
                    attention.refusal(heads, Set.of(queries)).orElse("").endsWith(WRONG),
                    () -> "the constant that becomes " + last + " is not tested");
        });
    }

    private static int bits(float value) {
        return Float.floatToRawIntBits(value);
    }

    private static byte[] ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.of(values).forEach(bytes::putInt);
        return bytes.array();
    }

    /** Returns the code with the last number of a constant changed, wherever the constant is. */
    private static byte[] changed(byte[] code, byte[] constant, int last) {
        byte[] changed = code.clone();
        MemorySegment looked = MemorySegment.ofArray(code);
        boolean found = false;
        for (int at = 0; at + constant.length <= code.length; at++) {
            if (looked.asSlice(at, constant.length).mismatch(MemorySegment.ofArray(constant)) < 0) {
                ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at + constant.length - 4, last);
                found = true;
            }
        }
        assertTrue(found, "no such constant");
        return changed;
    }

    @Test
    void aKernelThatWritesBehindStatesIsFound() {
        Heads heads = new Heads(64, 64, KvFormat.F16);
        for (int n : ALL) {
            int bytes = n * AttentionCode.stateBytes(heads.valueSize(), isa().lanes());
            MachineAttention attention = attention(name(heads, n), code -> {
                Assembler a = new Assembler(false);
                a.storeWord(Mem.at(Gpr.RDX, bytes), Gpr.RAX);
                return join(a.code(), code);
            });
            assertTrue(attention
                    .refusal(new Heads(64, 64, KvFormat.F16), Set.of(n))
                    .orElseThrow()
                    .endsWith(WRONG));
        }
    }

    @Test
    void aSlowKernelIsRefused() {
        Heads heads = new Heads(64, 64, KvFormat.F32);
        MachineAttention attention = attention(name(heads, 2), code -> {
            Assembler a = new Assembler(false);
            a.move(Gpr.RAX, 1 << 28);
            Label loop = a.here();
            a.subtract(Gpr.RAX, 1);
            a.jump(Condition.NOT_EQUAL, loop);
            return join(a.code(), code);
        });
        assertEquals(
                Optional.of("the kernel for 2 queries of heads of 64 and 64 is slower than plain Java here, as under"
                        + " emulation"),
                attention.refusal(heads, ALL));
    }

    private static byte[] join(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }

    @ParameterizedTest
    @ValueSource(strings = {"attention: 4 queries of heads of 64 and 64, half precision", "attention: merge"})
    void aKernelThatCannotBeMadeIsRefused(String name) {
        MachineAttention attention = attention(name, code -> {
            throw new IllegalStateException("no more memory for code");
        });
        assertEquals(
                Optional.of("the self-test of attention failed: no more memory for code"),
                attention.refusal(new Heads(64, 64, KvFormat.F16), Set.of(4)));
    }

    /** A file may ask for heads of any size; no memory is allocated for them. */
    @Test
    void hugeHeadsAreRefused() {
        MachineAttention attention = attention("", code -> code);
        String why = "no kernel for heads of more than 4096 numbers has been tried";
        assertEquals(Optional.of(why), attention.refusal(new Heads(1 << 30, 64, KvFormat.F16), ALL));
        assertEquals(Optional.of(why), attention.refusal(new Heads(64, 4097, KvFormat.F16), ALL));
    }

    @Test
    void isRunOnce() {
        List<String> made = new ArrayList<>();
        CodeMemory memory = new CodeMemory();
        MachineAttention attention = MachineAttention.of(isa(), (name, code) -> {
            made.add(name);
            return memory.install(name, code);
        });
        attention.refusal(new Heads(64, 64, KvFormat.F16), Set.of(4, 5));
        assertEquals(7, made.size());
        attention.refusal(new Heads(64, 64, KvFormat.F16), Set.of(4, 5));
        attention.refusal(new Heads(64, 64, KvFormat.F16), Set.of(5));
        assertEquals(7, made.size());
        attention.refusal(new Heads(64, 64, KvFormat.F16), Set.of(4, 6));
        assertEquals(9, made.size());
    }
}
