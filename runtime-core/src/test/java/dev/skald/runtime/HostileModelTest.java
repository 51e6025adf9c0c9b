package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFormatException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Well-formed files whose metadata or tensors fit no model. Opening one ends in an error that names the key and the values, takes no
 * more memory than a valid file of that size, and leaves nothing open.
 */
class HostileModelTest {
    /** The test files have some 350 KB, and a tokenizer's tables some 600 KB. */
    private static final long MOST_BYTES = 8 << 20;

    @TempDir
    Path folder;

    record Case(String name, TestModel model, Class<? extends RuntimeException> error, List<String> said) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static TestModel model() {
        return new TestModel();
    }

    private static Case bad(String name, TestModel model, String... said) {
        return new Case(name, model, GgufFormatException.class, List.of(said));
    }

    private static Case unsupported(String name, TestModel model, String... said) {
        return new Case(name, model, UnsupportedModelException.class, List.of(said));
    }

    /** A key of the architecture with a value; the message has to name both. */
    private static Case badKey(String key, Object value) {
        return bad(key + " = " + value, model().with(key, value), "llama." + key, value.toString());
    }

    private static Case missing(String key) {
        return bad("no " + key, model().withKey(key, null), "'" + key + "'");
    }

    static Stream<Case> keysThatAreMissing() {
        return Stream.of(
                missing("general.architecture"),
                missing("llama.block_count"),
                missing("llama.context_length"),
                missing("llama.embedding_length"),
                missing("llama.feed_forward_length"),
                missing("llama.attention.head_count"),
                missing("llama.attention.layer_norm_rms_epsilon"),
                missing("tokenizer.ggml.model"),
                missing("tokenizer.ggml.tokens"));
    }

    static Stream<Case> counts() {
        Stream<Case> impossible = Stream.of(
                        "block_count",
                        "embedding_length",
                        "feed_forward_length",
                        "attention.head_count",
                        "attention.head_count_kv",
                        "attention.key_length",
                        "attention.value_length",
                        "context_length",
                        "rope.dimension_count")
                .flatMap(key -> Stream.of(0, -1, 1 << 30, 1L << 40, Long.MAX_VALUE)
                        .filter(value -> value.longValue() != 1 << 30 || !key.equals("context_length"))
                        // The value that llama.cpp writes for an unset key is not among these, because it stands for
                        // the default.
                        .filter(value -> value.longValue() != -1 || !key.equals("rope.dimension_count"))
                        .map(value -> badKey(key, value)));
        Stream<Case> wrong = Stream.of(
                badKey("attention.sliding_window", -2),
                badKey("attention.sliding_window", 1L << 32),
                badKey("expert_count", -2),
                bad(
                        "more experts used than there are",
                        model().with("expert_count", 8).with("expert_used_count", 9),
                        "llama.expert_used_count",
                        "9"),
                badKey("attention.head_count_kv", 3),
                badKey("attention.head_count_kv", 8),
                badKey("rope.dimension_count", 15),
                badKey("rope.dimension_count", 18),
                badKey("rope.scaling.original_context_length", 0),
                bad("block_count as text", model().with("block_count", "two"), "llama.block_count", "STRING"),
                bad("block_count as fraction", model().with("block_count", 2f), "llama.block_count", "FLOAT32"),
                bad(
                        "heads that do not divide the width",
                        model().with("attention.head_count", 5).with("attention.head_count_kv", 5),
                        "llama.attention.head_count",
                        "5 heads",
                        "64",
                        "attention.key_length is missing"),
                bad(
                        "heads as large as memory",
                        model().with("attention.head_count", 1 << 24).with("attention.key_length", 1 << 16),
                        "llama.attention",
                        "16777216"),
                bad(
                        "no counts for layers",
                        model().with("attention.head_count", new int[0]),
                        "llama.attention.head_count",
                        "0 values for 2 layers"),
                bad(
                        "counts for too many layers",
                        model().with("feed_forward_length", new int[] {96, 96, 96}),
                        "llama.feed_forward_length",
                        "3 values for 2 layers"),
                bad(
                        "counts of 0",
                        model().with("attention.head_count_kv", new int[] {0, 0}),
                        "llama.attention.head_count_kv",
                        "0"));
        return Stream.concat(impossible, wrong);
    }

