package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufWriter;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.runtime.arch.Architectures;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.Embedding;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every model of {@code golden/arch}, each with a feature of an architecture, compared with llama.cpp's float32 logits, embeddings or
 * scores. A model that Skald does not run is a case that is skipped and says why.
 */
@Tag("kernels")
class ArchitectureGoldenTest {
    /** The largest error of a float32 forward pass with exact scales; see the README of the golden files. */
    private static final float TOLERANCE = 1e-4f;

    private static final float EMBEDDING_TOLERANCE = 1e-5f;

    record Case(String model, String architecture, String quirks, JsonNode entry) {
        @Override
        public String toString() {
            return model + ": " + quirks;
        }

        /** Why Skald does not compute it; null if it does. */
        String missing() {
            if (!Architectures.names().contains(architecture)) {
                return "the architecture " + architecture + " is not there";
            }
            return null;
        }

        boolean embeds() {
            return entry.has("embd");
        }

        Model open(boolean packed) throws IOException {
            String missing = missing();
            if (missing != null) {
                abort(missing);
            }
            return Model.open(Golden.path("golden/arch/" + model), o -> {
                o.exact(true).threads(2).packed(packed);
                if (entry.has("adapter")) {
                    Path adapter =
                            Golden.path("golden/arch/" + entry.get("adapter").asText());
                    o.adapter(adapter, entry.get("scale").asDouble());
                }
            });
        }

        Session session(Model model) {
            return model.newSession(o -> o.contextLength(entry.get("context").asInt()));
        }

        int[] tokens(String key) {
            return StreamSupport.stream(entry.get(key).spliterator(), false)
                    .mapToInt(JsonNode::asInt)
                    .toArray();
        }
    }

    static List<Case> models() {
        return StreamSupport.stream(Golden.json("golden/arch/index.json").spliterator(), false)
                .map(node -> new Case(
                        node.get("model").asText(),
                        node.get("architecture").asText(),
                        node.get("quirks").asText(),
                        node))
                .toList();
    }

    static Stream<Arguments> modelsAndPieces() {
        return models().stream()
                .filter(c -> !c.embeds())
                .flatMap(c -> c.missing() == null
                        ? Stream.of(44, 16, 7, 1)
                                .flatMap(
                                        piece -> Stream.of(Arguments.of(c, piece, true), Arguments.of(c, piece, false)))
                        : Stream.of(Arguments.of(c, 44, false)));
    }

    @ParameterizedTest
    @MethodSource("modelsAndPieces")
    void logitsAgreeHoweverTheTokensAreFed(Case c, int piece, boolean packed) throws IOException {
        try (Model model = c.open(packed);
                Session session = c.session(model)) {
            int[] tokens = c.tokens("tokens");
            int vocabulary = c.entry.get("vocab").asInt();
            float[] expected =
                    Golden.floats("golden/arch/" + c.entry.get("logits").asText());
            for (int from = 0; from < tokens.length; from += piece) {
                int to = Math.min(tokens.length, from + piece);
                float[] logits = session.logits(Arrays.copyOfRange(tokens, from, to));
                assertEquals((to - from) * vocabulary, logits.length);
                for (int i = 0; i < logits.length; i++) {
                    assertEquals(expected[from * vocabulary + i], logits[i], TOLERANCE);
                }
            }
        }
    }

    /** Factors of NVFP4 files, one for each expert: with weights as much smaller, powers of two, all is as it was. */
    @Test
    void expertsHaveFactorsOfTheirOwn(@TempDir Path folder) throws IOException {
        Case c = models().stream()
                .filter(one -> one.model.equals("llama-moe.gguf"))
                .findFirst()
                .orElseThrow();
        Path scaled = folder.resolve("scaled.gguf");
        writeScaledExperts(Golden.path("golden/arch/" + c.model), scaled);
        float[] expected = Golden.floats("golden/arch/" + c.entry.get("logits").asText());
        for (boolean packed : new boolean[] {true, false}) {
            try (Model model = Model.open(scaled, o -> o.exact(true).threads(2).packed(packed));
                    Session session = c.session(model)) {
                float[] logits = session.logits(c.tokens("tokens"));
                assertEquals(expected.length, logits.length);
                for (int i = 0; i < logits.length; i++) {
                    assertEquals(expected[i], logits[i], TOLERANCE);
                }
            }
        }
    }

