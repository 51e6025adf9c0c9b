package dev.skald.bench.jmh;

import dev.skald.runtime.sampling.Sampler;
import dev.skald.runtime.sampling.SamplerOptions;
import dev.skald.runtime.sampling.TokenHistory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** Chooses a token from 128,256, whose logits are as peaked as a model's. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1)
public class SamplerBenchmark {
    private static final int VOCABULARY = 128_256;
    private static final int ROWS = 16;
    private static final int TOP_K = 40;

    /** Settings of the sampler. */
    public enum Chain {
        GREEDY(SamplerOptions.builder().temperature(0), 1),
        USUAL(SamplerOptions.builder().temperature(0.8f).topK(TOP_K).topP(0.95f).minP(0.05f), TOP_K),
        TOP_P_ONLY(SamplerOptions.builder().temperature(1).topK(0).topP(0.95f).minP(0), VOCABULARY),
        PENALTIES(
                SamplerOptions.builder()
                        .temperature(0.8f)
                        .topK(TOP_K)
                        .topP(0.95f)
                        .minP(0.05f)
                        .repeatPenalty(1.1f)
                        .penaltyTokens(64),
                VOCABULARY),
        DRY(SamplerOptions.builder().dryMultiplier(0.8f).dryBreakers(List.of()), VOCABULARY),
        TYPICAL(SamplerOptions.builder().topK(0).typicalP(0.9f), VOCABULARY),
        TOP_N_SIGMA(SamplerOptions.builder().topNSigma(1), TOP_K),
        MIROSTAT_1(SamplerOptions.builder().mirostat(1), VOCABULARY),
        MIROSTAT_2(SamplerOptions.builder().mirostat(2), VOCABULARY),
        ADAPTIVE_P(SamplerOptions.builder().adaptiveTarget(0.4f), TOP_K);

        private final SamplerOptions.Builder options;
        /** The number of best tokens that the choice must be among. */
        private final int best;

        Chain(SamplerOptions.Builder options, int best) {
            this.options = options;
            this.best = best;
        }
    }

    /** The sampler's settings. */
    @Param
    public Chain chain;

    private final float[][] logits = new float[ROWS][VOCABULARY];
    private final float[] lowest = new float[ROWS];
    private Sampler sampler;
    private TokenHistory history;
    private int row;

    /** Makes logits and a history, and checks many choices. */
    @Setup
    public void prepare() {
        SplittableRandom random = new SplittableRandom(1);
        for (int r = 0; r < ROWS; r++) {
            for (int i = 0; i < VOCABULARY; i++) {
                logits[r][i] = (float) random.nextGaussian(0, 2.5);
            }
            float[] sorted = logits[r].clone();
            Arrays.sort(sorted);
            lowest[r] = sorted[VOCABULARY - chain.best];
        }
        sampler = chain.options.seed(1).newSampler();
        history = TokenHistory.of(IntStream.range(0, 100).map(i -> i * 997).toArray());
        check();
    }

    /** Chooses a token. */
    @Benchmark
    public int token() {
        row = (row + 1) % ROWS;
        return sampler.sample(logits[row], history);
    }

    private void check() {
        for (int i = 0; i < 10 * ROWS; i++) {
            int token = token();
            if (!(logits[row][token] >= lowest[row])) {
                throw new IllegalStateException(
                        chain + " chose token " + token + ", which is not among the " + chain.best + " best");
            }
        }
    }

    /** Checks many choices again. */
    @TearDown
    public void finish() {
        check();
    }
}
