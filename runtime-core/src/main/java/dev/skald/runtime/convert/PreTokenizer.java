package dev.skald.runtime.convert;

import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Finds the name that llama.cpp gives to a vocabulary's pre-tokenizer. Its converter encodes a test text and looks up a
 * hash of the ids in a list of known tokenizers. A tokenizer that is not in the list is recognized if its definition
 * equals that of a known one. Source of the text and the list: {@code get_vocab_base_pre} of llama.cpp's converter
 * (August 2026).
 */
final class PreTokenizer {
    private static final String TEXT =
            "\n \n\n \n\n\n \t \t\t \t\n  \n   \n    \n     \n🚀 (normal) 😶\u200d🌫️ (multiple"
                    + " emojis concatenated) ✅ 🦙🦙 3 33 333 3333 33333 333333 3333333 33333333 3.3 3..3 3...3"
                    + " កាន់តែពិសេសអាច😁 ?我想在apple工作1314151天～ ------======= нещо на Български"
                    + " ''''''```````\"\"\"\"......!!!!!!?????? I've been 'told he's there, 'RE you sure? 'M not sure I'll make it,"
                    + " 'D you like some tea? We'Ve a'lL";

    private static final Map<String, String> BY_HASH = read();

    /** The split patterns of byte-level BPE tokenizers without other steps, and their names. */
    private static final Map<String, String> BY_PATTERN = Map.of(
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "llama-bpe",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "qwen2",
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "tekken",
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "gpt-4o");

    private PreTokenizer() {}

    private static Map<String, String> read() {
        Map<String, String> names = new LinkedHashMap<>();
        try (InputStream in = PreTokenizer.class.getResourceAsStream("pre-tokenizers.txt")) {
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(line -> line.split(" "))
                    .forEach(entry -> names.put(entry[0], entry[1]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    /** Returns the name for a tokenizer. {@code ends} are the ids that its class adds around every text. */
    static String of(TokenizerJson tokenizer, Ends ends, Consumer<String> notes) {
        List<Integer> ids = new ArrayList<>(new HfTokenizer(tokenizer).encode(TEXT));
        ends.put(ids);
        String hash = hash(ids);
        String known = BY_HASH.get(hash);
        if (known != null) {
            return known;
        }
        String place = tokenizer.json().place();
        String defined = byDefinition(tokenizer)
                .orElseThrow(() -> new UnsupportedModelException(place + ": llama.cpp's converter does not know this"
                        + " pre-tokenizer (" + hash + "): name it with the option pre-tokenizer. It is "
                        + JsonWriter.write(tokenizer.json().values().get("pre_tokenizer")) + "; the names are "
                        + new TreeSet<>(BY_HASH.values())));
        notes.accept(place + ": llama.cpp's converter does not know this tokenizer; it cuts texts like " + defined
                + ", which is taken");
        return defined;
    }

    /** The ids that a class of tokenizers adds around every text, whatever its file says. */
    record Ends(Optional<Integer> first, Optional<Integer> last) {
        private void put(List<Integer> ids) {
            first.filter(id -> ids.isEmpty() || !ids.getFirst().equals(id)).ifPresent(ids::addFirst);
            last.filter(id -> ids.isEmpty() || !ids.getLast().equals(id)).ifPresent(ids::addLast);
        }
    }

    /** Returns the hash of the ids in the format of a Python list. */
    private static String hash(List<Integer> ids) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(ids.toString().getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Optional<String> byDefinition(TokenizerJson tokenizer) {
        if (tokenizer.type().equals("WordPiece")) {
            // WordPiece always splits words at spaces and punctuation.
            return Optional.of("bert-bge");
        }
        Optional<Config> pre = tokenizer.json().maybeObject("pre_tokenizer");
        if (pre.isEmpty()) {
            return Optional.empty();
        }
        List<Config> parts = pre.get().string("type").orElse("").equals("Sequence")
                ? pre.get().objects("pretokenizers")
                : List.of(pre.get());
        Config last = parts.getLast();
        boolean bytes = last.string("type").orElse("").equals("ByteLevel") && !last.flag("add_prefix_space", true);
        if (bytes && parts.size() == 1 && last.flag("use_regex", true)) {
            return Optional.of("gpt-2");
        }
        if (!bytes || parts.size() != 2 || last.flag("use_regex", true)) {
            return Optional.empty();
        }
        Config split = parts.getFirst();
        boolean isolates = split.string("behavior").orElse("").equals("Isolated") && !split.flag("invert", false)
                || split.string("behavior").orElse("").equals("Removed") && split.flag("invert", false);
        return split.string("type").orElse("").equals("Split") && isolates
                ? split.object("pattern").string("Regex").map(BY_PATTERN::get)
                : Optional.empty();
    }
}
