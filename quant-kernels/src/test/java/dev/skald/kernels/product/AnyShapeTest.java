package dev.skald.kernels.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.Samples;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/** Machine code on matrices of any format and shape, any number of tokens and threads. */
@Tag("once")
class AnyShapeTest {
    /** Runs only if there is machine code. */
    static class Here implements SkipExecutionHook {
        @Override
        public SkipResult shouldBeSkipped(LifecycleContext context) {
            return KernelKind.MACHINE_CODE.refusal().map(SkipResult::skip).orElse(SkipResult.doNotSkip());
        }
    }

    @Provide
    Arbitrary<QuantFormat> formats() {
        return Arbitraries.of(QuantFormats.all());
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    @AddLifecycleHook(Here.class)
    void productsAreRightAndEachTokensOwn(
            @ForAll("formats") QuantFormat format,
            @ForAll @IntRange(min = 1, max = 300) int rows,
            @ForAll @IntRange(min = 1, max = 200) int size,
            @ForAll @IntRange(min = 1, max = 40) int tokens,
            @ForAll @IntRange(min = 1, max = 3) int threads,
            @ForAll @IntRange(max = 1000) int seed) {
        int block = format.type().blockElements();
        int columns = block == 1 ? size : Math.ceilDiv(3 * size, block) * block;
        float[] x = Samples.normal(tokens * columns, seed);
        try (WorkerTeam team = new WorkerTeam(threads);
                Arena arena = Arena.ofShared()) {
            MemorySegment blocks = Samples.blocks(format, rows, columns, seed + 1);
            QuantMatrix w =
                    QuantMatrix.of(format, rows, columns, blocks).pack(KernelKind.MACHINE_CODE, blocks, arena, team);
            MatMul matMul = new MatMul(team);
            float[] y = new float[tokens * rows];
            matMul.multiply(x, tokens, new MatMul.Product(w, y));
            MatMulTest.assertClose(w, x, tokens, y);
            float[] alone = new float[rows];
            for (int t = 0; t < tokens; t++) {
                matMul.multiply(Arrays.copyOfRange(x, t * columns, (t + 1) * columns), 1, new MatMul.Product(w, alone));
                assertArrayEquals(Arrays.copyOfRange(y, t * rows, (t + 1) * rows), alone);
            }
        }
    }
}
