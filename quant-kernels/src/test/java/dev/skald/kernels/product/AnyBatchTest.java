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
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/**
 * The result of a token does not depend on the other tokens, to the bit. A single token has the same result alone and in any batch,
 * and a token of a prompt has the same result in any piece of the prompt.
 */
class AnyBatchTest {
    @Provide
    Arbitrary<QuantFormat> formats() {
        return Arbitraries.of(QuantFormats.all());
    }

    @Provide
    Arbitrary<KernelKind> kinds() {
        return Arbitraries.of(
                Stream.of(KernelKind.values()).filter(KernelKind::available).toList());
    }

    @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
    void tokensGiveWhatTheyGiveByThemselves(
            @ForAll("formats") QuantFormat format,
            @ForAll("kinds") KernelKind kind,
            @ForAll @IntRange(min = 1, max = 260) int rows,
            @ForAll @IntRange(min = 1, max = 200) int size,
            @ForAll @IntRange(max = 19) int alone,
            @ForAll @IntRange(max = 15) int ofPrompts,
            @ForAll @IntRange(min = 1, max = 3) int threads,
            @ForAll @IntRange(max = 1000) int seed) {
        int tokens = Math.max(1, alone + ofPrompts);
        int block = format.type().blockElements();
        int columns = block == 1 ? size : Math.ceilDiv(3 * size, block) * block;
        float[] x = Samples.normal(tokens * columns, seed);
        try (WorkerTeam team = new WorkerTeam(threads);
                WorkerTeam another = new WorkerTeam(1);
                Arena arena = Arena.ofShared()) {
            MemorySegment blocks = Samples.blocks(format, rows, columns, seed + 1);
            QuantMatrix w = QuantMatrix.of(format, rows, columns, blocks);
            KernelKind used = kind.of(format);
            QuantMatrix packed = used == KernelKind.IN_PLACE ? w : w.pack(used, blocks, arena, team);
            float[] together = product(new MatMul(team), packed, x, tokens, alone);
            MatMul matMul = new MatMul(another);
            SplittableRandom random = new SplittableRandom(seed);
            for (int t = 0, n; t < tokens; t += n) {
                boolean single = t < alone;
                n = single ? 1 : random.nextInt(1, tokens - t + 1);
                float[] some = Arrays.copyOfRange(x, t * columns, (t + n) * columns);
                assertArrayEquals(
                        Arrays.copyOfRange(together, t * rows, (t + n) * rows),
                        product(matMul, packed, some, n, single ? 1 : 0));
            }
        }
    }

    private static float[] product(MatMul matMul, QuantMatrix w, float[] x, int n, int alone) {
        float[] y = new float[n * w.rows()];
        matMul.multiply(x, n, alone, new MatMul.Product(w, y));
        return y;
    }

    /** Multiplies as a layer does: several formats with the same activations in one step. */
    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void matricesGiveWhatTheyGiveByThemselves(
            @ForAll("formats") QuantFormat first,
            @ForAll("formats") QuantFormat second,
            @ForAll("kinds") KernelKind kind,
            @ForAll @IntRange(max = 9) int alone,
            @ForAll @IntRange(max = 9) int ofPrompts,
            @ForAll @IntRange(min = 1, max = 3) int threads) {
        int tokens = Math.max(1, alone + ofPrompts);
        float[] x = Samples.normal(tokens * 512, 3);
        try (WorkerTeam team = new WorkerTeam(threads);
                Arena arena = Arena.ofShared()) {
            List<QuantMatrix> matrices = Stream.of(first, second, first)
                    .map(format -> {
                        MemorySegment blocks = Samples.blocks(format, 90, 512, format.hashCode());
                        QuantMatrix w = QuantMatrix.of(format, 90, 512, blocks);
                        KernelKind used = kind.of(format);
                        return used == KernelKind.IN_PLACE ? w : w.pack(used, blocks, arena, team);
                    })
                    .toList();
            float[][] ys = new float[3][tokens * 90];
            MatMul.Product[] products = new MatMul.Product[3];
            Arrays.setAll(products, i -> new MatMul.Product(matrices.get(i), ys[i]));
            MatMul matMul = new MatMul(team);
            matMul.multiply(x, tokens, alone, products);
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(product(matMul, matrices.get(i), x, tokens, alone), ys[i]);
            }
        }
    }
}
