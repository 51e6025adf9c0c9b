package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The settings of a {@link Sampler}: how tokens are chosen. Immutable; any number of samplers may share them.
 *
 * <p>The defaults are llama.cpp's: top-k 40, top-p 0.95, min-p 0.05, temperature 0.8, everything else off.
 */
public final class SamplerOptions {
    private final Builder set;

    private SamplerOptions(Builder builder) {
        set = new Builder(builder);
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
     * @throws IllegalStateException if DRY with breakers or infill is asked for, which need the vocabulary
     */
    public Sampler newSampler() {
        return new Sampler(this, Optional.empty());
    }

    /**
     * Makes a sampler with these settings for a vocabulary. DRY searches its tokens for each breaker, which takes a few
     * milliseconds.
     *
     * @param tokenizer the tokenizer of the vocabulary
     * @return a new sampler, at the beginning of its random numbers
     */
    public Sampler newSampler(Tokenizer tokenizer) {
        return new Sampler(this, Optional.of(tokenizer));
    }

    /**
     * Returns the seed.
     *
     * @return the seed, or empty if each sampler chooses a random one
     */
    public OptionalLong seed() {
        return set.seed;
    }

    /**
     * Returns whether the most probable token is taken instead of a drawn one.
     *
     * @return whether the temperature is 0 or less, and neither dynamic nor left out of the order
     */
    public boolean greedy() {
        return Chain.isGreedy(set);
    }

    /**
     * Returns the temperature.
     *
     * @return the temperature; 0 or less when {@link #greedy()}
     */
    public float temperature() {
        return set.temperature;
    }

    /** The chain of one sampler. */
    List<SamplerStep> chain(Optional<Tokenizer> tokenizer, RandomGenerator random) {
        return Chain.of(set, tokenizer, random);
    }

    /** Collects settings; each call checks its own value. Not thread-safe. */
    public static final class Builder {
        float temperature = 0.8f;
        int topK = 40;
        float topP = 0.95f;
        float minP = 0.05f;
        float typicalP = 1;
        float topNSigma;
        int minKeep;
        float xtcProbability;
        float xtcThreshold = 0.1f;
        int penaltyTokens = 64;
        float repeatPenalty = 1;
        float frequencyPenalty;
        float presencePenalty;
        float dryMultiplier;
        float dryBase = 1.75f;
        int dryAllowedLength = 2;
        int dryTokens = 64;
        List<String> dryBreakers = List.of("\n", ":", "\"", "*");
        float dynatempRange;
        float dynatempExponent = 1;
        int mirostat;
        float mirostatTau = 5;
        float mirostatEta = 0.1f;
        float adaptiveTarget = -1;
        float adaptiveDecay = 0.9f;
        List<SamplerStage> order = SamplerStage.DEFAULT_ORDER;
        final Map<Integer, Float> logitBias = new TreeMap<>();
        final List<Supplier<? extends SamplerStep>> steps = new ArrayList<>();
        OptionalLong seed = OptionalLong.empty();

        private Builder() {}

        private Builder(Builder other) {
            temperature = other.temperature;
            topK = other.topK;
            topP = other.topP;
            minP = other.minP;
            typicalP = other.typicalP;
            topNSigma = other.topNSigma;
            minKeep = other.minKeep;
            xtcProbability = other.xtcProbability;
            xtcThreshold = other.xtcThreshold;
            penaltyTokens = other.penaltyTokens;
            repeatPenalty = other.repeatPenalty;
            frequencyPenalty = other.frequencyPenalty;
            presencePenalty = other.presencePenalty;
            dryMultiplier = other.dryMultiplier;
            dryBase = other.dryBase;
            dryAllowedLength = other.dryAllowedLength;
            dryTokens = other.dryTokens;
            dryBreakers = other.dryBreakers;
            dynatempRange = other.dynatempRange;
            dynatempExponent = other.dynatempExponent;
            mirostat = other.mirostat;
            mirostatTau = other.mirostatTau;
            mirostatEta = other.mirostatEta;
            adaptiveTarget = other.adaptiveTarget;
            adaptiveDecay = other.adaptiveDecay;
            order = other.order;
            logitBias.putAll(other.logitBias);
            steps.addAll(other.steps);
            seed = other.seed;
        }

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
         * Sets how many tokens {@link TopP}, {@link MinP} and {@link Typical} leave at least, and XTC, which does
         * nothing where fewer would be left; the default is 0.
         *
         * @param value the number of tokens, 0 or more
         * @return this
         * @throws IllegalArgumentException if {@code value} is negative
         */
        public Builder minKeep(int value) {
            minKeep = Checks.range("minKeep", value, 0, Integer.MAX_VALUE);
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
            xtcProbability = Checks.unit("xtcProbability", probability);
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
            xtcThreshold = Checks.unit("xtcThreshold", threshold);
            return this;
        }

        /**
         * Sets how many of the newest tokens the penalties consider; the default is 64; see {@link Penalties}.
         *
         * @param count the number of tokens; 0 or less for none
         * @return this
         */
        public Builder penaltyTokens(int count) {
            penaltyTokens = count;
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
         * Sets a penalty for tokens that continue a repetition of several tokens (DRY, "don't repeat yourself"); by
         * default there is none. The logit becomes {@code logit - multiplier * base^(length - allowed length)} if the
         * newest {@code length} tokens occurred before and were followed by this token.
         *
         * @param value the penalty for a repetition of the allowed length, in logits; 0 for none, 0.8 is usual
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder dryMultiplier(float value) {
            dryMultiplier = Checks.finite("dryMultiplier", value);
            return this;
        }

        /**
         * Sets the factor by which DRY's penalty grows with each token of the repetition; the default is 1.75; see
         * {@link #dryMultiplier}.
         *
         * @param value a factor; below 1 there is no penalty
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder dryBase(float value) {
            dryBase = Checks.finite("dryBase", value);
            return this;
        }

        /**
         * Sets the length from which DRY penalizes a repetition; the default is 2; see {@link #dryMultiplier}.
         *
         * @param value tokens, 0 or more
         * @return this
         * @throws IllegalArgumentException if {@code value} is negative
         */
        public Builder dryAllowedLength(int value) {
            dryAllowedLength = Checks.range("dryAllowedLength", value, 0, Integer.MAX_VALUE);
            return this;
        }

        /**
         * Sets how many of the newest tokens DRY considers; the default is 64; see {@link #dryMultiplier}.
         *
         * @param count the number of tokens; 0 or less for none
         * @return this
         */
        public Builder dryTokens(int count) {
            dryTokens = count;
            return this;
        }

        /**
         * Sets the texts at which a repetition ends, so that, for example, the names in a conversation may be repeated.
         * The default is line feed, {@code :}, {@code "} and {@code *}. See {@link #dryMultiplier}. The first 40 bytes
         * of a text count.
         *
         * @param texts the texts, none of them empty; no text for no breakers
         * @return this
         * @throws IllegalArgumentException if one is empty
         */
        public Builder dryBreakers(List<String> texts) {
            if (texts.contains("")) {
                throw new IllegalArgumentException("an empty DRY breaker would stand between any two tokens");
            }
            dryBreakers = List.copyOf(texts);
            return this;
        }

        /**
         * Lets the temperature follow the model's certainty, by up to this much below and above; see
         * {@link DynamicTemperature}.
         *
         * @param value in units of temperature; 0 or less, the default, for a fixed temperature
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder dynatempRange(float value) {
            dynatempRange = Checks.finite("dynatempRange", value);
            return this;
        }

        /**
         * Sets how a dynamic temperature follows the model's certainty; the default is 1; see {@link
         * DynamicTemperature}.
         *
         * @param value an exponent
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder dynatempExponent(float value) {
            dynatempExponent = Checks.finite("dynatempExponent", value);
            return this;
        }

        /**
         * Keeps the surprise of the text near a target (Basu et al. 2021). Then only logit biases, custom steps and the
         * temperature come before it; all other steps are skipped, whatever their settings.
         *
         * @param version 1 or 2; 0, the default, to turn it off
         * @return this
         * @throws IllegalArgumentException if there is no such version
         */
        public Builder mirostat(int version) {
            mirostat = Checks.range("mirostat", version, 0, 2);
            return this;
        }

        /**
         * Sets the target of {@link #mirostat}; the default is 5.
         *
         * @param value -log2 of a probability: 1 is the surprise of a coin toss
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder mirostatTau(float value) {
            mirostatTau = Checks.finite("mirostatTau", value);
            return this;
        }

        /**
         * Sets how fast {@link #mirostat} learns; the default is 0.1.
         *
         * @param value the share of an error by which its limit moves
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder mirostatEta(float value) {
            mirostatEta = Checks.finite("mirostatEta", value);
            return this;
        }

        /**
         * Prefers tokens of about this probability (adaptive-p), as the last step; by default it is off. Use only mild
         * cuts before it, for example min-p of 0.05 alone.
         *
         * @param value a probability; above 1 counts as 1, and below 0 turns it off
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder adaptiveTarget(float value) {
            adaptiveTarget = Checks.finite("adaptiveTarget", value);
            return this;
        }

        /**
         * Sets how long {@link #adaptiveTarget} remembers earlier choices; the default is 0.9.
         *
         * @param value the weight that the average so far keeps with each token: 0 for none; above 0.99 counts as 0.99
         * @return this
         * @throws IllegalArgumentException if {@code value} is not in [0, 1]
         */
        public Builder adaptiveDecay(float value) {
            adaptiveDecay = Checks.unit("adaptiveDecay", value);
            return this;
        }

        /**
         * Sets the steps and their order; the default is {@link SamplerStage#DEFAULT_ORDER}. A step that is not named
         * is skipped, and a step whose setting is off changes nothing. Logit biases come first. Custom steps come
         * before the first named step that is neither the penalties nor DRY. Without the temperature step, tokens are
         * drawn from the model's own distribution.
         *
         * @param stages the steps, each at most once
         * @return this
         * @throws IllegalArgumentException if a step occurs twice
         */
        public Builder order(List<SamplerStage> stages) {
            SamplerStage.check(stages);
            order = List.copyOf(stages);
            return this;
        }

        /**
         * Adds a custom step, after those added before. It sees all tokens of the vocabulary after biases and
         * penalties, before the cuts.
         *
         * @param step a step without state of its own; shared by all samplers of these options
         * @return this
         */
        public Builder step(SamplerStep step) {
            Objects.requireNonNull(step, "step");
            return step(() -> step);
        }

        /**
         * Adds a custom step that keeps state, after those added before.
         *
         * @param factory makes a step for each sampler, and so for each generation
         * @return this
         */
        public Builder step(Supplier<? extends SamplerStep> factory) {
            steps.add(Objects.requireNonNull(factory, "factory"));
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
