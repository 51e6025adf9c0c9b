package dev.skald.runtime.sampling;

import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Chooses the next token from the logits of a model.
 *
 * <p>A sampler is a chain of {@link SamplerStep steps} in this order, without those that are off:
 *
 * <ol>
 *   <li>{@link LogitBias} (none)
 *   <li>{@link Penalties} for repetition (1.0), frequency (0) and presence (0), over the last 64 tokens
 *   <li>less repetition of whole sequences, DRY (off)
 *   <li>custom steps, in the order they were added
 *   <li>{@link TopNSigma} (off)
 *   <li>{@link TopK} (40)
 *   <li>{@link Typical} (1.0: off)
 *   <li>{@link TopP} (0.95)
 *   <li>{@link MinP} (0.05)
 *   <li>exclusion of top choices, XTC (off)
 *   <li>{@link Temperature} (0.8), or {@link DynamicTemperature} (off)
 *   <li>tokens near a probability, adaptive-p (off)
 * </ol>
 *
 * <p>Order and defaults, in parentheses, are those of llama.cpp; {@link SamplerOptions.Builder#order} changes the order
 * and leaves steps out. {@link SamplerOptions.Builder#mirostat} replaces all steps except biases, custom steps and the
 * temperature. Then one of the remaining tokens is drawn by its probability. At a temperature of 0 or less, the most
 * probable token is taken instead (of several, the one with the lowest id), and cuts that cannot change this are
 * skipped.
 *
 * <p>A custom step sees the whole vocabulary. This one forbids the same token twice in a row:
 *
 * {@snippet :
 * SamplerStep neverTwice = (candidates, history) -> {
 *     if (history.size() > 0) {
 *         candidates.ban(history.recent(0));
 *     }
 * };
 * Sampler sampler = SamplerOptions.builder().temperature(0.7f).step(neverTwice).seed(42).newSampler();
 * TokenHistory history = TokenHistory.of(promptTokens);
 * int token = sampler.sample(logits, history);
 * history.add(token);
 * sampler.accept(token);
 * }
 *
 * <p>A sampler has state (random numbers and working memory), so each generation has its own. It is not thread-safe.
 * The same options, seed, logits and history give the same tokens on the same machine and build. The random numbers are
 * those of {@code L64X128MixRandom}, one for each drawn token, and one more when XTC is on.
 */
public final class Sampler {
    private final SamplerOptions options;
    private final long seed;
    private final RandomGenerator random;
    private final boolean greedy;
    private final SamplerStep[] chain;
    /** The last step, if it wants to know what was chosen; otherwise null. */
    private final ChoosingStep choosing;

    private final Candidates candidates = new Candidates();

    Sampler(SamplerOptions options, Optional<Tokenizer> tokenizer) {
        this.options = options;
        // As many bits as a person is willing to type when a text is to be repeated.
        seed = options.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong(1L << 32));
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        greedy = options.greedy();
        chain = options.chain(tokenizer, random).toArray(SamplerStep[]::new);
        choosing = chain.length > 0 && chain[chain.length - 1] instanceof ChoosingStep last ? last : null;
    }

    /**
     * Chooses a token. Neither the logits nor the history are changed: the caller adds the token to the history when it
     * becomes part of the text.
     *
     * @param logits one logit per token of the vocabulary; finite, or negative infinity for a token that cannot come
     * @param history the text so far
     * @return a token id, in [0, {@code logits.length})
     * @throws IllegalArgumentException if a logit is NaN or positive infinity, or all are negative infinity; if a token
     *     of the history that the penalties look at, or of a logit bias, is not in the vocabulary
     * @throws IllegalStateException if biases or custom steps left no token possible
     */
    public int sample(float[] logits, TokenHistory history) {
        return sample(logits, history, null);
    }

    /**
     * Chooses a token like {@link #sample(float[], TokenHistory)}, among some tokens only. The steps see no others.
     *
     * @param logits one logit per token of the vocabulary; finite, or negative infinity for a token that cannot come
     * @param history the text so far
     * @param allowed a bit for each token, token {@code id} in bit {@code id % 64} of word {@code id / 64}; null for all
     * @return one of the allowed token ids, in [0, {@code logits.length})
     * @throws IllegalArgumentException as {@link #sample(float[], TokenHistory)}, and if no token is allowed or all that
     *     are have the logit negative infinity
     * @throws IllegalStateException if biases or custom steps left no token possible
     */
    public int sample(float[] logits, TokenHistory history, long[] allowed) {
        if (greedy && chain.length == 0) {
            return allowed == null ? Logits.highest(logits) : Logits.highest(logits, allowed);
        }
        int done = 0;
        if (allowed != null) {
            candidates.load(logits, allowed);
        } else if (chain.length > 0 && chain[0] instanceof TopK best) {
            candidates.loadBest(logits, best.k());
            done = 1;
        } else {
            candidates.load(logits);
        }
        for (int i = done; i < chain.length; i++) {
            SamplerStep step = chain[i];
            step.apply(candidates, history);
            if (candidates.size() == 0) {
                throw new IllegalStateException("the sampler step " + step + " left none of " + candidates.vocabulary()
                        + " tokens; a step has to leave at least one");
            }
        }
        int index = greedy ? candidates.best() : candidates.draw(random.nextDouble());
        if (choosing != null) {
            choosing.chosen(candidates, index);
        }
        return candidates.id(index);
    }

    /**
     * Passes a token that has become part of the text to the steps. The caller does this for each token that it adds to
     * the history, whether this sampler chose it or not.
     *
     * @param token a token id
     */
    public void accept(int token) {
        for (SamplerStep step : chain) {
            step.accept(token);
        }
    }

    /**
     * Returns the log-probabilities that the model gives to a token and to the most probable ones: from the logits
     * before any step. Draws no random number.
     *
     * @param logits one logit per token of the vocabulary
     * @param token the chosen token
     * @param top how many of the most probable tokens to name, 0 or more
     * @return the log-probabilities
     * @throws IllegalArgumentException if {@code token} is not in the vocabulary, {@code top} is negative, or the
     *     logits are such that {@link #sample} would refuse them
     */
    public TokenLogprobs logprobs(float[] logits, int token, int top) {
        if (token < 0 || token >= logits.length || top < 0) {
            throw new IllegalArgumentException("token=" + token + ", top=" + top + ": the vocabulary has "
                    + logits.length + " tokens, and top is 0 or more");
        }
        candidates.load(logits);
        double logSum = candidates.logSumExp();
        List<TokenLogprob> best = new ArrayList<>();
        if (top > 0) {
            candidates.keepBest(top);
            candidates.sort();
            for (int i = 0; i < candidates.size(); i++) {
                best.add(new TokenLogprob(candidates.id(i), (float) (candidates.logit(i) - logSum)));
            }
        }
        return new TokenLogprobs(new TokenLogprob(token, (float) (logits[token] - logSum)), best);
    }

    /**
     * Returns the seed, even if it was chosen at random, so that a text can be repeated.
     *
     * @return the seed
     */
    public long seed() {
        return seed;
    }

    /**
     * Returns the settings.
     *
     * @return the options this sampler was made with
     */
    public SamplerOptions options() {
        return options;
    }

    /**
     * Returns the steps that are applied to each token.
     *
     * @return the steps, in order; empty when the most probable token is taken as it is
     */
    public List<SamplerStep> steps() {
        return List.of(chain);
    }

    /**
     * Describes what is done for each token.
     *
     * @return steps in order, way of choosing, and seed
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Sampler[");
        for (SamplerStep step : chain) {
            text.append(step).append(" -> ");
        }
        return text.append(greedy ? "most probable" : "draw with seed " + seed)
                .append("]")
                .toString();
    }
}