    static Stream<Case> numbers() {
        Stream<Case> noNumbers = Stream.of(
                        "attention.layer_norm_rms_epsilon",
                        "attention.scale",
                        "embedding_scale",
                        "residual_scale",
                        "logit_scale",
                        "rope.freq_base",
                        "rope.scale_linear",
                        "rope.scaling.factor",
                        "rope.scaling.attn_factor")
                .flatMap(key -> Stream.of(Float.NaN, -1e-5f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)
                        .map(value -> badKey(key, value)));
        return Stream.concat(
                noNumbers,
                Stream.of(
                        badKey("rope.freq_base", 0f),
                        badKey("rope.freq_base", 1f),
                        badKey("rope.scaling.attn_factor", 0f),
                        bad(
                                "epsilon as text",
                                model().with("attention.layer_norm_rms_epsilon", "small"),
                                "llama.attention.layer_norm_rms_epsilon",
                                "STRING"),
                        bad(
                                "yarn without a factor",
                                model().with("rope.scaling.type", "yarn"),
                                "llama.rope.scaling.factor",
                                "0.0"),
                        bad(
                                "yarn by a half",
                                model().with("rope.scaling.type", "yarn").with("rope.scaling.factor", 0.5f),
                                "llama.rope.scaling.factor",
                                "0.5"),
                        bad(
                                "llama3 by a half",
                                model().with("rope.scaling.type", "llama3").with("rope.scaling.factor", 0.5f),
                                "llama.rope.scaling.factor",
                                "0.5"),
                        bad(
                                "llama3 with its ramp upside down",
                                model().with("rope.scaling.type", "llama3")
                                        .with("rope.scaling.factor", 8f)
                                        .with("rope.scaling.low_freq_factor", 4f),
                                "llama.rope.scaling.high_freq_factor",
                                "4.0"),
                        bad(
                                "a rope factor of 0",
                                model().withTensor("rope_freqs.weight", 1, 1, 1, 0, 1, 1, 1, 1),
                                "rope_freqs.weight[3]",
                                "0.0"),
                        bad(
                                "a rope factor that is no number",
                                model().withTensor("rope_freqs.weight", Float.NaN, 1, 1, 1, 1, 1, 1, 1),
                                "rope_freqs.weight[0]",
                                "NaN")));
    }

    static Stream<Case> shapes() {
        return Stream.of(
                bad(
                        "more layers than there are",
                        model().with("block_count", 3),
                        "blk.2.attn_norm.weight",
                        "block_count=3"),
                bad(
                        "very many layers",
                        model().with("block_count", 100_000),
                        "blk.2.attn_norm.weight",
                        "block_count=100000"),
                unsupported("fewer layers than there are", model().with("block_count", 1), "blk.1.", "block_count=1"),
                bad(
                        "another width",
                        model().with("embedding_length", 32),
                        "token_embd.weight",
                        "[64, 303]",
                        "[32, 303]",
                        "embedding_length=32"),
                bad(
                        "another width in the middle",
                        model().with("feed_forward_length", 95),
                        "blk.0.ffn_gate.weight",
                        "[64, 96]",
                        "feed_forward_length=95"),
                bad(
                        "other KV heads",
                        model().with("attention.head_count_kv", 4),
                        "blk.0.attn_k.weight",
                        "[64, 32]",
                        "attention.head_count_kv=4"),
                bad(
                        "other heads",
                        model().with("attention.head_count", 8),
                        "blk.0.attn_k.weight",
                        "[64, 32]",
                        "attention.head_count=8"),
                bad(
                        "longer keys",
                        model().with("attention.key_length", 24),
                        "blk.0.attn_q.weight",
                        "[64, 96]",
                        "attention.key_length=24"),
                bad(
                        "longer values",
                        model().with("attention.value_length", 24),
                        "blk.0.attn_v.weight",
                        "[64, 48]",
                        "attention.value_length=24"),
                bad(
                        "fewer rows than tokens",
                        model().withTensor("token_embd.weight", GgmlType.F32, 64, 300),
                        "token_embd.weight",
                        "[64, 300]",
                        "tokens=303"),
                bad(
                        "more outputs than tokens",
                        model().untied().withTensor("output.weight", GgmlType.F32, 64, 304),
                        "output.weight",
                        "[64, 304]",
                        "tokens=303"),
                bad(
                        "a matrix on its side",
                        model().withTensor("blk.1.ffn_down.weight", GgmlType.F32, 64, 96),
                        "blk.1.ffn_down.weight",
                        "[64, 96]",
                        "[96, 64]"),
                bad(
                        "a norm too short",
                        model().withTensor("blk.1.ffn_norm.weight", GgmlType.F32, 63),
                        "blk.1.ffn_norm.weight",
                        "[63]"),
                bad(
                        "a bias too long",
                        model().attentionBiases().withTensor("blk.1.attn_k.bias", GgmlType.F32, 64),
                        "blk.1.attn_k.bias",
                        "[64]"),
                bad(
                        "rope factors for other heads",
                        model().withTensor("rope_freqs.weight", 1, 1, 1, 1),
                        "rope_freqs.weight",
                        "[4]",
                        "rope.dimension_count=16"),
                bad(
                        "experts that are not there",
                        model().with("expert_count", 8).with("expert_used_count", 2),
                        "blk.0.ffn_gate_inp.weight",
                        "missing",
                        "expert_count=8"),
                bad("no output norm", model().withoutTensor("output_norm.weight"), "output_norm.weight", "missing"),
                bad("no embedding", model().withoutTensor("token_embd.weight"), "token_embd.weight", "missing"));
    }

