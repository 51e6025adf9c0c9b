package dev.skald.kernels.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.Samples;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Numbers of a file or of activations that are not finite show in the results they are part of, and nowhere else. */
class DamageTest {
    private static final int ROWS = 75;

    /** The damaged row and token. */
    private static final int ROW = 37;

    private static final int TOKEN = 0;

    /** Numbers of tokens with which each way to multiply is used. */
    private static final List<Integer> TOKENS = List.of(1, 3, 13);

    static List<KernelKind> kinds() {
        return Stream.of(KernelKind.values()).filter(KernelKind::available).toList();
    }

    /** The values that a format can hold: NVFP4's scales can be neither NaN nor infinite, and MXFP4's cannot be NaN. */
    static Stream<Arguments> weights() {
        return QuantFormats.all().stream()
                .filter(format -> format.type() != GgmlType.NVFP4)
                .flatMap(format -> kinds().stream()
                        .flatMap(kind -> Stream.of(Float.NaN, Float.POSITIVE_INFINITY)
                                .filter(value -> format.type() != GgmlType.MXFP4 || !Float.isNaN(value))
                                .map(value -> Arguments.of(format, kind, value))));
    }

    static Stream<Arguments> activations() {
        return QuantFormats.all().stream()
                .flatMap(format -> kinds().stream()
                        .flatMap(kind -> Stream.of(Float.NaN, Float.NEGATIVE_INFINITY)
                                .map(value -> Arguments.of(format, kind, value))));
    }

    @ParameterizedTest
    @MethodSource("weights")
    void ofWeights(QuantFormat format, KernelKind kind, float value) {
        int columns = Math.max(64, 2 * format.type().blockElements());
        MemorySegment blocks =
                MemorySegment.ofArray(Samples.blocks(format, ROWS, columns, 51).toArray(ValueLayout.JAVA_BYTE));
        long rowBytes = format.type().bytes(columns);
        byte[] block = blockWith(value, format);
        MemorySegment.copy(block, 0, blocks, ValueLayout.JAVA_BYTE, (ROW + 1) * rowBytes - block.length, block.length);
        for (int n : TOKENS) {
            float[] y = multiply(format, kind, blocks, columns, Samples.normal(n * columns, 52), n);
            for (int i = 0; i < y.length; i++) {
                String place = "row " + i % ROWS + " of token " + i / ROWS + " of " + n;
                assertEquals(i % ROWS != ROW, Float.isFinite(y[i]), place);
                if (Float.isNaN(value) && i % ROWS == ROW) {
                    assertTrue(Float.isNaN(y[i]), place);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("activations")
    void ofActivations(QuantFormat format, KernelKind kind, float value) {
        int columns = Math.max(64, 2 * format.type().blockElements());
        MemorySegment blocks = Samples.blocks(format, ROWS, columns, 53);
        for (int n : TOKENS) {
            float[] x = Samples.normal(n * columns, 54);
            x[TOKEN * columns + 33] = value;
            float[] y = multiply(format, kind, blocks, columns, x, n);
            for (int i = 0; i < y.length; i++) {
                assertEquals(i / ROWS != TOKEN, Float.isFinite(y[i]), "row " + i % ROWS + " of token " + i / ROWS);
            }
        }
    }

    private static float[] multiply(
            QuantFormat format, KernelKind kind, MemorySegment blocks, int columns, float[] x, int n) {
        float[] y = new float[n * ROWS];
        try (WorkerTeam team = new WorkerTeam(2);
                Arena arena = Arena.ofShared()) {
            QuantMatrix w = QuantMatrix.of(format, ROWS, columns, blocks);
            w = kind == KernelKind.IN_PLACE ? w : w.pack(kind, blocks, arena, team);
            new MatMul(team).multiply(x, n, new MatMul.Product(w, y));
        }
        return y;
    }

    /** Returns a block of weights with a NaN or an infinity. Some blocks of random bytes have such a scale. */
    private static byte[] blockWith(float value, QuantFormat format) {
        float[] y = new float[format.type().blockElements()];
        byte[] block = new byte[format.type().blockBytes()];
        if (format.type() == GgmlType.F32) {
            MemorySegment.ofArray(block).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, value);
            return block;
        }
        SplittableRandom random = new SplittableRandom(55);
        while (true) {
            random.nextBytes(block);
            format.decode(MemorySegment.ofArray(block), 0, y, 0, y.length);
            for (float weight : y) {
                if (Float.isNaN(value) ? Float.isNaN(weight) : Float.isInfinite(weight)) {
                    return block;
                }
            }
        }
    }
}
