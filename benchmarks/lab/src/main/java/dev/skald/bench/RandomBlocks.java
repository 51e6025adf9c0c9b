package dev.skald.bench;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

/**
 * Endless rows of random weights of one type, with a mean of 0 and a given standard deviation. They are cheaper than random
 * numbers: each row is cut from another place in a pool of random blocks.
 */
public final class RandomBlocks {
    /** How many blocks after the last row the next one is cut. */
    private static final int STEP = 101_377;

    private static final int SMALLEST_POOL = 4096;
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GgmlType type;

    /** Places where a row may begin. Their number is prime, so that steps visit all of them before one is repeated. */
    private final int places;

    private final MemorySegment pool;
    private long at;

    /**
     * Creates the pool.
     *
     * @param type the type of the weights
     * @param deviation the standard deviation of the weights
     * @param longestRow the greatest number of columns of a row
     * @param mostRows the greatest number of rows of a matrix; so many differ
     * @param seed determines the weights
     * @param arena holds the pool
     * @throws IllegalArgumentException if Skald does not read the type
     */
    public RandomBlocks(GgmlType type, float deviation, int longestRow, int mostRows, long seed, Arena arena) {
        this.type = type;
        SplittableRandom random = new SplittableRandom(seed ^ type.id());
        places = BigInteger.valueOf(Math.max(mostRows, SMALLEST_POOL))
                .nextProbablePrime()
                .intValueExact();
        at = random.nextInt(places);
        int blocks = places + longestRow / type.blockElements();
        pool = arena.allocate((long) blocks * type.blockBytes(), 64);
        QuantFormat format = QuantFormats.of(type);
        if (type.layout().startsWith("x:")) {
            fillWithNumbers(format, deviation, random, blocks);
        } else {
            fillWithCodes(format, deviation, random, blocks);
        }
    }

    /**
     * Copies the next rows.
     *
     * @param columns columns of a row, at most {@code longestRow}
     * @param rows how many
     * @param target receives the rows
     */
    public void rows(long columns, long rows, MemorySegment target) {
        long rowBytes = type.bytes(columns);
        for (long row = 0; row < rows; row++) {
            at = (at + STEP) % places;
            MemorySegment.copy(pool, at * type.blockBytes(), target, row * rowBytes, rowBytes);
        }
    }

    private void fillWithNumbers(QuantFormat format, float deviation, SplittableRandom random, int blocks) {
        float[] numbers = new float[blocks];
        for (int i = 0; i < blocks; i++) {
            numbers[i] = (float) random.nextGaussian(0, deviation);
        }
        format.encode(numbers, 0, pool, 0, blocks);
    }

    /**
     * Fills a block with random bytes for codes and scales, and sets the block's two factors so that mean and deviation are
     * right.
     */
    private void fillWithCodes(QuantFormat format, float deviation, SplittableRandom random, int blocks) {
        byte[] bytes = new byte[type.blockBytes()];
        for (int i = 0; i < blocks; i++) {
            random.nextBytes(bytes);
            makeTernary(bytes);
            MemorySegment.copy(bytes, 0, pool, ValueLayout.JAVA_BYTE, (long) i * bytes.length, bytes.length);
        }
        long minimum = type.offsetOf("m:f16").orElse(type.offsetOf("dmin:f16").orElse(-1));
        int sample = Math.min(blocks, 4096);
        float m = 0;
        if (minimum >= 0) {
            setFactors(1, minimum, 0, sample, random);
            double codes = mean(decode(format, sample));
            setFactors(0, minimum, 1, sample, random);
            double minima = mean(decode(format, sample));
            m = (float) (-codes / minima);
        }
        setFactors(1, minimum, m, sample, random);
        float factor = (float) (deviation / deviation(decode(format, sample)));
        setFactors(factor, minimum, factor * m, blocks, random);
    }

    /** Codes 0 to 3 for values from -1: without the last, which encoders never write, the mean is 0. */
    private void makeTernary(byte[] bytes) {
        if (type == GgmlType.TQ2_0 || type == GgmlType.Q2_0) {
            for (int i = 0; i < bytes.length; i++) {
                int threes = bytes[i] & bytes[i] >>> 1 & 0x55;
                bytes[i] &= (byte) ~(2 * threes);
            }
        }
    }

    private void setFactors(float d, long minimum, float m, int blocks, SplittableRandom random) {
        for (int i = 0; i < blocks; i++) {
            float variation = (float) random.nextDouble(0.8, 1.2);
            long block = (long) i * type.blockBytes();
            setScale(block, d * variation, random);
            if (minimum >= 0) {
                pool.set(HALF, block + minimum, Float.floatToFloat16(m * variation));
            }
        }
    }

    private void setScale(long block, float d, SplittableRandom random) {
        switch (type) {
            case MXFP4 -> setByte(block, random, d, code -> Math.scalb(1f, code - 128));
            case NVFP4 -> {
                for (int i = 0; i < 4; i++) {
                    setByte(block + i, random, d, RandomBlocks::fromE4M3);
                }
            }
            case IQ1_M -> {
                // Four bits of d are on top of each of four words.
                long scales = block + type.offsetOf("scales:u8[8]").orElseThrow();
                int half = Float.floatToFloat16(d);
                for (int i = 0; i < 4; i++) {
                    int rest = pool.get(HALF, scales + 2 * i) & 0xFFF;
                    pool.set(HALF, scales + 2 * i, (short) (rest | (half >>> 4 * i & 0xF) << 12));
                }
            }
            default -> pool.set(HALF, block + type.offsetOf("d:f16").orElseThrow(), Float.floatToFloat16(d));
        }
    }

    /** Half of a float of eight bits, four of exponent and three of mantissa. */
    private static double fromE4M3(int bits) {
        return Math.scalb(bits < 8 ? bits / 4f : 1 + (bits & 7) / 8f, (bits >>> 3) - 8);
    }

    /** Sets a one-byte scale to one of the two nearest values, each so often that the squares have the right mean. */
    private void setByte(long at, SplittableRandom random, double d, IntToDoubleFunction value) {
        int below = 0;
        while (value.applyAsDouble(below + 1) <= d) {
            below++;
        }
        double low = Math.pow(value.applyAsDouble(below), 2);
        double high = Math.pow(value.applyAsDouble(below + 1), 2);
        boolean up = random.nextDouble() < (d * d - low) / (high - low);
        pool.set(ValueLayout.JAVA_BYTE, at, (byte) (up ? below + 1 : below));
    }

    private float[] decode(QuantFormat format, int blocks) {
        float[] weights = new float[blocks * type.blockElements()];
        format.decode(pool, 0, weights, 0, weights.length);
        return weights;
    }

    private static double mean(float[] weights) {
        double sum = 0;
        for (float weight : weights) {
            sum += weight;
        }
        return sum / weights.length;
    }

    private static double deviation(float[] weights) {
        double mean = mean(weights);
        double sum = 0;
        for (float weight : weights) {
            sum += (weight - mean) * (weight - mean);
        }
        return Math.sqrt(sum / weights.length);
    }
}
