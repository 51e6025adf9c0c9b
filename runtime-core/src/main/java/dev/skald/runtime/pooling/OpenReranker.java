package dev.skald.runtime.pooling;

import dev.skald.gguf.GgufMetadata;
import dev.skald.runtime.embed.EmbedderOptions;
import dev.skald.runtime.embed.Embedding;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.embed.Reranker;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** A reranker of an open model: its classifier scores question and document together. */
public final class OpenReranker implements Reranker {
    private static final String TEMPLATE = "tokenizer.chat_template.rerank";

    private final OpenEmbedder classifier;
    private final Tokenizer tokenizer;
    private final boolean truncates;
    private final Template template;

    /**
     * Creates a reranker with these options.
     *
     * @throws UnsupportedModelException if the model has no classifier, or its template lacks the question or the document
     */
    public OpenReranker(TextRows rows, Tokenizer tokenizer, GgufMetadata metadata, EmbedderOptions options) {
        this.tokenizer = tokenizer;
        truncates = options.truncate();
        classifier = new OpenEmbedder(rows, tokenizer, metadata, options.pooling(Pooling.RANK));
        template = metadata.contains(TEMPLATE)
                ? Template.of(metadata.path() + ": " + TEMPLATE, metadata.getString(TEMPLATE))
                : null;
    }

    /** The form in which the model reads question and document: three texts, with question and document between them. */
    private record Template(String before, String between, String after, boolean queryFirst) {
        private static final String QUERY = "{query}";
        private static final String DOCUMENT = "{document}";

        static Template of(String name, String text) {
            int query = text.indexOf(QUERY);
            int document = text.indexOf(DOCUMENT);
            boolean once = query >= 0
                    && document >= 0
                    && query == text.lastIndexOf(QUERY)
                    && document == text.lastIndexOf(DOCUMENT);
            if (!once) {
                throw new UnsupportedModelException(name + " has " + QUERY + " and " + DOCUMENT
                        + " not once each, and Skald fills in templates that do: use another model");
            }
            boolean queryFirst = query < document;
            int first = Math.min(query, document);
            int second = Math.max(query, document);
            int firstEnd = first + (queryFirst ? QUERY : DOCUMENT).length();
            int secondEnd = second + (queryFirst ? DOCUMENT : QUERY).length();
            return new Template(
                    text.substring(0, first), text.substring(firstEnd, second), text.substring(secondEnd), queryFirst);
        }

        /** Returns the tokens of the whole; control tokens come only from the template. */
        int[] fill(Tokenizer tokenizer, String query, String document) {
            String first = queryFirst ? query : document;
            String second = queryFirst ? document : query;
            BitSet literal = new BitSet();
            int firstAt = before.length();
            int secondAt = firstAt + first.length() + between.length();
            literal.set(firstAt, firstAt + first.length());
            literal.set(secondAt, secondAt + second.length());
            return tokenizer.encode(before + first + between + second + after, false, literal);
        }
    }

    @Override
    public List<Score> scores(String query, List<String> documents) {
        List<int[]> tokens = new ArrayList<>();
        boolean[] cut = new boolean[documents.size()];
        for (int i = 0; i < cut.length; i++) {
            int[] whole = whole(query, documents.get(i));
            cut[i] = whole.length > classifier.maxTokens();
            tokens.add(cut[i] ? shortened(query, documents.get(i), whole.length) : whole);
        }
        List<Score> scores = new ArrayList<>();
        List<Embedding> labels = classifier.embedTokens(tokens);
        for (int i = 0; i < cut.length; i++) {
            scores.add(new Score(i, labels.get(i).vector()[0], cut[i]));
        }
        return scores;
    }

    private int[] whole(String query, String document) {
        return template != null
                ? template.fill(tokenizer, query, document)
                : tokenizer.pair(tokenizer.encode(query), tokenizer.encode(document));
    }

    /** Returns the tokens with as much of the document as fits. */
    private int[] shortened(String query, String document, int length) {
        int most = classifier.maxTokens();
        if (!truncates) {
            throw new ContextOverflowException(length, 0, most);
        }
        int[] all = tokenizer.encode(document);
        if (template == null) {
            int kept = all.length - (length - most);
            if (kept <= 0) {
                throw new ContextOverflowException(length, 0, most);
            }
            return tokenizer.pair(tokenizer.encode(query), Arrays.copyOf(all, kept));
        }
        // At the seams, tokens may differ from those of the document alone.
        int kept = Math.min(all.length, most - whole(query, "").length);
        while (kept > 0) {
            String beginning = tokenizer.decode(Arrays.copyOf(all, kept));
            int[] whole = whole(query, beginning);
            if (whole.length <= most) {
                return whole;
            }
            kept -= Math.max(1, whole.length - most);
        }
        throw new ContextOverflowException(length, 0, most);
    }
}
