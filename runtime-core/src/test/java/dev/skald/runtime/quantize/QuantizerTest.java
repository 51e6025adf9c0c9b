package dev.skald.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufWriter;
import dev.skald.gguf.TensorInfo;
import dev.skald.runtime.Golden;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.quantize.QuantizationPlan.Choice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizerTest {
    @TempDir
    Path folder;

    /** The whole file equals the one that llama-quantize made from the same model: keys, tensors, blocks. */
    @ParameterizedTest
    @CsvSource({"Q8_0, false", "Q4_0, true", "Q4_K_M, false"})
    void writesTheFileThatLlamaCppWrites(Mixture mixture, boolean pure) throws IOException {
        Path ours = folder.resolve("ours.gguf");
        quantize(Golden.path("golden/logits/mini-llama-2-F16.gguf"), mixture, ours, o -> o.pure(pure));
        Path theirs = Golden.path("golden/logits/mini-llama-2-" + mixture + ".gguf");
        assertEquals(-1, Files.mismatch(theirs, ours));
    }

    @Test
    void threadsDoNotChangeTheFile() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 1, 512, 300);
        quantize(source, Mixture.Q4_K_M, folder.resolve("one.gguf"), o -> o.threads(1));
        quantize(source, Mixture.Q4_K_M, folder.resolve("three.gguf"), o -> o.threads(3));
        assertEquals(-1, Files.mismatch(folder.resolve("one.gguf"), folder.resolve("three.gguf")));
    }

    @Test
    void metadataAreKeptAndSayWhatWasDone() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.BF16, 1, 256, 8);
        Path target = folder.resolve("target.gguf");
        quantize(source, Mixture.IQ4_XS, target, o -> {});
        try (GgufFile file = GgufFile.open(target)) {
            assertEquals("små ord", file.metadata().getString("general.name"));
            assertEquals(List.of("a", "b"), file.metadata().getStrings("tokenizer.ggml.tokens"));
            assertEquals(2, file.metadata().getInt("general.quantization_version"));
            assertEquals(30, file.metadata().getInt("general.file_type"));
            assertEquals(GgmlType.F32, type(file, "output_norm.weight"));
            assertEquals(GgmlType.Q6_K, type(file, "token_embd.weight"));
            assertEquals(GgmlType.IQ4_XS, type(file, "blk.0.ffn_up.weight"));
        }
    }

    @Test
    void importanceIsUsedAndNamed() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 1, 256, 8);
        float[] squares = new float[256];
        Arrays.fill(squares, 0, 128, 0.01f);
        Arrays.fill(squares, 128, 256, 10);
        ImportanceMatrix matrix = new ImportanceMatrix(
                Map.of("blk.0.ffn_up.weight", new ImportanceMatrix.Entry(squares, new long[] {1})),
                List.of("bok.txt"),
                5,
                512);
        quantize(source, Mixture.Q4_K_S, folder.resolve("without.gguf"), o -> {});
        quantize(source, Mixture.Q4_K_S, folder.resolve("with.gguf"), o -> o.importance(matrix, "viktig.gguf"));
        try (GgufFile without = GgufFile.open(folder.resolve("without.gguf"));
                GgufFile with = GgufFile.open(folder.resolve("with.gguf"))) {
            assertTrue(differ(without, with, "blk.0.ffn_up.weight"));
            assertFalse(differ(without, with, "blk.0.ffn_down.weight"));
            assertEquals("viktig.gguf", with.metadata().getString("quantize.imatrix.file"));
            assertEquals("bok.txt", with.metadata().getString("quantize.imatrix.dataset"));
            assertEquals(1, with.metadata().getInt("quantize.imatrix.entries_count"));
            assertEquals(5, with.metadata().getInt("quantize.imatrix.chunks_count"));
        }
    }

    private static boolean differ(GgufFile a, GgufFile b, String tensor) {
        return a.data(a.tensor(tensor).orElseThrow())
                        .mismatch(b.data(b.tensor(tensor).orElseThrow()))
                >= 0;
    }

    @Test
    void importanceOfAnotherModelIsRefused() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 1, 256, 8);
        ImportanceMatrix matrix = new ImportanceMatrix(
                Map.of("blk.0.ffn_up.weight", new ImportanceMatrix.Entry(new float[512], new long[] {1})),
                List.of(),
                1,
                512);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> quantize(source, Mixture.Q4_K_S, folder.resolve("x"), o -> o.importance(matrix, "m")))
                .getMessage();
        assertTrue(message.contains("512") && message.contains("blk.0.ffn_up.weight"), message);
    }

    @Test
    void aTypeOfTooFewBitsAsksForImportance() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 1, 256, 8);
        try (Quantizer quantizer = Quantizer.open(source, Mixture.Q2_K_S, o -> {})) {
            assertEquals(
                    List.of("blk.0.attn_v.weight", "blk.0.ffn_up.weight", "blk.0.ffn_down.weight"),
                    quantizer.plan().withoutImportance().stream()
                            .map(QuantizationPlan.Tensor::name)
                            .toList());
            String message = assertThrows(
                            IllegalArgumentException.class, () -> quantizer.write(folder.resolve("x.gguf")))
                    .getMessage();
            assertTrue(message.contains("--imatrix"), message);
        }
        assertEquals(List.of("source.gguf"), files());
    }

    @Test
    void wishesComeBeforeTheMixture() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 2, 256, 8);
        try (Quantizer quantizer = Quantizer.open(
                source,
                Mixture.Q4_K_M,
                o -> o.embeddingType(GgmlType.Q5_0)
                        .outputType(GgmlType.F16)
                        .tensorType(Pattern.compile("blk\\.0\\.ffn"), GgmlType.Q8_0)
                        .tensorType(Pattern.compile("ffn_up"), GgmlType.Q4_1))) {
            assertEquals(GgmlType.Q5_0, planned(quantizer, "token_embd.weight").type());
            assertEquals(
                    GgmlType.Q8_0, planned(quantizer, "blk.0.ffn_up.weight").type());
            assertEquals(
                    GgmlType.Q4_1, planned(quantizer, "blk.1.ffn_up.weight").type());
            assertEquals(Choice.ASKED, planned(quantizer, "blk.1.ffn_up.weight").choice());
            assertEquals(Choice.KEPT, planned(quantizer, "output_norm.weight").choice());
            assertEquals(
                    Choice.MIXTURE, planned(quantizer, "blk.1.attn_v.weight").choice());
        }
    }

    /** Without an output matrix, the token embedding is used as one. */
    @Test
    void theOutputTypeOfATiedModelIsTheEmbeddings() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 1, 256, 8);
        try (Quantizer quantizer = Quantizer.open(source, Mixture.Q4_0, o -> o.outputType(GgmlType.Q8_0))) {
            assertEquals(GgmlType.Q8_0, planned(quantizer, "token_embd.weight").type());
        }
    }

    @Test
    void aFallbackSaysWhy() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F16, 1, 288, 8);
        Path target = folder.resolve("target.gguf");
        quantize(source, Mixture.Q4_K_S, target, o -> {});
        try (Quantizer quantizer = Quantizer.open(source, Mixture.Q4_K_S, o -> {})) {
            QuantizationPlan.Tensor up = planned(quantizer, "blk.0.ffn_up.weight");
            assertEquals(Choice.FALLBACK, up.choice());
            assertEquals(GgmlType.Q5_0, up.type());
            assertEquals("rows of 288 are not a whole number of Q4_K blocks of 256", up.reason());
        }
        try (GgufFile file = GgufFile.open(target)) {
            assertEquals(GgmlType.Q5_0, type(file, "blk.0.ffn_up.weight"));
            assertEquals(GgmlType.Q8_0, type(file, "token_embd.weight"));
        }
    }

    @Test
    void whatIsQuantizedAlreadyIsRefusedUnlessAllowed() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.Q8_0, 1, 256, 8);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> Quantizer.open(source, Mixture.Q4_0, o -> {}))
                .getMessage();
        assertTrue(message.contains("--allow-requantize") && message.contains("Q8_0"), message);
        quantize(source, Mixture.Q4_0, folder.resolve("again.gguf"), o -> o.allowRequantize(true));
        // A tensor that already has the type is copied.
        quantize(source, Mixture.Q8_0, folder.resolve("same.gguf"), o -> {});
        try (GgufFile a = GgufFile.open(source);
                GgufFile b = GgufFile.open(folder.resolve("same.gguf"))) {
            assertFalse(differ(a, b, "blk.0.ffn_up.weight"));
        }
    }

    /** Sizes worked out by hand: 4 matrices of 256 x 64 in Q8_0 are 17408 bytes each, the norm is 1024. */
    @Test
    void splitsLikeLlamaGgufSplit() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 1, 256, 64);
        Path target = folder.resolve("parts.gguf");
        QuantizationResult result = quantize(source, Mixture.Q8_0, target, o -> o.splitMaxSize(40_000));
        assertEquals(List.of("parts-00001-of-00002.gguf", "parts-00002-of-00002.gguf", "source.gguf"), files());
        assertEquals(2, result.files().size());
        quantize(source, Mixture.Q8_0, folder.resolve("whole.gguf"), o -> {});
        try (GgufFile whole = GgufFile.open(folder.resolve("whole.gguf"));
                GgufFile parts = GgufFile.open(result.files().getLast())) {
            assertEquals(2, parts.metadata().getInt("split.count"));
            assertEquals(5, parts.metadata().getInt("split.tensors.count"));
            assertEquals(
                    List.of(0, 0, 0, 1, 1),
                    parts.tensors().stream().map(TensorInfo::part).toList());
            for (TensorInfo tensor : whole.tensors()) {
                assertFalse(differ(whole, parts, tensor.name()), tensor.name());
            }
            assertEquals("små ord", parts.metadata().getString("general.name"));
        }
        // One of them again, whole.
        quantize(result.files().getFirst(), Mixture.Q8_0, folder.resolve("joined.gguf"), o -> {});
        assertEquals(-1, Files.mismatch(folder.resolve("whole.gguf"), folder.resolve("joined.gguf")));
    }

    @Test
    void progressEndsAtTheSizeOfTheSource() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F16, 2, 256, 64);
        List<Long> told = new ArrayList<>();
        try (Quantizer quantizer = Quantizer.open(source, Mixture.Q4_0, o -> o.progress(told::add))) {
            quantizer.write(folder.resolve("x.gguf"));
            assertEquals(quantizer.plan().sourceBytes(), told.getLast());
            assertEquals(told.stream().sorted().toList(), told);
        }
    }

    @Test
    void aFileIsReplacedOnlyWhenAllowed() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F16, 1, 256, 8);
        Path target = Files.writeString(folder.resolve("x.gguf"), "Her står det noe.");
        assertThrows(FileAlreadyExistsException.class, () -> quantize(source, Mixture.Q8_0, target, o -> {}));
        assertEquals("Her står det noe.", Files.readString(target));
        quantize(source, Mixture.Q8_0, target, o -> o.overwrite(true));
        GgufFile.open(target).close();
    }

    @Test
    void theSourceIsNeverReplaced() throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F16, 1, 256, 8);
        Path link = Files.createSymbolicLink(folder.resolve("link.gguf"), source);
        for (Path target : List.of(source, link)) {
            String message = assertThrows(
                            FileSystemException.class,
                            () -> quantize(source, Mixture.Q8_0, target, o -> o.overwrite(true)))
                    .getMessage();
            assertTrue(message.contains("source itself"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, -1e30f})
    void aWeightThatNoTypeCanHoldIsNamedAndLeavesNothing(float weight) throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 1, 256, 8, weight);
        for (Mixture mixture : List.of(Mixture.Q4_0, Mixture.Q4_K_M, Mixture.F16)) {
            String message = assertThrows(
                            GgufFormatException.class,
                            () -> quantize(source, mixture, folder.resolve("x.gguf"), o -> {}))
                    .getMessage();
            assertTrue(message.contains("blk.0.ffn_up.weight', row 0"), message);
        }
        assertEquals(List.of("source.gguf"), files());
    }

    /** Tensors that keep their type are copied, and their damage is found too. */
    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY})
    void aCopiedWeightThatIsNotFiniteIsNamedAndLeavesNothing(float weight) throws IOException {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 1, 256, 8, weight);
        String message = assertThrows(
                        GgufFormatException.class,
                        () -> quantize(source, Mixture.F32, folder.resolve("x.gguf"), o -> {}))
                .getMessage();
        assertTrue(message.contains("blk.0.ffn_up.weight', row 0: column "), message);
        assertTrue(message.contains("is " + weight), message);
        assertEquals(List.of("source.gguf"), files());
    }

    /** The scale of the block in row 3, at its offset in ggml's layout, becomes infinite or NaN. */
    @ParameterizedTest
    @CsvSource({
        "Q8_0, 0, 7e00",
        "Q8_0, 0, 7c00",
        "Q4_0, 0, fc00",
        "Q5_1, 2, 7c01",
        "Q2_K, 82, 7e00",
        "Q4_K_M, 2, ffff",
        "Q6_K, 208, 7c00",
        "IQ4_XS, 0, 7e00",
        "TQ2_0, 64, fe00"
    })
    void aCopiedBlockWhoseScaleIsNotFiniteIsNamedAndLeavesNothing(Mixture mixture, int at, String half)
            throws IOException {
        Path whole = Sources.write(folder.resolve("whole.gguf"), GgmlType.F32, 1, 256, 8);
        Path source = folder.resolve("source.gguf");
        quantize(whole, mixture, source, o -> o.pure(true));
        quantize(source, mixture, folder.resolve("copy.gguf"), o -> o.pure(true));
        long place;
        try (GgufFile file = GgufFile.open(source)) {
            TensorInfo tensor = file.tensor("blk.0.ffn_up.weight").orElseThrow();
            place = tensor.offset() + 3 * tensor.type().bytes(256) + at;
        }
        int bits = Integer.parseInt(half, 16);
        try (RandomAccessFile file = new RandomAccessFile(source.toFile(), "rw")) {
            file.seek(place);
            file.write(new byte[] {(byte) bits, (byte) (bits >>> 8)});
        }
        Files.delete(whole);
        Files.delete(folder.resolve("copy.gguf"));
        String message = assertThrows(
                        GgufFormatException.class,
                        () -> quantize(source, mixture, folder.resolve("x.gguf"), o -> o.pure(true)))
                .getMessage();
        assertTrue(message.contains("blk.0.ffn_up.weight', row 3: column "), message);
        assertTrue(message.endsWith("so the file is damaged"), message);
        assertEquals(List.of("source.gguf"), files());
    }

    @Test
    void anInterruptEndsItAndLeavesNothing() throws Exception {
        Path source = Sources.write(folder.resolve("source.gguf"), GgmlType.F32, 2, 512, 64);
        Throwable[] thrown = new Throwable[1];
        Thread thread = new Thread(() -> thrown[0] = assertThrows(
                IOException.class,
                () -> quantize(
                        source,
                        Mixture.Q4_K_M,
                        folder.resolve("x.gguf"),
                        o -> o.progress(done -> Thread.currentThread().interrupt()))));
        thread.start();
        thread.join();
        assertEquals(ClosedByInterruptException.class, thrown[0].getClass());
        assertEquals(List.of("source.gguf"), files());
    }

    @Test
    void modelsThatTheMixturesAreNotForAreRefused() throws IOException {
        Path source = folder.resolve("experts.gguf");
        try (var writer = GgufWriter.create(source)) {
            writer.put("general.architecture", "llama").putUint32("llama.expert_count", 8);
            writer.commit();
        }
        String message = assertThrows(
                        UnsupportedModelException.class, () -> Quantizer.open(source, Mixture.Q4_K_M, o -> {}))
                .getMessage();
        assertTrue(message.contains("8 experts") && message.contains("--pure"), message);
        Quantizer.open(source, Mixture.Q4_K_M, o -> o.pure(true)).close();
    }

    @Test
    void outOfRangeSettingsAreRefused() {
        QuantizeOptions options = new QuantizeOptions();
        assertThrows(IllegalArgumentException.class, () -> options.threads(0));
        assertThrows(IllegalArgumentException.class, () -> options.splitMaxSize(0));
    }

    static QuantizationResult quantize(Path source, Mixture mixture, Path target, Consumer<QuantizeOptions> settings)
            throws IOException {
        try (Quantizer quantizer = Quantizer.open(source, mixture, settings)) {
            return quantizer.write(target);
        }
    }

    private static QuantizationPlan.Tensor planned(Quantizer quantizer, String name) {
        return quantizer.plan().tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static GgmlType type(GgufFile file, String tensor) {
        return file.tensor(tensor).map(TensorInfo::type).orElseThrow();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
