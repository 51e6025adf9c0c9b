package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.pack.Packing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Self-tests of correct kernels and of faulty ones. */
@Tag("once")
class SelfTestTest {
    private static final Packing PACKING = QuantFormats.of(GgmlType.Q4_K).packing();

    @BeforeEach
    void needsMachineCode() {
        assumeTrue(Machine.kernels().isPresent(), () -> Machine.refusal().orElseThrow());
    }

    /** Kernels of which the n-th that is made for a packing, counted from 0, is changed. */
    private static MachineKernels kernels(int n, UnaryOperator<byte[]> change) {
        CodeMemory memory = new CodeMemory();
        int[] made = {0};
        return new MachineKernels(
                Machine.kernels().orElseThrow().isa(),
                Rounding.BITS_16,
                (name, code) -> memory.install(name, isOfPacking(name) && made[0]++ == n ? change.apply(code) : code));
    }

    private static boolean isOfPacking(String name) {
        return name.startsWith("Q4_K: ");
    }

    static Stream<Arguments> formats() {
        return QuantFormats.all().stream()
                .flatMap(format -> Stream.of(Rounding.values()).map(rounding -> Arguments.of(format, rounding)));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void rightKernelsPass(QuantFormat format, Rounding rounding) {
        assertEquals(
                Optional.empty(),
                new MachineKernels(Machine.kernels().orElseThrow().isa(), rounding, new CodeMemory()::install)
                        .refusal(format.packing()));
    }

    /** For each packing, the kernel that rounds activations is tested first, and then those that multiply. */
    static IntStream everyKernel() {
        return Machine.kernels()
                .map(kernels -> IntStream.rangeClosed(
                        0, SelfTest.shapes(kernels, PACKING).size()))
                .orElse(IntStream.of(0));
    }

    @ParameterizedTest
    @MethodSource("everyKernel")
    void everyKernelIsTested(int n) {
        MachineKernels kernels = kernels(n, code -> new byte[] {(byte) 0xC3});
        String what = n == 0
                ? "rounds activations"
                : SelfTest.shapes(kernels, PACKING).stream()
                        .skip(n - 1)
                        .map(s -> "multiplies " + s.groups() + " groups of rows by " + s.tokens() + " tokens")
                        .findFirst()
                        .orElseThrow();
        assertEquals(
                Optional.of("the kernel that " + what + " gives something else than plain Java here"),
                kernels.refusal(PACKING));
    }

    @Test
    void aMaskWithoutOneBitIsFound() {
        // The mask of 4-bit codes is stored behind the code.
        MachineKernels kernels = kernels(1, code -> {
            ByteBuffer bytes = ByteBuffer.wrap(code.clone()).order(ByteOrder.LITTLE_ENDIAN);
            int at = code.length - 4;
            while (bytes.getInt(at) != 0x000F000F) {
                at--;
            }
            return bytes.putInt(at, 0x000F000E).array();
        });
        assertTrue(kernels.refusal(PACKING).orElseThrow().contains("something else than plain Java"));
    }

    @Test
    void aKernelThatWritesBehindItsResultsIsFound() {
        MachineKernels kernels = kernels(1, code -> {
            MachineKernels here = Machine.kernels().orElseThrow();
            Assembler a = new Assembler(false);
            a.storeWord(Mem.at(Gpr.RDX, 4 * here.groups(PACKING, 1) * SelfTest.STEPS * here.lanes()), Gpr.RAX);
            return join(a.code(), code);
        });
        assertTrue(kernels.refusal(PACKING).orElseThrow().contains("something else than plain Java"));
    }

    @Test
    void aSlowKernelIsRefused() {
        // The first call of plain Java is slow too.
        assertEquals(Optional.empty(), kernels(-1, code -> code).refusal(PACKING));
        MachineKernels kernels = kernels(2, code -> {
            Assembler a = new Assembler(false);
            a.move(Gpr.RAX, 1 << 30);
            Label loop = a.here();
            a.subtract(Gpr.RAX, 1);
            a.jump(Condition.NOT_EQUAL, loop);
            return join(a.code(), code);
        });
        assertEquals(
                Optional.of("a kernel is slower than plain Java here, as under emulation"), kernels.refusal(PACKING));
    }

    private static byte[] join(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }

    @Test
    void aKernelThatCannotBeMadeIsRefused() {
        MachineKernels kernels = kernels(3, code -> {
            throw new IllegalStateException("no more memory for code");
        });
        assertEquals(
                Optional.of("the self-test of a kernel failed: no more memory for code"), kernels.refusal(PACKING));
    }

    @Test
    void isRunOnceForAPacking() {
        int[] made = {0};
        CodeMemory memory = new CodeMemory();
        MachineKernels kernels =
                new MachineKernels(Machine.kernels().orElseThrow().isa(), Rounding.BITS_16, (name, code) -> {
                    made[0] += isOfPacking(name) ? 1 : 0;
                    return memory.install(name, code);
                });
        kernels.refusal(PACKING);
        int first = made[0];
        kernels.refusal(PACKING);
        assertEquals(first, made[0]);
        assertEquals(1 + SelfTest.shapes(kernels, PACKING).size(), made[0]);
    }

    static Stream<Isa> isas() {
        return Stream.of(Isa.values());
    }

    /** Any number of tokens is cut into the same calls as in a product. */
    @ParameterizedTest
    @MethodSource("isas")
    void testsWhatAnyNumberOfTokensNeeds(Isa isa) {
        MachineKernels kernels = new MachineKernels(isa, Rounding.BITS_16, (name, code) -> null);
        int most = kernels.mostTokens(PACKING);
        for (int n = 1; n <= 3 * most * most; n++) {
            int tiles = kernels.tiles(PACKING, n);
            for (int tile = 0; tile < tiles; tile++) {
                int tokens = (int) ((long) n * (tile + 1) / tiles) - (int) ((long) n * tile / tiles);
                for (int groups : new int[] {kernels.groups(PACKING, Math.ceilDiv(n, tiles)), 1}) {
                    for (int ahead : tile == 0 ? Ahead.distances(tokens) : new int[] {0}) {
                        SelfTest.Shape shape = new SelfTest.Shape(groups, tokens, ahead);
                        assertTrue(SelfTest.shapes(kernels, PACKING).contains(shape), () -> shape + " is not tested");
                    }
                }
            }
        }
    }
}
