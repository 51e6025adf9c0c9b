package dev.skald.runtime.pooling;

import dev.skald.gguf.GgufMetadata;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.EmbedderOptions;
import dev.skald.runtime.embed.Embedding;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.embed.Prompts;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.layer.Pooled;
import dev.skald.runtime.layer.Projection;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An embedder of an open model. */
public final class OpenEmbedder implements Embedder {
    private final TextRows rows;
    private final Tokenizer tokenizer;
    private final EmbedderOptions options;
    private final Pooling pooling;
    private final Prompts prompts;
    private final Projection projection;
    private final int width;
    private final int maxTokens;

    /**
     * Creates an embedder with these options.
     *
     * @throws UnsupportedModelException if neither the file nor the options say how rows are pooled, or if they ask for a
     *     missing classifier
     * @throws IllegalArgumentException if more dimensions are asked for than there are
     */
    public OpenEmbedder(TextRows rows, Tokenizer tokenizer, GgufMetadata metadata, EmbedderOptions options) {
        this.rows = rows;
        this.tokenizer = tokenizer;
        this.options = options;
        Pooled pooled = rows.engine().network().pooled();
        pooling = options.pooling().orElse(pooled.pooling());
        if (pooling == null) {
            throw new UnsupportedModelException(metadata.path()
                    + " does not say how the rows of a text become one vector ("
                    + metadata.getString("general.architecture")
                    + ".pooling_type): choose the one that the model's card"
                    + " names by the option pooling, or the last row for a model that continues text");
        }
        projection = pooling == Pooling.RANK ? pooled.classifier() : pooled.projection();
        if (pooling == Pooling.RANK && projection == null) {
            throw new UnsupportedModelException(metadata.path()
                    + " has no classifier (cls.output.weight), which gives scores: use a model for reranking, or another"
                    + " pooling for embeddings");
        }
        prompts = options.prompts().orElseGet(() -> Prompts.recommended(metadata));
        int whole = projection == null ? rows.engine().network().width() : projection.width();
        width = pooling.isEmbedding() ? options.dimensions().orElse(whole) : whole;
        if (width > whole) {
            throw new IllegalArgumentException(
                    "dimensions must be 1 to " + whole + ", as many as the model's vectors have, not " + width);
        }
        maxTokens = Math.min(options.maxTokens().orElse(Integer.MAX_VALUE), rows.longestText());
    }

    @Override
    public List<Embedding> embed(List<String> texts) {
        List<int[]> tokens = new ArrayList<>();
        boolean[] cut = new boolean[texts.size()];
        for (int i = 0; i < cut.length; i++) {
            int[] all = tokenizer.encode(texts.get(i), true, false);
            cut[i] = all.length > maxTokens;
            tokens.add(cut[i] ? cut(all) : all);
        }
        return embed(tokens, cut);
    }

    @Override
    public List<Embedding> embedTokens(List<int[]> texts) {
        for (int[] text : texts) {
            if (text.length > maxTokens) {
                throw new ContextOverflowException(text.length, 0, maxTokens);
            }
            for (int token : text) {
                if (token < 0 || token >= tokenizer.vocabularySize()) {
                    throw new IllegalArgumentException(
                            "token " + token + " is not in the vocabulary of " + tokenizer.vocabularySize());
                }
            }
        }
        return embed(texts.stream().map(int[]::clone).toList(), new boolean[texts.size()]);
    }

    private List<Embedding> embed(List<int[]> tokens, boolean[] cut) {
        for (int[] text : tokens) {
            if (text.length == 0) {
                throw new IllegalArgumentException(
                        "a text has no tokens, and its model puts none around it: there is nothing to embed");
            }
        }
        List<float[]> vectors = rows.vectors(tokens, pooling, projection, options.cancelWhen());
        List<Embedding> embeddings = new ArrayList<>();
        for (int i = 0; i < cut.length; i++) {
            float[] vector = Arrays.copyOf(vectors.get(i), width);
            if (options.normalize() && pooling.isEmbedding()) {
                normalize(vector);
            }
            embeddings.add(new Embedding(vector, tokens.get(i).length, cut[i]));
        }
        return embeddings;
    }

    /** Returns as many tokens as fit; the last one is what the model adds after a text. */
    private int[] cut(int[] tokens) {
        if (!options.truncate()) {
            throw new ContextOverflowException(tokens.length, 0, maxTokens);
        }
        int[] kept = Arrays.copyOf(tokens, maxTokens);
        int[] around = tokenizer.encode("", true, false);
        int behind = around.length - (tokenizer.addsBos() ? 1 : 0);
        System.arraycopy(tokens, tokens.length - behind, kept, maxTokens - behind, behind);
        return kept;
    }

    private static void normalize(float[] vector) {
        double squares = 0;
        for (float x : vector) {
            squares += (double) x * x;
        }
        if (squares > 0) {
            double factor = 1 / Math.sqrt(squares);
            for (int i = 0; i < vector.length; i++) {
                vector[i] = (float) (vector[i] * factor);
            }
        }
    }

    @Override
    public int dimensions() {
        return width;
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public Pooling pooling() {
        return pooling;
    }

    @Override
    public Prompts prompts() {
        return prompts;
    }
}
