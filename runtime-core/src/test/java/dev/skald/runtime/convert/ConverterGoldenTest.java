package dev.skald.runtime.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufArray;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufValueType;
import dev.skald.gguf.TensorInfo;
import dev.skald.gguf.TensorReader;
import dev.skald.runtime.arch.Architectures;
import dev.skald.runtime.quantize.Mixture;
import dev.skald.runtime.quantize.Quantizer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares with llama.cpp's {@code convert_hf_to_gguf.py} (August 2026). The expected keys and tensors are what it wrote for
 * the same folders, with the name of the pre-tokenizer given to it.
 */
class ConverterGoldenTest {
    @TempDir
    private Path temporary;

    static Stream<String> models() throws IOException {
        return TinyModel.read("models.json").keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void writesWhatTheConverterWrites(String name) throws Exception {
        Map<?, ?> model = (Map<?, ?>) TinyModel.read("models.json").get(name);
        Path folder = Files.createDirectory(temporary.resolve(name));
        TinyModel.write(model, TinyModel.read("tokenizers.json"), folder);
        Path out = temporary.resolve("out.gguf");
        OriginalModel original = OriginalModel.open(folder);
        Mixture mixture = original.type() == GgmlType.BF16 ? Mixture.BF16 : Mixture.F16;
        try (Quantizer quantizer = Quantizer.open(original, mixture, options -> options.threads(2))) {
            quantizer.write(out);
        }
        try (GgufFile file = GgufFile.open(out);
                TensorReader reader = file.reader()) {
            assertEquals(lines((List<?>) model.get("tensors expected")), tensors(file, reader));
            assertEquals(lines((List<?>) model.get("keys expected")), keys(file.metadata()));
        }
    }

    static List<String> architectures() {
        return Architectures.names();
    }

    /** What Skald runs, it converts. */
    @ParameterizedTest
    @MethodSource("architectures")
    void everyArchitectureIsCompared(String architecture) throws IOException {
        String key = "general.architecture STRING " + architecture;
        List<String> models = TinyModel.read("models.json").entrySet().stream()
                .filter(model -> ((List<?>) ((Map<?, ?>) model.getValue()).get("keys expected")).contains(key))
                .map(Map.Entry::getKey)
                .toList();
        assertFalse(models.isEmpty(), "no original of the architecture " + architecture + " is converted");
    }

    private static String lines(List<?> lines) {
        return lines.stream().map(String::valueOf).collect(Collectors.joining("\n"));
    }

    private static String tensors(GgufFile file, TensorReader reader) throws Exception {
        List<String> lines = new ArrayList<>();
        for (TensorInfo tensor : file.tensors()) {
            byte[] data = new byte[(int) tensor.bytes()];
            reader.read(tensor, 0, MemorySegment.ofArray(data));
            // The factors of frequencies differ in their last bits, as powers of floats do.
            String hash = tensor.name().equals("rope_freqs.weight") ? "about" : hash(data);
            lines.add(tensor.name() + " " + tensor.type() + " " + tensor.shape() + " " + hash);
        }
        return String.join("\n", lines);
    }

    private static String keys(GgufMetadata metadata) throws Exception {
        Map<String, String> lines = new TreeMap<>();
        for (String key : metadata.keys()) {
            GgufValueType type = metadata.type(key);
            if (type == GgufValueType.ARRAY) {
                GgufArray array = metadata.getArray(key);
                StringBuilder text = new StringBuilder();
                for (long i = 0; i < array.size(); i++) {
                    Object value = array.get(i);
                    text.append(value instanceof Float f ? "" + Float.floatToIntBits(f) : value.toString())
                            .append('\n');
                }
                lines.put(
                        key,
                        array.elementType() + "[" + array.size() + "] "
                                + hash(text.toString().getBytes(StandardCharsets.UTF_8)));
            } else {
                Object value = metadata.get(key);
                lines.put(key, type + " " + (value instanceof Float f ? Float.floatToIntBits(f) : value));
            }
        }
        return lines.entrySet().stream()
                .map(line -> line.getKey() + " " + line.getValue())
                .collect(Collectors.joining("\n"));
    }

    private static String hash(byte[] bytes) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
        return HexFormat.of().formatHex(digest, 0, 8);
    }
}
