package dev.skald.kernels;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.product.QuantMatrix;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Random blocks and activations with fixed seeds. */
public final class Samples {
    private Samples() {}

    /** Normally distributed floats. */
    public static float[] normal(int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] out = new float[n];
        for (int i = 0; i < n; i++) {
            out[i] = (float) random.nextGaussian();
        }
        return out;
    }

    /** A matrix over {@link #blocks}. */
    public static QuantMatrix matrix(QuantFormat format, int rows, int columns, long seed) {
        return QuantMatrix.of(format, rows, columns, blocks(format, rows, columns, seed));
    }

    /** Blocks of random codes whose scales are random finite numbers of ordinary size. */
    public static MemorySegment blocks(QuantFormat format, int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int block = format.type().blockElements();
        byte[] raw = new byte[(int) format.type().bytes(columns) * rows];
        MemorySegment data = MemorySegment.ofArray(raw);
        float[] y = new float[block];
        for (int at = 0; at < raw.length; at += format.type().blockBytes()) {
            do {
                for (int i = 0; i < format.type().blockBytes(); i++) {
                    raw[at + i] = (byte) random.nextInt();
                }
                format.decode(data, at, y, 0, block);
            } while (!ordinary(y));
        }
        return data;
    }

    private static boolean ordinary(float[] y) {
        double sum = 0;
        for (float v : y) {
            sum += Math.abs(v);
        }
        return sum / y.length > 1e-3 && sum / y.length < 1e3;
    }
}
