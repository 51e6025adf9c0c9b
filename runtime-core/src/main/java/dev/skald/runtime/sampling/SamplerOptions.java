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
 * How tokens are chosen: the settings of a {@link Sampler}, immutable and shared by any number of them.
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
     * Makes a sampler with these settings; one is needed for each sequence that is generated at the same time.
     *
     * @return a new sampler, at the beginning of its random numbers
     * @throws IllegalStateException if DRY with breakers or infill is asked for, which need the vocabulary
     */
    public Sampler newSampler() {
        return new Sampler(this, Optional.empty());
    }

    /**
     * Makes a sampler with these settings for the tokens of a vocabulary. DRY looks at each of its tokens for each breaker,
     * which takes some milliseconds.
     *
     * @param tokenizer knows the vocabulary
     * @return a new sampler, at the beginning of its random numbers
     */
    public Sampler newSampler(Tokenizer tokenizer) {
        return new Sampler(this, Optional.of(tokenizer));
    }

    /**
     * Returns the seed.
     *
     * @return the seed, or nothing when each sampler takes a random one
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
         * Sets the temperature, 0.8 unless said otherwise; see {@link Temperature}.
         *
         * @param value 0 or less for the most probable token always, 1 for the model's own distribution
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder temperature(float value) {
            temperature = Checks.finite("temperature", value);
            return this;
        }

        /**
         * Sets how many of the most probable tokens stay, 40 unless said otherwise; see {@link TopK}.
         *
         * @param value the number of tokens; 0 or less for all
         * @return this
         */
        public Builder topK(int value) {
            topK = value;
            return this;
        }

        /**
         * Sets the mass of probability that stays, 0.95 unless said otherwise; see {@link TopP}.
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
         * Sets the share of the highest probability that a token has to reach, 0.05 unless said otherwise; see
         * {@link MinP}.
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
         * Sets the mass of locally typical tokens that stays, 1 unless said otherwise; see {@link Typical}.
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
         * Sets how many standard deviations below the highest logit a token may be, no limit unless said otherwise; see
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
         * Sets how many tokens {@link TopP}, {@link MinP} and {@link Typical} leave at least, and XTC, which does nothing
         * where fewer would be left; 0 unless said otherwise.
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
         * Excludes top choices, never unless said otherwise: with the given probability all tokens at or above the
         * threshold are removed but the least probable of them.
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
         * @param probability in [0, 1]; 0 for never, as it is unless said otherwise
         * @return this
         * @throws IllegalArgumentException if {@code probability} is not in [0, 1]
         */
        public Builder xtcProbability(float probability) {
            xtcProbability = Checks.unit("xtcProbability", probability);
            return this;
        }

        /**
         * Sets from which probability on a token is a top choice; see {@link #xtc}.
         *
         * @param threshold in [0, 1]; 0.1 unless said otherwise
         * @return this
         * @throws IllegalArgumentException if {@code threshold} is not in [0, 1]
         */
        public Builder xtcThreshold(float threshold) {
            xtcThreshold = Checks.unit("xtcThreshold", threshold);
            return this;
        }

        /**
         * Sets how many of the newest tokens the penalties look at, 64 unless said otherwise; see {@link Penalties}.
         *
         * @param count the number of tokens; 0 or less for none
         * @return this
         */
        public Builder penaltyTokens(int count) {
            penaltyTokens = count;
            return this;
        }

        /**
         * Sets the repetition penalty, 1 unless said otherwise; see {@link Penalties}.
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
         * Sets the frequency penalty, 0 unless said otherwise; see {@link Penalties}.
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
         * Sets the presence penalty, 0 unless said otherwise; see {@link Penalties}.
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
         * @param bias in logits; negative infinity so that the token never comes
         * @return this
         * @throws IllegalArgumentException if {@code token} is negative, or {@code bias} NaN or positive infinity
         */
        public Builder logitBias(int token, float bias) {
            LogitBias.check(token, bias);
            logitBias.put(token, bias);
            return this;
        }

        /**
         * Makes a token less probable where it would continue a repetition of several tokens (DRY, "don't repeat yourself"),
         * which happens not at all unless said otherwise: {@code logit - multiplier * base^(length - allowed length)} where
         * the newest {@code length} tokens have come before and were followed by it.
         *
         * @param value the punishment of a repetition of the allowed length, in logits; 0 for none, 0.8 is usual
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder dryMultiplier(float value) {
            dryMultiplier = Checks.finite("dryMultiplier", value);
            return this;
        }

        /**
         * Sets how much DRY's punishment grows with each token of the repetition, 1.75 unless said otherwise; see
         * {@link #dryMultiplier}.
         *
         * @param value a factor; below 1 nothing is punished
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder dryBase(float value) {
            dryBase = Checks.finite("dryBase", value);
            return this;
        }

        /**
         * Sets from how many tokens on DRY punishes that they are continued as before, 2 unless said otherwise; see
         * {@link #dryMultiplier}.
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
         * Sets how many of the newest tokens DRY looks at, 64 unless said otherwise; see {@link #dryMultiplier}.
         *
         * @param count the number of tokens; 0 or less for none
         * @return this
         */
        public Builder dryTokens(int count) {
            dryTokens = count;
            return this;
        }

        /**
         * Sets the texts that a repetition does not reach across, so that what stands before a name in each line of a
         * conversation may be repeated; line feed, {@code :}, {@code "} and {@code *} unless said otherwise. See
         * {@link #dryMultiplier}. Of a text up to 40 bytes count.
         *
         * @param texts none empty; no text at all for no breakers
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
         * @param value in units of temperature; 0 or less, as it is unless said otherwise, for a fixed one
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder dynatempRange(float value) {
            dynatempRange = Checks.finite("dynatempRange", value);
            return this;
        }

        /**
         * Sets how a dynamic temperature follows the model's certainty, 1 unless said otherwise; see
         * {@link DynamicTemperature}.
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
         * Keeps the surprise of the text near a target (Basu et al. 2021). Then only logit biases, steps of one's own and the
         * temperature come before; no other step is taken, whatever is set for it.
         *
         * @param version 1 or 2; 0, as it is unless said otherwise, for not
         * @return this
         * @throws IllegalArgumentException if there is no such version
         */
        public Builder mirostat(int version) {
            mirostat = Checks.range("mirostat", version, 0, 2);
            return this;
        }

        /**
         * Sets the surprise that {@link #mirostat} aims at, 5 unless said otherwise.
         *
         * @param value -log2 of a probability: 1 is the surprise of a coin's toss
         * @return this
         * @throws IllegalArgumentException if {@code value} is not finite
         */
        public Builder mirostatTau(float value) {
            mirostatTau = Checks.finite("mirostatTau", value);
            return this;
        }

        /**
         * Sets how fast {@link #mirostat} learns, 0.1 unless said otherwise.
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
         * Prefers tokens of about this probability (adaptive-p), as the last step of all; by default none are. Cuts before
         * it are best kept mild: min-p of 0.05 alone, say.
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
         * Sets how long {@link #adaptiveTarget} remembers what was chosen, 0.9 unless said otherwise.
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
         * Sets which steps are taken, in which order, unless said otherwise {@link SamplerStage#DEFAULT_ORDER}. A step that
         * is not named is not taken, and one whose setting is off changes nothing. Logit biases come before all;
         * steps of one's own before the first that is named here and is neither the penalties nor DRY. Without the
         * temperature tokens are drawn as the model says.
         *
         * @param stages each once at most
         * @return this
         * @throws IllegalArgumentException if one comes twice
         */
        public Builder order(List<SamplerStage> stages) {
            SamplerStage.check(stages);
            order = List.copyOf(stages);
            return this;
        }

        /**
         * Adds a step of one's own, after those added before. It sees all tokens of the vocabulary, biased and
         * penalized, before the cuts.
         *
         * @param step a step without state of its own; shared by all samplers of these options
         * @return this
         */
        public Builder step(SamplerStep step) {
            Objects.requireNonNull(step, "step");
            return step(() -> step);
        }

        /**
         * Adds a step of one's own that keeps state, after those added before.
         *
         * @param factory makes a step for each sampler, hence for each generation
         * @return this
         */
        public Builder step(Supplier<? extends SamplerStep> factory) {
            steps.add(Objects.requireNonNull(factory, "factory"));
            return this;
        }

        /**
         * Sets the seed of the random numbers, so that a text can be repeated.
         *
         * @param value any number
         * @return this
         */
        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        /**
         * Lets each sampler take a random seed, as it does unless said otherwise.
         *
         * @return this
         */
        public Builder randomSeed() {
            seed = OptionalLong.empty();
            return this;
        }

        /**
         * Makes the options; the builder may be used further.
         *
         * @return the options as set so far
         */
        public SamplerOptions build() {
            return new SamplerOptions(this);
        }

        /**
         * Makes the options and a sampler with them.
         *
         * @return a new sampler
         */
        public Sampler newSampler() {
            return build().newSampler();
        }
    }
}