    static Stream<Case> whatSkaldDoesNotDo() {
        return Stream.of(
                unsupported(
                        "another architecture", model().arch("mamba"), "mamba", "llama", "granite", "qwen2", "qwen3"),
                unsupported("embeddings", model().with("attention.causal", false), "llama.attention.causal", "false"),
                unsupported(
                        "layers of two kinds",
                        model().with("attention.head_count", new int[] {4, 2}),
                        "llama.attention.head_count",
                        "4",
                        "2"),
                unsupported(
                        "another scaling",
                        model().with("rope.scaling.type", "longrope"),
                        "llama.rope.scaling.type",
                        "longrope",
                        "none, linear, yarn and llama3"),
                unsupported(
                        "a refined yarn",
                        model().with("rope.scaling.type", "yarn")
                                .with("rope.scaling.factor", 4f)
                                .with("rope.scaling.yarn_log_multiplier", 0.1f),
                        "llama.rope.scaling.yarn_log_multiplier",
                        "0.1"),
                unsupported(
                        "a tensor of another design",
                        model().withTensor("blk.0.attn_sub_norm.weight", GgmlType.F32, 64),
                        "blk.0.attn_sub_norm.weight",
                        "1 of 21 tensors"),
                unsupported(
                        "a type that no kernel reads",
                        model().withTensor("blk.0.ffn_up.weight", GgmlType.I32, 64, 96),
                        "blk.0.ffn_up.weight",
                        "I32",
                        "Q4_0"),
                unsupported(
                        "a norm of such a type",
                        model().withTensor("blk.0.ffn_norm.weight", GgmlType.I8, 64),
                        "blk.0.ffn_norm.weight",
                        "I8"),
                unsupported(
                        "another tokenizer",
                        model().withKey("tokenizer.ggml.model", "plamo2"),
                        "tokenizer.ggml.model",
                        "plamo2"));
    }

    @ParameterizedTest
    @MethodSource({"keysThatAreMissing", "counts", "numbers", "shapes", "whatSkaldDoesNotDo"})
    void isRefused(Case c) throws IOException {
        Path file = c.model.write(folder.resolve("hostile.gguf"));
        long before = allocated();
        RuntimeException error = assertThrows(RuntimeException.class, () -> Model.open(file, o -> o.threads(2)));
        long taken = allocated() - before;
        assertEquals(c.error, error.getClass(), error::toString);
        for (String said : c.said) {
            assertTrue(error.getMessage().contains(said), () -> said + " is not in: " + error.getMessage());
        }
        assertTrue(taken < MOST_BYTES, () -> "took " + taken + " bytes");
        Traces.assertNone(file);
    }

    /** Returns the bytes of heap that this thread has allocated so far. */
    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    @Test
    void nearMissesOfTheseCasesRun() throws IOException {
        Path file = model().with("attention.layer_norm_rms_epsilon", 0f)
                .with("attention.sliding_window", 0)
                .with("rope.scaling.factor", 0f)
                .with("embedding_scale", 0f)
                .with("expert_count", 0)
                .with("rope.dimension_count", 16)
                .write(folder.resolve("sound.gguf"));
        try (Model model = Model.open(file, o -> o.threads(2));
                Session session = model.newSession()) {
            assertEquals(303, session.feed(1, 2, 3).length);
            assertEquals(Traces.canCountMappings() ? 1 : 0, Traces.mappings(file));
            assertEquals(1, Traces.threads());
        }
        Traces.assertNone(file);
    }

    @Test
    void afileThatIsNoModelLeavesNothingOpen() throws IOException {
        Path file = Files.write(folder.resolve("text.gguf"), "GGUFnonsense".getBytes());
        assertThrows(GgufFormatException.class, () -> Model.open(file));
        Traces.assertNone(file);
        assertThrows(IOException.class, () -> Model.open(folder.resolve("absent.gguf")));
    }

    @Test
    void anUnknownPreTokenizerLeavesNothingOpen() throws IOException {
        Path file = model().vocabulary(TestVocabulary.bytePairs()).write(folder.resolve("bpe.gguf"));
        assertThrows(UnsupportedModelException.class, () -> Model.open(file, o -> o.preTokenizer("no such thing")));
        Traces.assertNone(file);
    }

    @Test
    void asManyTokensAtOnceAsArraysCanHold() throws IOException {
        // 65536 rows of 65536 values would be 2^32 floats: the batch has to become smaller by itself.
        Path file =
                model().width(2, 1 << 16).heads(1, 1).headSize(2, 2).layers(1).write(folder.resolve("wide.gguf"));
        try (Model model = Model.open(file, o -> o.threads(2).batchSize(65536))) {
            long floats = (long) model.diagnostics().batchSize() * 65536;
            assertTrue(floats <= Integer.MAX_VALUE - 8 && floats > 2_000_000_000, () -> floats + " floats");
        }
    }
}