    private static void writeScaledExperts(Path from, Path to) throws IOException {
        try (GgufFile in = GgufFile.open(from);
                GgufWriter out = GgufWriter.create(to)) {
            in.metadata()
                    .keys()
                    .forEach(key ->
                            out.put(key, in.metadata().type(key), in.metadata().get(key)));
            for (TensorInfo tensor : in.tensors()) {
                out.tensor(
                        tensor.name(),
                        isExperts(tensor) ? GgmlType.F32 : tensor.type(),
                        tensor.shape().stream().mapToLong(Long::longValue).toArray());
                if (isExperts(tensor)) {
                    out.tensor(scaleOf(tensor), GgmlType.F32, tensor.dim(2));
                }
            }
            for (TensorInfo tensor : in.tensors()) {
                if (!isExperts(tensor)) {
                    out.data(tensor.name(), in.data(tensor));
                    continue;
                }
                float[] weights = new float[Math.toIntExact(tensor.elements())];
                QuantFormats.of(tensor.type()).decode(in.data(tensor), 0, weights, 0, weights.length);
                float[] scales = new float[Math.toIntExact(tensor.dim(2))];
                for (int i = 0; i < weights.length; i++) {
                    int expert = i / (weights.length / scales.length);
                    scales[expert] = Math.scalb(1f, expert - 2);
                    weights[i] /= scales[expert];
                }
                out.data(tensor.name(), bytes(weights));
                out.data(scaleOf(tensor), bytes(scales));
            }
            out.commit();
        }
    }

    private static boolean isExperts(TensorInfo tensor) {
        return tensor.name().endsWith("_exps.weight");
    }

    private static String scaleOf(TensorInfo tensor) {
        return tensor.name().replaceFirst("weight$", "scale");
    }

    private static MemorySegment bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return MemorySegment.ofArray(bytes.array());
    }

    static Stream<Arguments> embeddings() {
        return models().stream()
                .filter(Case::embeds)
                .flatMap(c -> Stream.of(Arguments.of(c, true), Arguments.of(c, false)));
    }

    @ParameterizedTest
    @MethodSource("embeddings")
    void embeddingsAndScoresAgree(Case c, boolean packed) throws IOException {
        try (Model model = c.open(packed)) {
            Embedder embedder = model.newEmbedder(o -> o.normalize(false));
            float[] expected =
                    Golden.floats("golden/arch/" + c.entry.get("embd").asText());
            assertEquals(c.entry.get("width").asInt(), embedder.dimensions());
            assertEquals(
                    c.entry.get("pooling").asText().toUpperCase(Locale.ROOT),
                    embedder.pooling().name());
            Embedding embedding =
                    embedder.embedTokens(List.of(c.tokens("tokens"))).getFirst();
            assertArrayEquals(expected, embedding.vector(), EMBEDDING_TOLERANCE);
        }
    }

    static List<Case> generating() {
        return models().stream().filter(c -> !c.embeds()).toList();
    }

    @ParameterizedTest
    @MethodSource("generating")
    void greedyTokensAgree(Case c) throws IOException {
        try (Model model = c.open(true);
                Session session = c.session(model)) {
            float[] logits = session.feed(c.tokens("tokens"));
            for (int token : c.tokens("greedy")) {
                int best = 0;
                for (int i = 1; i < logits.length; i++) {
                    best = logits[i] > logits[best] ? i : best;
                }
                assertEquals(token, best);
                logits = session.feed(token);
            }
        }
    }

    @Test
    void whatIsNotThereIsRefusedByNameWithTheChoices() {
        for (Case c : models()) {
            if (!Architectures.names().contains(c.architecture)) {
                UnsupportedModelException error = assertThrows(
                        UnsupportedModelException.class, () -> Model.open(Golden.path("golden/arch/" + c.model)));
                assertTrue(error.getMessage().contains("the architecture " + c.architecture + " "), error::getMessage);
                assertTrue(error.getMessage().contains(Architectures.names().toString()), error::getMessage);
            }
        }
    }
}
