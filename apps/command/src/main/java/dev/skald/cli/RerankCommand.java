package dev.skald.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Reranker;
import dev.skald.runtime.embed.Reranker.Score;
import dev.skald.runtime.error.ContextOverflowException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code skald rerank}: sorts documents by how well they answer a question. */
@Command(
        name = "rerank",
        description = {
            "Sort documents by how well they answer a question, best first.",
            "",
            "Documents are read from -p, -f or standard input, one per line unless --input says otherwise. This"
                    + " needs a reranking model, which reads each document together with the question.",
            ""
        })
final class RerankCommand implements Callable<Integer>, Computes {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Mixin
    private OpenArguments model;

    @Option(
            names = {"-q", "--query"},
            required = true,
            paramLabel = "TEXT",
            description = "The question.")
    private String query;

    @Mixin
    private TextList texts;

    @Option(names = "--top", paramLabel = "N", description = "Print only the N best (default: all).")
    private Integer top;

    @Mixin
    private EmbeddingArguments limits;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "json|text",
            defaultValue = "text",
            description = {
                "The format of the result, one line per document (default ${DEFAULT-VALUE}):",
                "  json  an object: the fields of the document's own, index, score, truncated where its end was left out, text",
                "  text  score, index and document, with tabs between them"
            })
    private Form form;

    private enum Form {
        JSON,
        TEXT
    }

    RerankCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (top != null && top < 1) {
            throw new ParameterException(spec.commandLine(), "--top must be at least 1, not " + top);
        }
        List<TextList.Item> items = texts.read(streams.in());
        try (Model opened = model.open()) {
            Reranker reranker = opened.newReranker(model.settings(limits::apply));
            List<String> documents = items.stream().map(TextList.Item::text).toList();
            for (Score score : reranker.rank(query, documents, top == null ? documents.size() : top)) {
                print(items.get(score.index()), score);
            }
        } catch (ContextOverflowException e) {
            throw limits.tooLong(e);
        }
        return 0;
    }

    private void print(TextList.Item item, Score score) throws IOException {
        if (form == Form.TEXT) {
            streams.out()
                    .println(String.format(Locale.ROOT, "%.6f\t%d\t", score.score(), score.index())
                            + Text.printable(item.text())
                            + (score.truncated() ? "\t(its end was left out)" : ""));
            return;
        }
        ObjectNode result = item.fields().deepCopy();
        result.put("index", score.index());
        result.put("score", score.score());
        if (score.truncated()) {
            result.put("truncated", true);
        }
        result.put("text", item.text());
        Json.printLine(streams.out(), result);
    }
}
