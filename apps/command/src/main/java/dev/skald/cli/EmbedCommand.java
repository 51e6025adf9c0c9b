package dev.skald.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.Embedding;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.embed.Prompts;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code skald embed}: turns texts into vectors. */
@Command(
        name = "embed",
        description = {
            "Compute vectors of texts. Texts about similar things have vectors with similar directions.",
            "",
            "Texts are read from -p, -f or standard input, one per line unless --input says otherwise. Several"
                    + " texts at once are faster than one by one.",
            ""
        })
final class EmbedCommand implements Callable<Integer>, Computes {
    /** How many texts are computed before their vectors are written. */
    private static final int AT_ONCE = 256;

    private final Streams streams;

    @Mixin
    private OpenArguments model;

    @Mixin
    private TextList texts;

    @ArgGroup(exclusive = true)
    private Role role;

    private static final class Role {
        @Option(names = "--query", description = "The texts are queries: add the prefix that the model expects.")
        private boolean query;

        @Option(
                names = "--document",
                description = "The texts are documents to find: add the prefix that the model expects.")
        private boolean document;
    }

    @Option(
            names = "--prompts",
            paramLabel = "NAME",
            description =
                    "Whose words stand in front of queries and documents: none, nomic, e5, e5-instruct, bge-en, mxbai,"
                            + " arctic, arctic-2, gemma or qwen3 (default: as the model is known by its name, else none).")
    private String prompts;

    @Option(
            names = "--pooling",
            paramLabel = "mean|cls|last|rank",
            description = "How the vectors of a text's tokens become one: their mean, the first, the last, or a"
                    + " classifier's scores (default: as the file says).")
    private Pooling pooling;

    @Option(names = "--raw", description = "Do not scale vectors to length 1.")
    private boolean raw;

    @Option(
            names = "--dimensions",
            paramLabel = "N",
            description = "Keep only the first N numbers of a vector, for models trained for that (default: all).")
    private Integer dimensions;

    @Mixin
    private EmbeddingArguments limits;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "json|numbers",
            defaultValue = "json",
            description = {
                "The format of the result, one line per text (default ${DEFAULT-VALUE}):",
                "  json     an object: the fields of the text's own, tokens, truncated where its end was left out, embedding",
                "  numbers  the vector's numbers with spaces between them"
            })
    private Form form;

    private enum Form {
        JSON,
        NUMBERS
    }

    EmbedCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        List<TextList.Item> items = texts.read(streams.in());
        try (Model opened = model.open();
                Progress progress = Progress.of("embedding", items.size())) {
            Embedder embedder = opened.newEmbedder(model.settings(options -> {
                limits.apply(options);
                options.normalize(!raw);
                if (pooling != null) {
                    options.pooling(pooling);
                }
                if (dimensions != null) {
                    options.dimensions(dimensions);
                }
                if (prompts != null) {
                    options.prompts(Prompts.named(prompts));
                }
            }));
            int cut = 0;
            for (int from = 0; from < items.size(); from += AT_ONCE) {
                List<TextList.Item> some = items.subList(from, Math.min(items.size(), from + AT_ONCE));
                List<String> whole = withPrompts(some, embedder.prompts());
                List<Embedding> embeddings;
                try {
                    embeddings = embedder.embed(whole);
                } catch (ContextOverflowException | IllegalArgumentException refused) {
                    throw refused(some, whole, opened.tokenizer(), embedder.maxTokens(), refused);
                }
                for (int i = 0; i < some.size(); i++) {
                    cut += embeddings.get(i).truncated() ? 1 : 0;
                    print(some.get(i), embeddings.get(i));
                }
                progress.accept(from + some.size());
            }
            if (cut > 0) {
                streams.err()
                        .println("skald: the ends of " + cut + " of " + items.size()
                                + " texts were left out: a text has up to " + embedder.maxTokens() + " tokens");
            }
        }
        return 0;
    }

    /** Says which text the model does not embed. */
    private IOException refused(
            List<TextList.Item> items, List<String> texts, Tokenizer tokenizer, int most, RuntimeException why) {
        for (int i = 0; i < texts.size(); i++) {
            int tokens = tokenizer.encode(texts.get(i), true, false).length;
            if (tokens == 0 || tokens > most) {
                String problem = why instanceof ContextOverflowException e
                        ? limits.tooLong(e).getMessage()
                        : why.getMessage();
                return new IOException("line " + items.get(i).line() + ": " + problem, why);
            }
        }
        throw why;
    }

    private List<String> withPrompts(List<TextList.Item> items, Prompts words) {
        String before = role == null ? "" : role.query ? words.query() : words.document();
        List<String> all = new ArrayList<>();
        for (TextList.Item item : items) {
            all.add(before + item.text());
        }
        return all;
    }

    private void print(TextList.Item item, Embedding embedding) throws IOException {
        if (form == Form.NUMBERS) {
            StringBuilder line = new StringBuilder();
            for (float number : embedding.vector()) {
                line.append(line.isEmpty() ? "" : " ").append(number);
            }
            streams.out().println(line);
            return;
        }
        ObjectNode result = item.fields().deepCopy();
        result.put("tokens", embedding.tokens());
        if (embedding.truncated()) {
            result.put("truncated", true);
        }
        ArrayNode numbers = result.putArray("embedding");
        for (float number : embedding.vector()) {
            numbers.add(number);
        }
        Json.printLine(streams.out(), result);
    }
}
