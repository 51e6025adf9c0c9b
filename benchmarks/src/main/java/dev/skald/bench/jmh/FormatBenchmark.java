package dev.skald.bench.jmh;

import dev.skald.bench.RandomBlocks;
import dev.skald.gguf.GgmlType;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Decodes and encodes blocks, a million weights at a time on one thread. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {JvmFlags.LENIENT, JvmFlags.VECTORS, JvmFlags.NATIVE_ACCESS, JvmFlags.HUGE_PAGES, JvmFlags.HEAP
        })
public class FormatBenchmark {
    private static final int COLUMNS = 1024;
    private static final int COUNT = 1024 * COLUMNS;
    private static final float DEVIATION = 0.02f;

    /** Counts weights, which JMH shows per second. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Weights {
        /** In units of 10^9. */
        public double gigaweights;
    }

    /** Blocks to decode. */
    @State(Scope.Thread)
    public static class Decoding {
        /** A type of weights; the whole run takes every format there is. */
        @Param({"Q4_0", "Q8_0", "Q4_K"})
        public String format;

        private final float[] out = new float[COUNT];
        private Arena arena;
        private QuantFormat decoder;
        private MemorySegment blocks;

        /** Makes blocks whose weights have a known deviation, and checks that they do. */
        @Setup
        public void prepare() {
            arena = Arena.ofConfined();
            decoder = QuantFormats.of(GgmlType.valueOf(format));
            blocks = arena.allocate(decoder.type().bytes(COUNT), 64);
            new RandomBlocks(decoder.type(), DEVIATION, COLUMNS, COUNT / COLUMNS, 1, arena)
                    .rows(COLUMNS, COUNT / COLUMNS, blocks);
            decode();
            check();
        }

        private float[] decode() {
            decoder.decode(blocks, 0, out, 0, COUNT);
            return out;
        }

        private void check() {
            double deviation = deviation(out, new float[COUNT]);
            if (!(Math.abs(deviation / DEVIATION - 1) < 0.05)) {
                throw new IllegalStateException(
                        format + " weights have a deviation of " + deviation + ", not " + DEVIATION);
            }
        }

        /** Checks the last result. */
        @TearDown
        public void finish() {
            check();
            arena.close();
        }
    }

    /** Floats to encode. */
    @State(Scope.Thread)
    public static class Encoding {
        /** A type of weights; the whole run takes every format that can be written. */
        @Param({"Q4_0", "Q8_0"})
        public String encoded;

        private final float[] in = new float[COUNT];
        private Arena arena;
        private QuantFormat encoder;
        private float[] importance;
        private MemorySegment blocks;

        /** Makes normally distributed weights, and checks the error of their encoding. */
        @Setup
        public void prepare() {
            arena = Arena.ofConfined();
            encoder = QuantFormats.of(GgmlType.valueOf(encoded));
            if (encoder.needsImportance()) {
                importance = new float[COLUMNS];
                Arrays.fill(importance, 1);
            }
            blocks = arena.allocate(encoder.type().bytes(COUNT), 64);
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < COUNT; i++) {
                in[i] = (float) random.nextGaussian(0, DEVIATION);
            }
            encode();
            check();
        }

        private MemorySegment encode() {
            for (int row = 0; row < COUNT / COLUMNS; row++) {
                encoder.encode(
                        in,
                        row * COLUMNS,
                        importance,
                        blocks,
                        row * encoder.type().bytes(COLUMNS),
                        COLUMNS);
            }
            return blocks;
        }

        /**
         * Returns the error that an encoding may have. Let b be the number in the type's name. Codes of b bits that cover 2.5
         * deviations to each side are 5 / 2^b apart, and the error stays below a third of that. Near their largest value, 4-bit
         * floats are no denser than codes of three bits. With one or two bits, the bound is the error of all zeros, because
         * codes of some formats reach to the largest weight of a block, and most weights are far from that.
         */
        private void check() {
            float[] back = new float[COUNT];
            encoder.decode(blocks, 0, back, 0, COUNT);
            int bits = encoded.endsWith("FP4") ? 3 : Integer.parseInt(encoded.replaceFirst("\\D*(\\d+).*", "$1"));
            double allowed = bits <= 2 ? 1 : 5 * Math.pow(2, -Math.min(8, bits)) / 3;
            double error = deviation(in, back) / DEVIATION;
            if (!(error <= allowed)) {
                throw new IllegalStateException(encoded + " has an error of " + error + " deviations, not " + allowed);
            }
        }

        /** Checks the last result. */
        @TearDown
        public void finish() {
            check();
            arena.close();
        }
    }

    private static double deviation(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sum += difference * difference;
        }
        return Math.sqrt(sum / a.length);
    }

    /** Decodes blocks. */
    @Benchmark
    public float[] decode(Decoding state, Weights weights) {
        weights.gigaweights += COUNT * 1e-9;
        return state.decode();
    }

    /** Encodes floats. */
    @Benchmark
    public MemorySegment encode(Encoding state, Weights weights) {
        weights.gigaweights += COUNT * 1e-9;
        return state.encode();
    }
}
