package dev.skald.kernels.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Samples;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Properties of every encoder, whatever the weights are. */
class EncodingTest {
    private static final int COLUMNS = 768;

    /** Weights of a kind: what a column is made of. */
    enum Kind {
        ZERO,
        CONSTANT,
        NORMAL,
        ONE_SIDED,
        SPARSE,
        OUTLIER,
        ALTERNATING,
        DENORMAL,
        TINY,
        LARGE;

        float[] row() {
            SplittableRandom random = new SplittableRandom(ordinal());
            float[] x = new float[COLUMNS];
            for (int i = 0; i < COLUMNS; i++) {
                float normal = (float) random.nextGaussian();
                x[i] = switch (this) {
                    case ZERO -> i % 2 == 0 ? 0f : -0f;
                    case CONSTANT -> -0.37f;
                    case NORMAL -> normal;
                    case ONE_SIDED -> 3 + normal / 10;
                    case SPARSE -> i % 97 == 5 ? normal : 0;
                    case OUTLIER -> i == 300 ? -40 : normal / 100;
                    case ALTERNATING -> i % 2 == 0 ? 0.5f : -0.5f;
                    case DENORMAL -> normal * 1e-40f;
                    case TINY -> normal * 1e-7f;
                    case LARGE -> normal * 1e4f;
                };
            }
            return x;
        }
    }

    static List<QuantFormat> encoders() {
        return QuantFormats.all().stream().filter(QuantFormat::canEncode).toList();
    }

    /** NVFP4 ends at 2688, as in ggml. Larger weights need a scale for the whole tensor. */
    static Stream<Arguments> encodersAndKinds() {
        return encoders().stream()
                .flatMap(f -> Stream.of(Kind.values())
                        .filter(k -> k != Kind.LARGE || f.type() != GgmlType.NVFP4)
                        .map(k -> Arguments.of(f, k)));
    }

    static Stream<QuantFormat> weighing() {
        return encoders().stream()
                .filter(f ->
                        f.type().name().matches("I?Q.*") && !f.type().name().matches("Q8_0|Q1_0|Q2_0"));
    }

