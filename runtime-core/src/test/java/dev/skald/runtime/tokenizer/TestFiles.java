package dev.skald.runtime.tokenizer;

import dev.skald.gguf.GgufArray;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufWriter;
import dev.skald.runtime.Golden;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;

/** Tokenizers of golden files, and of small files that the tests make up. */
final class TestFiles {
    /** Soft references, because the large ones take tens of megabytes each. */
    private static final Map<String, SoftReference<Tokenizer>> GOLDEN = new ConcurrentHashMap<>();

    /** A sample from which a byte-level vocabulary's merges and a SentencePiece vocabulary's pieces are made. */
    static final String SAMPLE = "Oslo er hovedstaden i Norge, og Bergen er den nest største byen. Blåbær på fjellet "
            + "smaker best når høsten kommer. Hva er klokka? Klokka er ti på ni. 1814 og 1905 er kjente årstall; i "
            + "1905 ble unionen oppløst. Språkmodeller leser ord, deler av ord, og tegn som 🙂 og 日本語.";

    private TestFiles() {}

    /** The tokenizer of {@code golden/vocab/ggml-vocab-NAME.gguf}; the test is skipped if that is absent. */
    static Tokenizer golden(String name) {
        return goldenFile("golden/vocab/ggml-vocab-" + name + ".gguf");
    }

    /** The tokenizer of a file, packed with gzip if it is called so; once for all tests that ask for it. */
    static synchronized Tokenizer goldenFile(String name) {
        SoftReference<Tokenizer> reference = GOLDEN.get(name);
        Tokenizer tokenizer = reference == null ? null : reference.get();
        if (tokenizer == null) {
            tokenizer = unpacked(Golden.path(name), Tokenizer::of);
            GOLDEN.put(name, new SoftReference<>(tokenizer));
        }
        return tokenizer;
    }

