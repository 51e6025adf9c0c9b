package dev.skald.runtime.measure;

import dev.skald.gguf.io.Existing;
import dev.skald.runtime.Model;
import dev.skald.runtime.io.Chunks;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * How well a model predicts a text: exp of the mean negative log-likelihood of its tokens. Lower is better. The
 * perplexity of a model that knows nothing is the size of its vocabulary.
 *
 * <p>The definition is {@code llama-perplexity}'s. The text is tokenized with the special tokens that the vocabulary
 * adds, and cut into chunks of one context; an incomplete last chunk is dropped. Each chunk is evaluated on its own. If
 * the vocabulary has a begin-of-text token, it replaces the chunk's first token. The logits of positions context/2 to
 * context-2 count, each for the next token, so that every prediction is based on at least half a context.
 *
 * @param chunks the number of chunks read so far
 * @param allChunks the number of chunks to read; equal to {@code chunks} when all are read
 * @param context tokens of a chunk
 * @param tokens the number of predictions
 * @param nll the mean negative log-likelihood of a token in nats, with its standard error
 */
public record Perplexity(int chunks, int allChunks, int context, long tokens, Estimate nll) {
    /**
     * Measures the perplexity of a text with the default options.
     *
     * @param model the model
     * @param text at least two contexts long
     * @return the perplexity of all chunks
     * @throws IllegalArgumentException if the text is too short
     * @throws dev.skald.runtime.error.UnsupportedModelException if the model's logits are NaN or infinite, as those of damaged
     *     weights are
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; its interrupt status stays set
     * @throws IllegalStateException if the model is closed
     * @throws IOException never
     */
    public static Perplexity measure(Model model, String text) throws IOException {
        return measure(model, text, options -> {});
    }

    /**
     * Measures the perplexity of a text.
     *
     * @param model the model
     * @param text at least two contexts long
     * @param settings changes the default options
     * @return the perplexity of all chunks
     * @throws IllegalArgumentException if the text is too short
     * @throws dev.skald.runtime.error.UnsupportedModelException if the model's logits are NaN or infinite, as those of damaged
     *     weights are
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; its interrupt status stays set
     * @throws IllegalStateException if the model is closed
     * @throws IOException if the base cannot be saved; no incomplete file is left
     */
    public static Perplexity measure(Model model, String text, Consumer<PerplexityOptions> settings)
            throws IOException {
        return measure(model, Chunks.tokens(model.tokenizer(), text), settings);
    }

    /**
     * Measures the perplexity of tokens.
     *
     * @param model the model
     * @param tokens at least two contexts of tokens, including the special tokens that the vocabulary adds to a text
     * @param settings changes the default options
     * @return the perplexity of all chunks
     * @throws IllegalArgumentException if there are too few, or one is not in the vocabulary
     * @throws dev.skald.runtime.error.UnsupportedModelException if the model's logits are NaN or infinite, as those of damaged
     *     weights are
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; its interrupt status stays set
     * @throws IllegalStateException if the model is closed
     * @throws IOException if the base cannot be saved; no incomplete file is left
     */
    public static Perplexity measure(Model model, int[] tokens, Consumer<PerplexityOptions> settings)
            throws IOException {
        PerplexityOptions options = new PerplexityOptions();
        settings.accept(options);
        Chunks text = Chunks.of(model.tokenizer(), tokens, options.context(), 0, options.chunks());
        if (options.base() == null) {
            return measure(model, text, options, (chunk, row, logits, offset) -> {});
        }
        try (BaseWriter base = BaseWriter.create(
                options.base(), Existing.replaceIf(options.overwrites()), text, model.vocabularySize())) {
            Perplexity result = measure(model, text, options, base);
            base.commit();
            return result;
        }
    }

    private static Perplexity measure(Model model, Chunks text, PerplexityOptions options, ChunkReader.Scorer also)
            throws IOException {
        int vocabulary = model.vocabularySize();
        double[] nll = new double[text.counted()];
        Running running = new Running(text);
        ChunkReader.read(
                model,
                text,
                (chunk, row, logits, offset) -> {
                    int token = text.token(chunk, text.first() + row + 1);
                    nll[row] = LogSoftmax.normalizer(logits, offset, vocabulary) - logits[offset + token];
                    also.score(chunk, row, logits, offset);
                },
                chunk -> options.progress().accept(running.add(nll)));
        return running.result();
    }

    /** The sums so far. */
    private static final class Running {
        private final Chunks text;
        private int chunks;
        private double sum;
        private double squares;

        Running(Chunks text) {
            this.text = text;
        }

        Perplexity add(double[] nll) {
            chunks++;
            for (double value : nll) {
                sum += value;
                squares += value * value;
            }
            return result();
        }

        Perplexity result() {
            long tokens = (long) chunks * text.counted();
            return new Perplexity(chunks, text.count(), text.context(), tokens, Estimate.mean(sum, squares, tokens));
        }
    }

    /**
     * Returns the perplexity.
     *
     * @return exp of the mean negative log-likelihood
     */
    public double value() {
        return estimate().value();
    }

    /**
     * Returns the perplexity's standard error.
     *
     * @return the error of the mean negative log-likelihood times the perplexity
     */
    public double error() {
        return estimate().error();
    }

    /**
     * Returns the perplexity with its standard error.
     *
     * @return {@link #value} and {@link #error}
     */
    public Estimate estimate() {
        return nll.exp();
    }

    /**
     * Formats the result as one line.
     *
     * @return such as {@code perplexity 3.0632 +/- 0.1445 (12 chunks of 256 tokens, 1524 predictions)}
     */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "perplexity %s (%d chunks of %d tokens, %d predictions)",
                estimate(),
                chunks,
                context,
                tokens);
    }
}