    @ParameterizedTest
    @MethodSource("encodersAndKinds")
    void comesBackWithinWhatItsBitsAllow(QuantFormat format, Kind kind) {
        float[] x = kind.row();
        assertNear(format, x, roundTrip(format, x, ones(1)));
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void comesBackASecondTime(QuantFormat format) {
        float[] x = roundTrip(format, Kind.NORMAL.row(), ones(1));
        assertNear(format, x, roundTrip(format, x, ones(1)));
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void anImportanceHasNoUnit(QuantFormat format) {
        float[] x = Kind.NORMAL.row();
        float[] importance = importance(COLUMNS);
        float[] other = importance.clone();
        for (int i = 0; i < COLUMNS; i++) {
            other[i] *= 1024;
        }
        assertArrayEquals(encode(format, x, importance), encode(format, x, other));
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void noImportanceAnywhereIsTheSameEverywhere(QuantFormat format) {
        float[] x = Kind.NORMAL.row();
        assertArrayEquals(encode(format, x, ones(1)), encode(format, x, ones(0)));
    }

    /** One column in sixteen counts a hundred times as much as the others. */
    @ParameterizedTest
    @MethodSource("weighing")
    void whatIsImportantIsNearer(QuantFormat format) {
        float[] importance = importance(COLUMNS);
        double told = 0;
        double untold = 0;
        for (int row = 0; row < 4; row++) {
            float[] x = Samples.normal(COLUMNS, row);
            told += error(x, roundTrip(format, x, importance), importance);
            untold += error(x, roundTrip(format, x, format.needsImportance() ? ones(1) : null), importance);
        }
        assertTrue(told < untold, "weighted error " + told + " with importance, " + untold + " without");
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void doesNotDependOnTheThread(QuantFormat format) throws InterruptedException {
        float[] x = Kind.NORMAL.row();
        byte[] here = encode(format, x, importance(COLUMNS));
        byte[][] there = new byte[1][];
        Thread thread = new Thread(() -> {
            encode(format, Kind.LARGE.row(), ones(1));
            there[0] = encode(format, x, importance(COLUMNS));
        });
        thread.start();
        thread.join();
        assertArrayEquals(here, there[0]);
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void rowsWithoutImportanceAreBlocksOneByOne(QuantFormat format) {
        if (format.needsImportance()) {
            assertThrows(IllegalArgumentException.class, () -> encode(format, Kind.NORMAL.row(), null));
            return;
        }
        float[] x = Kind.NORMAL.row();
        byte[] whole = encode(format, x, null);
        int block = format.type().blockElements();
        int bytes = format.type().blockBytes();
        byte[] pieces = new byte[whole.length + 1];
        for (int i = 0; i < COLUMNS / block; i++) {
            format.encode(x, i * block, MemorySegment.ofArray(pieces), 1 + (long) i * bytes, block);
        }
        assertArrayEquals(whole, Arrays.copyOfRange(pieces, 1, pieces.length));
    }

    @Test
    void refusesWhatHalfPrecisionCannotHold() {
        float[] row = new float[32];
        row[5] = 1e8f;
        byte[] blocks = new byte[64];
        for (GgmlType type : List.of(GgmlType.F16, GgmlType.Q8_0)) {
            Exception e = assertThrows(
                    IllegalArgumentException.class,
                    () -> QuantFormats.of(type).encode(row, 0, MemorySegment.ofArray(blocks), 0, 32));
            assertTrue(e.getMessage().contains("65504"), e::getMessage);
        }
    }

    @Test
    void q8RoundsHalvesAwayFromZeroAndNothingElse() {
        // The scale is 1; the third is the largest float below a half, whose sum with a half rounds to 1.
        float[] row = new float[32];
        float[] start = {127, 0.5f, 0.49999997f, -0.5f, 1.5f, -2.5f, 2.4999998f};
        System.arraycopy(start, 0, row, 0, start.length);
        byte[] codes = Arrays.copyOfRange(encode(QuantFormats.of(GgmlType.Q8_0), row, null), 2, 2 + start.length);
        assertArrayEquals(new byte[] {127, 1, 0, -1, 2, -3, 2}, codes);
    }

    /**
     * The error is at most a step between codes, of the largest weight: 2^(1 - bits) of it, and for 4-bit floats a
     * quarter. Below the smallest scale that a format has everything is zero.
     */
    private static void assertNear(QuantFormat format, float[] x, float[] y) {
        String name = format.type().name();
        int bits = Integer.parseInt(name.replaceFirst("\\D*(\\d+).*", "$1"));
        double step = name.endsWith("FP4") ? 0.25 : Math.pow(2, 1 - Math.min(8, bits));
        double smallest = name.equals("NVFP4") ? 6 * 0x1p-10 : 0x1p-24 * 128;
        int block = Math.max(32, format.type().blockElements());
        for (int from = 0; from < x.length; from += block) {
            double most = 0;
            double sum = 0;
            for (int i = from; i < from + block; i++) {
                most = Math.max(most, Math.abs(x[i]));
                sum += Math.pow((double) x[i] - y[i], 2);
            }
            double error = Math.sqrt(sum / block);
            assertTrue(
                    error <= 1.05 * step * most + smallest,
                    "columns from " + from + ": error " + error + ", largest weight " + most);
        }
    }

    private static float[] ones(float value) {
        float[] ones = new float[COLUMNS];
        Arrays.fill(ones, value);
        return ones;
    }

    private static float[] importance(int columns) {
        float[] importance = new float[columns];
        for (int i = 0; i < columns; i++) {
            importance[i] = i % 16 == 3 ? 100 : 1;
        }
        return importance;
    }

    private static double error(float[] x, float[] y, float[] importance) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += importance[i] * Math.pow((double) x[i] - y[i], 2);
        }
        return sum;
    }

    private static byte[] encode(QuantFormat format, float[] x, float[] importance) {
        byte[] blocks = new byte[(int) format.type().bytes(x.length)];
        format.encode(x, 0, importance, MemorySegment.ofArray(blocks), 0, x.length);
        return blocks;
    }

    private static float[] roundTrip(QuantFormat format, float[] x, float[] importance) {
        float[] y = new float[x.length];
        format.decode(MemorySegment.ofArray(encode(format, x, importance)), 0, y, 0, y.length);
        return y;
    }
}
