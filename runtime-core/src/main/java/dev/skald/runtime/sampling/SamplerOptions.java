package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The settings of a {@link Sampler}: how tokens are chosen. Immutable; any number of samplers may share them.
 *
 * <p>The defaults are llama.cpp's: top-k 40, top-p 0.95, min-p 0.05, temperature 0.8, everything else off.
 */
public final class SamplerOptions {
    private final float temperature;
    private final int topK;
    private final float topP;
    private final float minP;
    private final float typicalP;
    private final float topNSigma;
    private final float xtcProbability;
    private final float xtcThreshold;
    private final Penalties penalties;
    private final LogitBias logitBias;
    private final List<SamplerStep> customSteps;
    private final OptionalLong seed;

    private SamplerOptions(Builder builder) {
        temperature = builder.temperature;
        topK = builder.topK;
        topP = builder.topP;
        minP = builder.minP;
        typicalP = builder.typicalP;
        topNSigma = builder.topNSigma;
        xtcProbability = builder.xtcProbability;
        xtcThreshold = builder.xtcThreshold;
        penalties = new Penalties(
                builder.penaltyTokens, builder.repeatPenalty, builder.frequencyPenalty, builder.presencePenalty);
        logitBias = new LogitBias(builder.logitBias);
        customSteps = List.copyOf(builder.steps);
        seed = builder.seed;
    }

    /**
     * Starts from the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Makes a sampler with these settings. Each sequence that is generated at the same time needs its own.
     *
     * @return a new sampler, at the beginning of its random numbers
     */
    public Sampler newSampler() {
        return new Sampler(this);
    }

    /**
     * Returns the seed.
     *
     * @return the seed, or empty if each sampler chooses a random one
     */
    public OptionalLong seed() {
        return seed;
    }

    /**
     * Returns whether the most probable token is taken instead of a drawn one.
     *
     * @return whether the temperature is 0 or less
     */
    public boolean greedy() {
        return temperature <= 0;
    }

    /**
     * Returns the temperature.
     *
     * @return the temperature; 0 or less when {@link #greedy()}
     */
    public float temperature() {
        return temperature;
    }

    /** The chain in the order that {@link Sampler} documents, without the steps that change nothing. */
    List<SamplerStep> chain(RandomGenerator random) {
        List<SamplerStep> chain = new ArrayList<>();
        addIf(!logitBias.biases().isEmpty(), chain, logitBias);
        addIf(penalties.active(), chain, penalties);
        chain.addAll(customSteps);
        boolean bestMayGo = typicalP < 1 || xtcProbability > 0;
        if (greedy() && !bestMayGo) {
            // What is left below always keeps the most probable token, and that is all that is asked for.
            return chain;
        }
        if (topNSigma > 0) {
            chain.add(new TopNSigma(topNSigma));
        }
        if (topK > 0) {
            chain.add(new TopK(topK));
        }
        addIf(typicalP < 1, chain, new Typical(typicalP));
        addIf(topP < 1, chain, new TopP(topP));
        addIf(minP > 0, chain, new MinP(minP));
        addIf(xtcProbability > 0, chain, new Xtc(xtcProbability, xtcThreshold, random));
        if (!greedy() && temperature != 1) {
            chain.add(new Temperature(temperature));
        }
        return chain;
    }

    private static void addIf(boolean wanted, List<SamplerStep> chain, SamplerStep step) {
        if (wanted) {
            chain.add(step);
        }
    }

    /** Collects settings; each call checks its own value. Not thread-safe. */
    public static final class Builder {
        private float temperature = 0.8f;
        private int topK = 40;
        private float topP = 0.95f;
        private float minP = 0.05f;
        private float typicalP = 1;
        private float topNSigma;
        private float xtcProbability;
        private float xtcThreshold = 0.1f;
        private int penaltyTokens = 64;
        private float repeatPenalty = 1;
        private float frequencyPenalty;
        private float presencePenalty;
        private final Map<Integer, Float> logitBias = new TreeMap<>();
        private final List<SamplerStep> steps = new ArrayList<>();
        private OptionalLong seed = OptionalLong.empty();

        private Builder() {}

        /**
         * Sets the temperature; the default is 0.8; see {@link Temperature}.
         *
         * @param value 0 or less to always take the most probable token, 1 for the model's own distribution
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder temperature(float value) {
            temperature = Checks.finite("temperature", value);
            return this;
        }

        /**
         * Sets how many of the most probable tokens are kept; the default is 40; see {@link TopK}.
         *
         * @param value the number of tokens; 0 or less for all
         * @return this
         */
        public Builder topK(int value) {
            topK = value;
            return this;
        }

        /**
         * Sets the probability mass that is kept; the default is 0.95; see {@link TopP}.
         *
         * @param value in [0, 1]; 1 for all
         * @return this
         * @throws IllegalArgumentException if {@code value} is not in [0, 1]
         */
        public Builder topP(float value) {
            topP = Checks.unit("topP", value);
            return this;
        }

