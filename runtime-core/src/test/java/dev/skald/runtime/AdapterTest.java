package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufWriter;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.Adapter;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.SessionOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** LoRA adapters: what they add, which sessions have them, and files that are not adapters. */
class AdapterTest {
    private static final float TOLERANCE = 1e-4f;
    private static final int[] TOKENS = new SplittableRandom(3).ints(20, 5, 300).toArray();

    @TempDir
    static Path folder;

    private static Path base;
    private static Path lora;

    @BeforeAll
    static void files() {
        base = Golden.path("golden/arch/llama-lora.gguf");
        lora = Golden.path("golden/arch/lora-adapter.gguf");
    }

    private static Model open(Path file) throws IOException {
        return Model.open(file, o -> o.exact(true).threads(2));
    }

    private static float[] logits(Model model) {
        try (Session session = model.newSession(o -> o.contextLength(64))) {
            return session.logits(TOKENS);
        }
    }

    /** A tensor of float32. */
    private record Tensor(String name, float[] values, long... shape) {}

    private static float[] random(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-0.4, 0.4);
        }
        return values;
    }

    private static void write(Path file, Map<String, Object> keys, List<Tensor> tensors) throws IOException {
        Files.deleteIfExists(file);
        try (GgufWriter writer = GgufWriter.create(file)) {
            keys.forEach(writer::put);
            tensors.forEach(tensor -> writer.tensor(tensor.name, GgmlType.F32, tensor.shape));
            for (Tensor tensor : tensors) {
                writer.data(tensor.name, bytes(tensor.values));
            }
            writer.commit();
        }
    }

    private static MemorySegment bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return MemorySegment.ofBuffer(bytes);
    }

    private static Map<String, Object> keys(String architecture) {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("general.type", "adapter");
        keys.put("general.architecture", architecture);
        keys.put("adapter.type", "lora");
        keys.put("adapter.lora.alpha", 6f);
        return keys;
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be cut off there")
    void anAdapterThatIsCutOffIsNamed() throws IOException {
        Path file = Files.copy(lora, folder.resolve("cut.gguf"));
        try (Model model = Model.open(base, o -> o.packed(false).threads(2));
                Adapter adapter = model.openAdapter(file);
                Session session = model.newSession(o -> o.contextLength(64).adapter(adapter, 1));
                Session without = model.newSession(o -> o.contextLength(64))) {
            float[] before = without.logits(TOKENS);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(0);
            }
            GgufFormatException error = assertThrows(GgufFormatException.class, () -> session.logits(TOKENS));
            assertTrue(error.getMessage().startsWith(file + ": "), error::getMessage);
            without.truncate(0, 0);
            assertArrayEquals(before, without.logits(TOKENS));
        }
    }

    @Test
    void whatWasReadWithAnAdapterIsNoBeginningForOthers() throws IOException {
        int[] tokens = new SplittableRandom(4).ints(100, 5, 300).toArray();
        try (Model model = open(base);
                Adapter adapter = model.openAdapter(lora)) {
            assertEquals(0, cached(model, tokens, o -> {}));
            assertEquals(0, cached(model, tokens, o -> o.adapter(adapter, 1)));
            assertEquals(0, cached(model, tokens, o -> o.adapter(adapter, 0.5)));
            assertEquals(99, cached(model, tokens, o -> {}));
            assertEquals(99, cached(model, tokens, o -> o.adapter(adapter, 1)));
            assertEquals(99, cached(model, tokens, o -> o.adapter(adapter, 0.5)));
        }
    }

    private static int cached(Model model, int[] prompt, Consumer<SessionOptions> settings) {
        try (Session session = model.newSession(settings);
                Generation text = session.generate(prompt, g -> g.greedy().maxTokens(1))) {
            text.text();
            return text.result().cachedTokens();
        }
    }

    /** Merges by hand: W + scale B A, with the tensor's rows or, of tokens, with its columns. */
    private static float[] merged(float[] w, TensorInfo tensor, float[] a, float[] b, int rank, double scale) {
        int columns = (int) tensor.columns();
        int rows = (int) tensor.dim(1);
        int experts = (int) tensor.dim(2);
        boolean table = tensor.name().equals("token_embd.weight");
        float[] merged = w.clone();
        for (int e = 0; e < experts; e++) {
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    double sum = 0;
                    for (int k = 0; k < rank; k++) {
                        sum += table
                                ? (double) a[r * rank + k] * b[c * rank + k]
                                : (double) b[(e * rows + r) * rank + k] * a[(e * rank + k) * columns + c];
                    }
                    merged[(e * rows + r) * columns + c] += (float) (scale * sum);
                }
            }
        }
        return merged;
    }

    /** The model with another tensor in float32. */
    private static void replace(GgufFile sound, TensorInfo changed, float[] values, Path file) throws IOException {
        Files.deleteIfExists(file);
        try (GgufWriter writer = GgufWriter.create(file)) {
            GgufMetadata metadata = sound.metadata();
            metadata.keys().forEach(key -> writer.put(key, metadata.type(key), metadata.get(key)));
            for (TensorInfo tensor : sound.tensors()) {
                writer.tensor(
                        tensor.name(),
                        tensor == changed ? GgmlType.F32 : tensor.type(),
                        tensor.shape().stream().mapToLong(Long::longValue).toArray());
            }
            for (TensorInfo tensor : sound.tensors()) {
                writer.data(tensor.name(), tensor == changed ? bytes(values) : sound.data(tensor));
            }
            writer.commit();
        }
    }

    /** A model, an adapter of one of its matrices, and the model with half of what that adds. */
    private record Merged(Path model, Path adapter, Path whole) {
        static Merged make(String name, String matrix) throws IOException {
            int rank = 3;
            SplittableRandom random = new SplittableRandom(matrix.hashCode());
            Path model = Golden.path("golden/arch/" + name + ".gguf");
            Path adapter = folder.resolve("adapter.gguf");
            Path whole = folder.resolve("merged.gguf");
            try (GgufFile sound = GgufFile.open(model)) {
                TensorInfo tensor = sound.tensor(matrix).orElseThrow();
                int columns = (int) tensor.columns();
                int rows = (int) tensor.dim(1);
                int experts = (int) tensor.dim(2);
                boolean table = matrix.startsWith("token_embd");
                float[] a = random(random, rank * (table ? rows : columns) * experts);
                float[] b = random(random, rank * (table ? columns : rows) * experts);
                write(
                        adapter,
                        keys(sound.metadata().getString("general.architecture")),
                        List.of(
                                new Tensor(
                                        matrix + ".lora_a",
                                        a,
                                        shape(table ? rank : columns, table ? rows : rank, experts)),
                                new Tensor(matrix + ".lora_b", b, shape(rank, table ? columns : rows, experts))));
                float[] w = new float[(int) tensor.elements()];
                QuantFormats.of(tensor.type()).decode(sound.data(tensor), 0, w, 0, w.length);
                // Alpha 6 over rank 3, and the caller's half.
                replace(sound, tensor, merged(w, tensor, a, b, rank, 6.0 / rank * 0.5), whole);
            }
            return new Merged(model, adapter, whole);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "qwen3-embedding, blk.0.attn_q.weight",
        "gemma-embedding, token_embd.weight",
        "bert, token_embd.weight",
        "bert, blk.1.ffn_up.weight"
    })
    void embeddingsHaveTheModels(String name, String matrix) throws IOException {
        Merged files = Merged.make(name, matrix);
        try (Model adapted =
                        Model.open(files.model, o -> o.exact(true).threads(2).adapter(files.adapter, 0.5));
                Model plain = open(files.model);
                Model expected = open(files.whole)) {
            float[] wanted = expected.newEmbedder().embed("one two three").vector();
            float[] without = plain.newEmbedder().embed("one two three").vector();
            assertTrue(difference(wanted, without) > 1e-3, "the adapter has an effect");
            assertArrayEquals(
                    wanted, adapted.newEmbedder().embed("one two three").vector(), 1e-5f);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "llama-lora, blk.1.ffn_down.weight",
        "llama-lora, token_embd.weight",
        "gemma3-linear, token_embd.weight",
        "gemma2, blk.0.attn_v.weight",
        "phi3, blk.0.attn_qkv.weight",
        "phi3, blk.1.ffn_up.weight",
        "qwen35, blk.0.attn_qkv.weight",
        "qwen35, blk.0.ssm_alpha.weight",
        "qwen35, blk.3.attn_q.weight",
        "qwen35moe, blk.0.ffn_gate_up_exps.weight",
        "qwen35moe, blk.1.ffn_down_exps.weight",
        "qwen35moe, blk.1.ffn_gate_inp.weight",
        "qwen35moe, blk.1.ffn_up_shexp.weight",
        "lfm2, blk.0.shortconv.in_proj.weight",
        "lfm2, blk.1.shortconv.out_proj.weight",
        "deepseek2, blk.1.attn_k_b.weight",
        "deepseek2, blk.0.attn_v_b.weight",
        "cohere2, blk.1.ffn_gate.weight"
    })
    void itAddsWhatMergedWeightsWouldGive(String name, String matrix) throws IOException {
        Merged files = Merged.make(name, matrix);
        try (Model adapted =
                        Model.open(files.model, o -> o.exact(true).threads(2).adapter(files.adapter, 0.5));
                Model plain = open(files.model);
                Model expected = open(files.whole)) {
            float[] wanted = logits(expected);
            assertTrue(difference(wanted, logits(plain)) > 0.01, "the adapter has an effect");
            assertArrayEquals(wanted, logits(adapted), TOLERANCE);
        }
    }

    private static long[] shape(int columns, int rows, int experts) {
        return experts == 1 ? new long[] {columns, rows} : new long[] {columns, rows, experts};
    }

    private static double difference(float[] x, float[] y) {
        double most = 0;
        for (int i = 0; i < x.length; i++) {
            most = Math.max(most, Math.abs(x[i] - y[i]));
        }
        return most;
    }

    @Test
    void severalAreAdded() throws IOException {
        try (Model model = open(base);
                Adapter one = model.openAdapter(lora);
                Adapter other = model.openAdapter(lora);
                Session whole = model.newSession(o -> o.contextLength(64).adapter(one, 1));
                Session parts = model.newSession(
                        o -> o.contextLength(64).adapter(one, 1.5).adapter(other, -0.5))) {
            assertArrayEquals(whole.logits(TOKENS), parts.logits(TOKENS), TOLERANCE);
        }
    }

    @Test
    void sessionsHaveTheModelsUnlessTheySayOtherwise() throws IOException {
        try (Model plain = open(base);
                Model adapted = Model.open(base, o -> o.exact(true).threads(2).adapter(lora, 1));
                Session own = adapted.newSession();
                Session without = adapted.newSession(o -> o.withoutAdapters())) {
            assertArrayEquals(logits(plain), without.logits(TOKENS));
            assertTrue(difference(logits(plain), own.logits(TOKENS)) > 0.1);
            try (Adapter same = adapted.openAdapter(lora);
                    Session half = adapted.newSession(o -> o.adapter(same, 0.5));
                    Session fork = half.fork();
                    Adapter mine = plain.openAdapter(lora);
                    Session expected = plain.newSession(o -> o.adapter(mine, 0.5))) {
                float[] wanted = expected.logits(TOKENS);
                assertArrayEquals(wanted, half.logits(TOKENS));
                assertArrayEquals(wanted, fork.logits(TOKENS));
            }
        }
    }

    @Test
    void aSavedSessionIsOfItsAdapters() throws IOException {
        Path file = folder.resolve("session");
        try (Model model = open(base);
                Adapter adapter = model.openAdapter(lora);
                Adapter again = model.openAdapter(lora);
                Session saved = model.newSession(o -> o.adapter(adapter, 1));
                Session same = model.newSession(o -> o.adapter(again, 1));
                Session half = model.newSession(o -> o.adapter(adapter, 0.5));
                Session plain = model.newSession()) {
            saved.feed(TOKENS);
            saved.save(file);
            same.restore(file);
            assertArrayEquals(saved.feed(7), same.feed(7));
            for (Session other : List.of(half, plain)) {
                IOException refused = assertThrows(IOException.class, () -> other.restore(file));
                assertTrue(refused.getMessage().contains("other adapters"), refused::getMessage);
            }
        }
    }

    @Test
    void whatIsClosedIsUsedNoMore() throws IOException {
        try (Model model = open(base)) {
            Adapter adapter = model.openAdapter(lora);
            try (Session session = model.newSession(o -> o.adapter(adapter, 1))) {
                session.feed(1, 2, 3);
                adapter.close();
                adapter.close();
                IllegalStateException closed = assertThrows(IllegalStateException.class, () -> session.feed(4));
                assertTrue(closed.getMessage().contains("lora-adapter.gguf is closed"), closed::getMessage);
                assertEquals(3, session.length(0));
            }
            assertEquals(lora, adapter.file());
        }
        Model closed = open(base);
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.openAdapter(lora));
    }

    @Test
    void closingWaitsForWhatIsComputed() throws Exception {
        try (Model model = open(base)) {
            Adapter adapter = model.openAdapter(lora);
            CountDownLatch begun = new CountDownLatch(1);
            FutureTask<Integer> text = new FutureTask<>(() -> {
                try (Session session = model.newSession(o -> o.adapter(adapter, 1));
                        Generation generation = session.generate(
                                TOKENS,
                                g -> g.ignoreEnd(true).maxTokens(3000).progress((done, all) -> begun.countDown()))) {
                    int count = 0;
                    try {
                        for (var _ : generation) {
                            count++;
                        }
                    } catch (IllegalStateException closed) {
                        assertTrue(closed.getMessage().contains("is closed"), closed::getMessage);
                    }
                    return count;
                }
            });
            Thread.ofPlatform().start(text);
            begun.await();
            adapter.close();
            assertTrue(text.get(60, TimeUnit.SECONDS) < 3000);
        }
    }

    @Test
    void anAdapterBelongsToItsModel() throws IOException {
        try (Model model = open(base);
                Model other = open(base);
                Adapter adapter = model.openAdapter(lora)) {
            assertThrows(IllegalArgumentException.class, () -> other.newSession(o -> o.adapter(adapter, 1)));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> model.newSession(o -> o.adapter(adapter, 1).adapter(adapter, 1)));
            assertThrows(IllegalArgumentException.class, () -> model.newSession(o -> o.adapter(adapter, Float.NaN)));
            assertThrows(IllegalArgumentException.class, () -> Model.open(base, o -> o.adapter(lora, 1e300)));
        }
    }

    /** A fault, and the text of its message. */
    private record Wrong(String what, Map<String, Object> keys, List<Tensor> tensors, String... said) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static Map<String, Object> with(String key, Object value) {
        Map<String, Object> keys = keys("llama");
        if (value == null) {
            keys.remove(key);
        } else {
            keys.put(key, value);
        }
        return keys;
    }

    private static Tensor zeros(String name, long... shape) {
        int count = 1;
        for (long dim : shape) {
            count *= (int) dim;
        }
        return new Tensor(name, new float[count], shape);
    }

    private static List<Tensor> pair(String matrix, long[] a, long[] b) {
        return List.of(zeros(matrix + ".lora_a", a), zeros(matrix + ".lora_b", b));
    }

    private static Wrong tensors(String what, List<Tensor> tensors, String... said) {
        return new Wrong(what, keys("llama"), tensors, said);
    }

    static List<Arguments> wrongFiles() {
        List<Tensor> sound = pair("blk.0.attn_k.weight", new long[] {64, 4}, new long[] {4, 32});
        List<Tensor> more = new ArrayList<>(sound);
        more.add(zeros("blk.0.attn_norm.weight", 64));
        return Stream.of(
                        new Wrong("no adapter", with("general.type", "model"), sound, "general.type is model"),
                        new Wrong("no type", with("general.type", null), sound, "general.type is missing"),
                        new Wrong("a control vector", with("adapter.type", "controlvector"), sound, "controlvector"),
                        new Wrong("another architecture", keys("qwen2"), sound, "qwen2", "llama"),
                        new Wrong("no architecture", with("general.architecture", null), sound, "llama"),
                        new Wrong(
                                "an activated LoRA",
                                with("adapter.alora.invocation_tokens", new int[] {1, 2}),
                                sound,
                                "activated LoRA"),
                        new Wrong("alpha that is none", with("adapter.lora.alpha", Float.NaN), sound, "NaN"),
                        new Wrong("alpha below 0", with("adapter.lora.alpha", -1f), sound, "-1.0"),
                        new Wrong("alpha as text", with("adapter.lora.alpha", "8"), sound, "adapter.lora.alpha"),
                        tensors("no tensors", List.of(), "without tensors"),
                        tensors("one of a pair", sound.subList(0, 1), "blk.0.attn_k.weight.lora_b", "missing"),
                        tensors("the other of a pair", sound.subList(1, 2), "blk.0.attn_k.weight.lora_a", "missing"),
                        tensors("whole norms", more, "blk.0.attn_norm.weight"),
                        tensors(
                                "a matrix that is not there",
                                pair("blk.7.attn_k.weight", new long[] {64, 4}, new long[] {4, 32}),
                                "blk.7.attn_k.weight"),
                        tensors(
                                "too few columns",
                                pair("blk.0.attn_k.weight", new long[] {32, 4}, new long[] {4, 32}),
                                "lora_a has the shape [32, 4]",
                                "[64, 4]"),
                        tensors(
                                "too many rows",
                                pair("blk.0.attn_k.weight", new long[] {64, 4}, new long[] {4, 64}),
                                "lora_b has the shape [4, 64]",
                                "[4, 32]"),
                        tensors(
                                "ranks that differ",
                                pair("blk.0.attn_k.weight", new long[] {64, 4}, new long[] {5, 32}),
                                "lora_b has the shape [5, 32]",
                                "[4, 32]"),
                        tensors(
                                "a rank beyond all use",
                                pair("blk.0.attn_k.weight", new long[] {64, 4000}, new long[] {4000, 32}),
                                "4000"),
                        tensors(
                                "experts where there are none",
                                pair("blk.0.attn_k.weight", new long[] {64, 4, 2}, new long[] {4, 32, 2}),
                                "[64, 4, 2]"),
                        tensors(
                                "a table of too few tokens",
                                pair("token_embd.weight", new long[] {4, 300}, new long[] {4, 64}),
                                "[4, 300]",
                                "[4, 320]"),
                        tensors(
                                "a table on its side",
                                pair("token_embd.weight", new long[] {64, 4}, new long[] {4, 320}),
                                "[64, 4]"))
                .map(Arguments::of)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("wrongFiles")
    void aFileThatDoesNotFitIsRefused(Wrong wrong) throws IOException {
        Path file = folder.resolve("wrong.gguf");
        write(file, wrong.keys, wrong.tensors);
        try (Model model = open(base)) {
            RuntimeException refused = assertThrows(RuntimeException.class, () -> model.openAdapter(file));
            assertTrue(refused instanceof GgufFormatException || refused instanceof UnsupportedModelException);
            assertTrue(refused.getMessage().contains("wrong.gguf"), refused::getMessage);
            for (String said : wrong.said) {
                assertTrue(refused.getMessage().contains(said), refused::getMessage);
            }
            assertEquals(20 * 320, logits(model).length);
        }
        assertThrows(RuntimeException.class, () -> Model.open(base, o -> o.adapter(file, 1)));
    }

    @Test
    void anAdapterIsNoModel() {
        UnsupportedModelException refused = assertThrows(UnsupportedModelException.class, () -> open(lora));
        assertTrue(refused.getMessage().contains("is an adapter and no model"), refused::getMessage);
    }

    @Test
    void aFileThatIsNotThereIsAnIoException() throws IOException {
        Path nowhere = folder.resolve("nowhere.gguf");
        try (Model model = open(base)) {
            assertThrows(IOException.class, () -> model.openAdapter(nowhere));
        }
        assertThrows(IOException.class, () -> Model.open(base, o -> o.adapter(nowhere, 1)));
    }
}
