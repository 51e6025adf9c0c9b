package dev.skald.runtime.measure;

import dev.skald.runtime.Model;
import dev.skald.runtime.io.Chunks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * How far a model's predictions are from those of a base, usually the same model before it was quantized. Both predict
 * the same text, and predictions are compared position by position. This says more than the difference of two
 * perplexities, in which better and worse predictions cancel out. The definitions are those of {@code llama-perplexity
 * --kl-divergence}.
 *
 * @param model the perplexity of this model
 * @param base the perplexity of the base on the same chunks; for a base that llama.cpp saved it is too low if the text
 *     contains tokens less probable than exp(-16) times the most probable one, because that file cuts them off
 * @param logRatio the logarithm of the ratio of the two; the error takes into account that both read the same text
 * @param correlation the correlation of the two models' negative log-likelihoods of a token, -1 to 1
 * @param kl the Kullback-Leibler divergence of a prediction, sum of p(base) log(p(base) / p(model)) over the
 *     vocabulary, in nats; sometimes a little below 0, because the base is rounded to 16 bits
 * @param change by how much the model's probability of the text's own token exceeds the base's, -1 to 1
 * @param rmsChange the root of the mean square of that
 * @param sameTop the share of predictions in which both find the same token most probable
 */
public record Divergence(
        Perplexity model,
        Perplexity base,
        Estimate logRatio,
        double correlation,
        Distribution kl,
        Distribution change,
        Estimate rmsChange,
        Estimate sameTop) {

    /**
     * Compares a model with a base, with the default options.
     *
     * @param model the model
     * @param base a file that {@link PerplexityOptions#saveBase} or {@code llama-perplexity --kl-divergence-base} wrote
     * @return the divergence over all of the base's chunks
     * @throws IllegalArgumentException if the base has another vocabulary than the model
     * @throws dev.skald.runtime.error.UnsupportedModelException if the model's logits are NaN or infinite, as those of damaged
     *     weights are
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; its interrupt status stays set
     * @throws IllegalStateException if the model is closed
     * @throws IOException if the base cannot be read, or is damaged
     */
    public static Divergence measure(Model model, Path base) throws IOException {
        return measure(model, base, options -> {});
    }

    /**
     * Compares a model with a base.
     *
     * @param model the model
     * @param base a file that {@link PerplexityOptions#saveBase} or {@code llama-perplexity --kl-divergence-base} wrote
     * @param settings changes the default options
     * @return the divergence over the requested chunks
     * @throws IllegalArgumentException if the base has another vocabulary than the model, or another text or context
     *     than requested
     * @throws dev.skald.runtime.error.UnsupportedModelException if the model's logits are NaN or infinite, as those of damaged
     *     weights are
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; its interrupt status stays set
     * @throws IllegalStateException if the model is closed
     * @throws IOException if the base cannot be read, or is damaged
     */
    public static Divergence measure(Model model, Path base, Consumer<DivergenceOptions> settings) throws IOException {
        DivergenceOptions options = new DivergenceOptions();
        settings.accept(options);
        try (BaseReader reader = BaseReader.open(base)) {
            if (reader.vocabulary() != model.vocabularySize()) {
                throw new IllegalArgumentException(base + " is of a model with " + reader.vocabulary()
                        + " tokens in its vocabulary, and this one has " + model.vocabularySize()
                        + ": compare models with the same vocabulary");
            }
            options.context().ifPresent(wanted -> checkContext(base, reader, wanted));
            options.text().ifPresent(wanted -> checkText(base, reader, Chunks.tokens(model.tokenizer(), wanted)));
            Chunks text = Chunks.whole(model.tokenizer(), reader.tokens(), reader.context(), options.chunks());
            Comparison comparison = new Comparison(text, reader);
            ChunkReader.read(
                    model, text, comparison, chunk -> options.progress().accept(comparison.next()));
            return comparison.result();
        }
    }

    private static void checkContext(Path base, BaseReader reader, int wanted) {
        if (wanted != reader.context()) {
            throw new IllegalArgumentException(base + " has chunks of " + reader.context() + " tokens, and " + wanted
                    + " are asked for: save a base with that context");
        }
    }

    private static void checkText(Path base, BaseReader reader, int[] wanted) {
        int different = Arrays.mismatch(reader.tokens(), wanted);
        if (different >= 0 && different < reader.tokens().length) {
            throw new IllegalArgumentException(base + " is of another text than the one given, from token " + different
                    + " of " + reader.tokens().length + " on: leave out the text, or give the base's");
        }
    }

    /**
     * Returns the ratio of the two perplexities.
     *
     * @return model / base; above 1 when the model is worse
     */
    public Estimate ratio() {
        return logRatio.exp();
    }

    /**
     * Formats the result as one line.
     *
     * @return such as {@code KL 0.1000 +/- 0.0033, same top 0.8366 +/- 0.0095, perplexity 3.4540 +/- 0.1722, base 3.0632 +/-
     *     0.1445}
     */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "KL %s, same top %s, perplexity %s, base %s",
                kl.mean(),
                sameTop,
                model.estimate(),
                base.estimate());
    }
}