    private static <T> T unpacked(Path file, Function<GgufMetadata, T> use) {
        if (!file.toString().endsWith(".gz")) {
            return with(file, use);
        }
        try (InputStream packed = new GZIPInputStream(Files.newInputStream(file))) {
            Path unpacked = Files.createTempFile("skald-vocabulary", ".gguf");
            try {
                Files.copy(packed, unpacked, StandardCopyOption.REPLACE_EXISTING);
                return with(unpacked, use);
            } finally {
                Files.delete(unpacked);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tokenizer of a file under other metadata. */
    static Tokenizer goldenFile(String name, Map<String, Object> others) {
        Map<String, Object> keys = unpacked(Golden.path(name), TestFiles::keys);
        keys.putAll(others);
        return tokenizer(keys);
    }

    private static Map<String, Object> keys(GgufMetadata metadata) {
        Map<String, Object> keys = new LinkedHashMap<>();
        metadata.keys().forEach(key -> {
            switch (metadata.type(key)) {
                case ARRAY -> {
                    GgufArray array = metadata.getArray(key);
                    switch (array.elementType()) {
                        case STRING -> keys.put(key, List.copyOf(metadata.getStrings(key)));
                        case FLOAT32 -> keys.put(key, metadata.getFloats(key));
                        default -> keys.put(key, metadata.getInts(key));
                    }
                }
                default -> keys.put(key, metadata.get(key));
            }
        });
        return keys;
    }

    /** Applies a function to a file's metadata while the file is open. */
    static <T> T with(Path file, Function<GgufMetadata, T> use) {
        try (GgufFile gguf = GgufFile.open(file)) {
            return use.apply(gguf.metadata());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Applies a function to the metadata of a new file with these keys. */
    static <T> T with(Map<String, Object> keys, Function<GgufMetadata, T> use) {
        try {
            Path folder = Files.createTempDirectory("skald-vocabulary");
            Path file = folder.resolve("vocabulary.gguf");
            try (GgufWriter writer = GgufWriter.create(file)) {
                keys.forEach(writer::put);
                writer.commit();
            }
            try {
                return with(file, use);
            } finally {
                Files.delete(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Tokenizer tokenizer(Map<String, Object> keys) {
        return with(keys, Tokenizer::of);
    }

    /**
     * A byte-level vocabulary: the bytes 0 to 255, then what 150 merges of the sample's most frequent neighbours give,
     * then control tokens {@code <|begin|>} and {@code <|eot_id|>} and the user-defined token {@code <tab>}.
     */
    static Map<String, Object> bytePair() {
        List<String> tokens = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            tokens.add(String.valueOf(ByteAlphabet.character(b)));
        }
        List<String> merges = new ArrayList<>();
        StringBuilder written = new StringBuilder();
        for (byte b : SAMPLE.getBytes(StandardCharsets.UTF_8)) {
            written.append(ByteAlphabet.character(b & 0xFF));
        }
        for (String[] pair : frequentPairs(written.toString(), 150)) {
            merges.add(pair[0] + " " + pair[1]);
            if (!tokens.contains(pair[0] + pair[1])) {
                tokens.add(pair[0] + pair[1]);
            }
        }
        int[] kinds = new int[tokens.size() + 3];
        Arrays.fill(kinds, 1);
        kinds[tokens.size()] = 3;
        kinds[tokens.size() + 1] = 3;
        kinds[tokens.size() + 2] = 4;
        tokens.addAll(List.of("<|begin|>", "<|eot_id|>", "<tab>"));
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("tokenizer.ggml.model", "gpt2");
        keys.put("tokenizer.ggml.pre", "gpt-2");
        keys.put("tokenizer.ggml.tokens", tokens);
        keys.put("tokenizer.ggml.token_type", kinds);
        keys.put("tokenizer.ggml.merges", merges);
        keys.put("tokenizer.ggml.bos_token_id", tokens.size() - 3);
        keys.put("tokenizer.ggml.eos_token_id", tokens.size() - 2);
        return keys;
    }

    /**
     * A SentencePiece vocabulary: {@code <unk>}, {@code <s>}, {@code </s>}, 256 bytes, the sample's characters except
     * one, and 150 pieces whose scores partly are equal; last the user-defined token {@code <tab>}.
     */
    static Map<String, Object> sentencePiece() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int b = 0; b < 256; b++) {
            tokens.add("<0x%02X>".formatted(b));
        }
        String written = SAMPLE.replace(' ', '▁');
        // The last one only occurs inside pieces.
        written.codePoints().distinct().filter(c -> c != 'ø').forEach(c -> tokens.add(Character.toString(c)));
        int first = tokens.size();
        for (String[] pair : frequentPairs(written, 150)) {
            if (!tokens.contains(pair[0] + pair[1])) {
                tokens.add(pair[0] + pair[1]);
            }
        }
        float[] scores = new float[tokens.size() + 1];
        int[] kinds = new int[tokens.size() + 1];
        for (int id = 0; id < tokens.size(); id++) {
            scores[id] = id < 259 ? 0 : id < first ? -1000 : (float) -((id - first) / 3);
            kinds[id] = id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1;
        }
        kinds[tokens.size()] = 4;
        tokens.add("<tab>");
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("tokenizer.ggml.model", "llama");
        keys.put("tokenizer.ggml.tokens", tokens);
        keys.put("tokenizer.ggml.scores", scores);
        keys.put("tokenizer.ggml.token_type", kinds);
        return keys;
    }

    /** Gemma 4's kind of vocabulary: SentencePiece's pieces, with the merges that make them. */
    static Map<String, Object> characterPair() {
        Map<String, Object> keys = sentencePiece();
        keys.put("tokenizer.ggml.model", "gemma4");
        keys.put("tokenizer.ggml.bos_token_id", 1);
        keys.put(
                "tokenizer.ggml.merges",
                frequentPairs(SAMPLE.replace(' ', '▁'), 150).stream()
                        .map(pair -> pair[0] + " " + pair[1])
                        .toList());
        return keys;
    }

    /** RWKV's kind of vocabulary: {@code <s>}, all bytes, and some longer pieces, written with escapes. */
    static Map<String, Object> longestMatch(String... pieces) {
        List<String> tokens = new ArrayList<>(List.of("<s>"));
        for (int b = 0; b < 256; b++) {
            tokens.add("\\x%02x".formatted(b));
        }
        tokens.addAll(List.of(pieces));
        int[] kinds = new int[tokens.size()];
        Arrays.fill(kinds, 1);
        kinds[0] = 3;
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("tokenizer.ggml.model", "rwkv");
        keys.put("tokenizer.ggml.tokens", tokens);
        keys.put("tokenizer.ggml.token_type", kinds);
        return keys;
    }

    /** Merges the most frequent neighbours, one pair after another: a slow BPE trainer. */
    private static List<String[]> frequentPairs(String text, int count) {
        List<String> symbols =
                new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
        List<String[]> pairs = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            Map<String, Integer> counts = new LinkedHashMap<>();
            for (int i = 1; i < symbols.size(); i++) {
                counts.merge(symbols.get(i - 1) + "\n" + symbols.get(i), 1, Integer::sum);
            }
            String[] best = counts.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .orElseThrow()
                    .getKey()
                    .split("\n");
            pairs.add(best);
            for (int i = 1; i < symbols.size(); i++) {
                if (symbols.get(i - 1).equals(best[0]) && symbols.get(i).equals(best[1])) {
                    symbols.set(i - 1, best[0] + best[1]);
                    symbols.remove(i);
                }
            }
        }
        return pairs;
    }
}
