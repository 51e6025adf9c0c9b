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
import dev.skald.kernels.product.KernelGuard.Kernel;
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
    void forget() {
        KernelGuard.forget();
    }

    /** A kernel that was found to be slow counts as slow from then on, and the next model is told too. */
    @Test
    void saysWhatItAvoids() {
        assumeTrue(KernelKind.VECTOR_API.available(), "there are no packed kernels in plain Java");
        KernelGuard.distrust(Kernel.ONE_TOKEN, FORMAT.packing());
        List<String> slow = KernelGuard.check(FORMAT);
        assertTrue(slow.getFirst().contains("Q4_K for one token"), slow::toString);
        assertFalse(KernelGuard.isFast(Kernel.ONE_TOKEN, FORMAT.packing()));
        assertTrue(KernelGuard.isFast(
                Kernel.ONE_TOKEN, QuantFormats.of(GgmlType.Q6_K).packing()));
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
        KernelGuard.distrust(Kernel.ONE_TOKEN, format.packing());
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
        }
    }

    /** One token and several tokens fall back alike. What is found later does not change a product that is under way. */
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
            KernelGuard.distrust(Kernel.ONE_TOKEN, FORMAT.packing());
            MatMul after = new MatMul(team);
            float[] slow = multiply(after, w, x, 1);
            assertFalse(Arrays.equals(fast, slow), "panels add in another order");
            assertArrayEquals(fast, multiply(before, w, x, 1));
            assertArrayEquals(fast, Arrays.copyOf(multiply(before, w, x, 5), 250));
            assertArrayEquals(slow, Arrays.copyOf(multiply(after, w, x, 5), 250));
        }
    }

    /** If the kernel for a few tokens is slow, the kernel for one token takes its place and sums in the same order. */
    @Test
    void fewTokensGiveTheSameOneByOne() {
        assumeTrue(KernelKind.VECTOR_API.available(), "there are no packed kernels in plain Java");
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            MemorySegment blocks = Samples.blocks(FORMAT, 250, 512, 17);
            QuantMatrix w = QuantMatrix.of(FORMAT, 250, 512, blocks).pack(KernelKind.VECTOR_API, blocks, arena, team);
            float[] x = Samples.normal(7 * 512, 18);
            float[] expected = multiply(new MatMul(team), w, x, 7);
            KernelGuard.distrust(Kernel.FEW_TOKENS, FORMAT.packing());
            assertArrayEquals(expected, multiply(new MatMul(team), w, x, 7));
            List<String> slow = KernelGuard.check(FORMAT);
            assertTrue(slow.stream().anyMatch(line -> line.contains("Q4_K for a few tokens")), slow::toString);
        }
    }

    private static float[] multiply(MatMul matMul, QuantMatrix w, float[] x, int n) {
        float[] y = new float[n * w.rows()];
        matMul.multiply(x, n, n, new MatMul.Product(w, y));
        return y;
    }
}
