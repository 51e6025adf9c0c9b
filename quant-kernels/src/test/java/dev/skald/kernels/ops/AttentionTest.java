package dev.skald.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skald.kernels.Samples;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the formula in float64: head sizes that fill no vector, borders of groups and pages, windows. */
class AttentionTest {
    @ParameterizedTest
    @CsvSource({
        "64, 64, 1, 0, 1", "64, 64, 4, 0, 16", "128, 128, 2, 0, 17", "20, 12, 3, 0, 63", "64, 64, 1, 0, 64",
        "64, 64, 4, 0, 65", "80, 80, 1, 0, 300", "64, 64, 2, 37, 301", "64, 64, 2, 64, 128", "1, 1, 2, 3, 5",
    })
    void agreesWithFloat64(int keySize, int valueSize, int group, int from, int to) {
        int layers = 2;
        int heads = 3;
        KvLayout layout = new KvLayout(layers, heads, keySize, valueSize);
        float[] k = Samples.normal(to * heads * keySize, 1);
        float[] v = Samples.normal(to * heads * valueSize, 2);
        float[] q = Samples.normal(heads * group * keySize, 3);
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> pages = new ArrayList<>();
            for (int p = 0; p < to; p++) {
                if (p % KvLayout.POSITIONS == 0) {
                    pages.add(arena.allocate(layout.pageBytes(), 64).fill((byte) 0x7F));
                }
                layout.store(
                        pages.getLast(), 1, p % KvLayout.POSITIONS, k, p * heads * keySize, v, p * heads * valueSize);
            }
            float[] out = new float[heads * group * valueSize];
            float[] scratch = new float[Attention.scratch(to - from)];
            for (int head = 0; head < heads; head++) {
                Attention.attend(
                        q,
                        head * group * keySize,
                        group,
                        layout,
                        pages,
                        1,
                        head,
                        from,
                        to,
                        scratch,
                        out,
                        head * group * valueSize);
            }
            for (int h = 0; h < heads * group; h++) {
                assertHead(q, h, k, v, heads, h / group, keySize, valueSize, from, to, out);
            }
        }
    }

    private static void assertHead(
            float[] q,
            int h,
            float[] k,
            float[] v,
            int heads,
            int kv,
            int keySize,
            int valueSize,
            int from,
            int to,
            float[] out) {
        double[] s = new double[to - from];
        double max = Double.NEGATIVE_INFINITY;
        double size = 0;
        for (int p = from; p < to; p++) {
            double products = 0;
            for (int d = 0; d < keySize; d++) {
                double product = (double) q[h * keySize + d] * k[(p * heads + kv) * keySize + d];
                s[p - from] += product;
                products += Math.abs(product);
            }
            max = Math.max(max, s[p - from]);
            size = Math.max(size, products);
        }
        double sum = 0;
        for (int i = 0; i < s.length; i++) {
            s[i] = Math.exp(s[i] - max);
            sum += s[i];
        }
        // Twice a score's error goes into each weight, relative; the weights' own sum and the mix add a rounding a
        // term.
        double relative = (2 * keySize * size + 2 * s.length + 100) * 0x1p-24;
        for (int d = 0; d < valueSize; d++) {
            double expected = 0;
            double weight = 0;
            for (int p = from; p < to; p++) {
                double product = s[p - from] / sum * v[(p * heads + kv) * valueSize + d];
                expected += product;
                weight += Math.abs(product);
            }
            assertEquals(expected, out[h * valueSize + d], relative * weight, "head " + h + " value " + d);
        }
    }
}