        /**
         * Sets the fraction of the highest probability that a token must reach; the default is 0.05; see {@link MinP}.
         *
         * @param value in [0, 1]; 0 for all tokens
         * @return this
         * @throws IllegalArgumentException if {@code value} is not in [0, 1]
         */
        public Builder minP(float value) {
            minP = Checks.unit("minP", value);
            return this;
        }

        /**
         * Sets the probability mass of locally typical tokens that is kept; the default is 1; see {@link Typical}.
         *
         * @param value in [0, 1]; 1 for all
         * @return this
         * @throws IllegalArgumentException if {@code value} is not in [0, 1]
         */
        public Builder typicalP(float value) {
            typicalP = Checks.unit("typicalP", value);
            return this;
        }

        /**
         * Sets how many standard deviations below the highest logit a token may be; by default there is no limit; see
         * {@link TopNSigma}.
         *
         * @param value the number of deviations; 0 or less for no limit
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder topNSigma(float value) {
            topNSigma = Checks.finite("topNSigma", value);
            return this;
        }

        /**
         * Sets how often top choices are excluded (XTC); by default never. With the given probability, all tokens at or
         * above the threshold except the least probable of them are removed.
         *
         * @param probability how often, in [0, 1]; 0 for never
         * @param threshold the probability from which a token is a top choice, in [0, 1]; llama.cpp's default is 0.1
         * @return this
         * @throws IllegalArgumentException if a value is not in [0, 1]
         */
        public Builder xtc(float probability, float threshold) {
            return xtcProbability(probability).xtcThreshold(threshold);
        }

        /**
         * Sets how often top choices are excluded; see {@link #xtc}.
         *
         * @param probability in [0, 1]; 0, the default, for never
         * @return this
         * @throws IllegalArgumentException if {@code probability} is not in [0, 1]
         */
        public Builder xtcProbability(float probability) {
            xtcProbability = Checks.unit("xtc probability", probability);
            return this;
        }

        /**
         * Sets the probability from which a token is a top choice; see {@link #xtc}.
         *
         * @param threshold in [0, 1]; the default is 0.1
         * @return this
         * @throws IllegalArgumentException if {@code threshold} is not in [0, 1]
         */
        public Builder xtcThreshold(float threshold) {
            xtcThreshold = Checks.unit("xtc threshold", threshold);
            return this;
        }

        /**
         * Sets how many of the newest tokens the penalties consider; the default is 64; see {@link Penalties}.
         *
         * @param count the number of tokens; 0 for none, -1 for all
         * @return this
         * @throws IllegalArgumentException if {@code count} is less than -1
         */
        public Builder penaltyTokens(int count) {
            penaltyTokens = new Penalties(count, 1, 0, 0).lastTokens();
            return this;
        }

        /**
         * Sets the repetition penalty; the default is 1; see {@link Penalties}.
         *
         * @param value above 0; 1 for none
         * @return this
         * @throws IllegalArgumentException if {@code value} is not a finite number above 0
         */
        public Builder repeatPenalty(float value) {
            repeatPenalty = Checks.positive("repeatPenalty", value);
            return this;
        }

        /**
         * Sets the frequency penalty; the default is 0; see {@link Penalties}.
         *
         * @param value in logits for each occurrence; 0 for none
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder frequencyPenalty(float value) {
            frequencyPenalty = Checks.finite("frequencyPenalty", value);
            return this;
        }

        /**
         * Sets the presence penalty; the default is 0; see {@link Penalties}.
         *
         * @param value in logits; 0 for none
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder presencePenalty(float value) {
            presencePenalty = Checks.finite("presencePenalty", value);
            return this;
        }

        /**
         * Adds a bias to the logit of a token; see {@link LogitBias}. A second bias for a token replaces the first.
         *
         * @param token a token id
         * @param bias in logits; negative infinity bans the token
         * @return this
         * @throws IllegalArgumentException if {@code token} is negative, or {@code bias} NaN or positive infinity
         */
        public Builder logitBias(int token, float bias) {
            LogitBias.check(token, bias);
            logitBias.put(token, bias);
            return this;
        }

        /**
         * Adds a custom step, after those added before. It sees all tokens of the vocabulary after biases and
         * penalties, before the cuts.
         *
         * @param step the step; shared by all samplers of these options
         * @return this
         */
        public Builder step(SamplerStep step) {
            steps.add(Objects.requireNonNull(step, "step"));
            return this;
        }

        /**
         * Sets the seed of the random numbers, to repeat a text.
         *
         * @param value any number
         * @return this
         */
        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        /**
         * Lets each sampler choose a random seed. This is the default.
         *
         * @return this
         */
        public Builder randomSeed() {
            seed = OptionalLong.empty();
            return this;
        }

        /**
         * Builds the options. The builder can be used again.
         *
         * @return the options
         */
        public SamplerOptions build() {
            return new SamplerOptions(this);
        }

        /**
         * Builds the options and makes a sampler with them.
         *
         * @return a new sampler
         */
        public Sampler newSampler() {
            return build().newSampler();
        }
    }
}
