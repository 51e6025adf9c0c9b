package dev.skald.cli;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What Skald can do with a file, and why it cannot do more. It finds out by trying.
 *
 * @param can what works
 * @param missing what does not work, and why
 */
record Support(List<String> can, List<String> missing) {
    static Support of(GgufFile gguf) throws IOException {
        Support support = new Support(new ArrayList<>(), new ArrayList<>());
        support.tokenize(gguf);
        support.decode(gguf);
        support.run(gguf);
        return support;
    }

    private void tokenize(GgufFile gguf) {
        try {
            can.add("tokenize: " + Tokenizer.of(gguf.metadata()).description());
        } catch (UnsupportedModelException | GgufFormatException failure) {
            missing.add("tokenize: " + failure.getMessage());
        }
    }

    private void decode(GgufFile gguf) {
        if (gguf.tensors().isEmpty()) {
            return;
        }
        String unread = gguf.tensors().stream()
                .map(TensorInfo::type)
                .filter(type -> QuantFormats.find(type).isEmpty())
                .distinct()
                .map(Enum::name)
                .collect(Collectors.joining(", "));
        if (unread.isEmpty()) {
            can.add("decode every tensor");
        } else {
            missing.add("decode: there is no format for " + unread + "; there are " + QuantFormats.all());
        }
    }

    /** Adds what only works if the file says how. */
    private void embed(Model model) {
        try {
            Embedder embedder = model.newEmbedder();
            if (embedder.pooling().isEmbedding()) {
                can.add("embed: texts of up to %d tokens, as vectors of %d numbers (pooling %s)"
                        .formatted(
                                embedder.maxTokens(),
                                embedder.dimensions(),
                                embedder.pooling().name().toLowerCase(Locale.ROOT)));
            } else {
                can.add("rerank: question and document of up to %d tokens together".formatted(embedder.maxTokens()));
            }
        } catch (UnsupportedModelException unsaid) {
            if (!model.generates()) {
                missing.add("embed: " + unsaid.getMessage());
            }
        }
    }

    private void run(GgufFile gguf) throws IOException {
        if (gguf.tensors().isEmpty()) {
            missing.add("run: the file has a vocabulary and no tensors");
            return;
        }
        try (Model model = Model.open(
                gguf.path(), options -> options.threads(1).packed(false).warmUp(false))) {
            if (model.generates()) {
                can.add("run: texts of up to %d tokens, reading %,d bytes of weights for each token"
                        .formatted(model.contextLength(), model.weightBytes()));
            }
            embed(model);
        } catch (UnsupportedModelException | GgufFormatException failure) {
            missing.add("run: " + failure.getMessage());
        }
    }
}
