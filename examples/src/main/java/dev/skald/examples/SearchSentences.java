package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.Embedding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Finds sentences by their meaning: those whose vectors point in about the same direction as the question's. */
public final class SearchSentences {
    private static final List<String> SENTENCES = List.of(
            "Fjellreven er fredet, og bestanden vokser sakte.",
            "Hurtigruten seiler fra Bergen til Kirkenes på seks døgn.",
            "Riksmålsforbundet ble stiftet i 1907.",
            "I Tromsø går ikke sola ned mellom mai og juli.",
            "Strømprisen i Sør-Norge følger prisen på kontinentet.",
            "Laksen vandrer opp elva for å gyte om høsten.",
            "Nasjonalbiblioteket digitaliserer alt som er utgitt i Norge.");

    private SearchSentences() {}

    /**
     * Prints the three sentences that are nearest to a question.
     *
     * @param args a GGUF file of a model for embeddings, and a question
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        String question = args.length > 1 ? args[1] : "Når er det midnattssol?";
        try (Model model = Model.open(Path.of(args[0]))) {
            Embedder embedder = model.newEmbedder();
            // A real program keeps these vectors, and computes only the question's for each search.
            List<Embedding> vectors = embedder.embedDocuments(SENTENCES);
            Embedding wanted = embedder.embedQuery(question);
            System.out.println("> " + question);
            IntStream.range(0, SENTENCES.size())
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -wanted.cosine(vectors.get(i))))
                    .limit(3)
                    .forEach(i -> System.out.printf("%.3f  %s%n", wanted.cosine(vectors.get(i)), SENTENCES.get(i)));
        }
    }
}
