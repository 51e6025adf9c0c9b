package dev.skald.runtime.convert;

import dev.skald.runtime.error.UnsupportedModelException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Encodes a short text as the {@code tokenizers} library does with a {@code tokenizer.json}. This is complete enough to
 * recognize a pre-tokenizer by the tokens of a test text. Source: the library's documentation of normalizers,
 * pre-tokenizers, models and post-processors.
 */
final class HfTokenizer {
    private static final String GPT2 =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final String PUNCTUATION = "[\\p{P}!-/:-@\\[-`{-~]";
    private static final String IDEOGRAPH =
            "[\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{20000}-\\x{2A6DF}\\x{2A700}-\\x{2CEAF}\\x{F900}-\\x{FAFF}"
                    + "\\x{2F800}-\\x{2FA1F}]";

    private final TokenizerJson tokenizer;
    private final Config json;
    private final Map<String, Integer> ranks = new HashMap<>();

    HfTokenizer(TokenizerJson tokenizer) {
        this.tokenizer = tokenizer;
        json = tokenizer.json();
        if (tokenizer.type().equals("BPE")) {
            tokenizer.merges().forEach(merge -> ranks.putIfAbsent(merge, ranks.size()));
        }
    }

    /** Returns the ids of a text, including those that surround every text. */
    List<Integer> encode(String text) {
        List<Integer> ids = new ArrayList<>();
        outside(
                text,
                false,
                part -> outside(
                        normalize(json.maybeObject("normalizer").orElse(null), part),
                        true,
                        piece -> {
                            for (String word :
                                    split(json.maybeObject("pre_tokenizer").orElse(null), List.of(piece))) {
                                model(word, ids);
                            }
                        },
                        ids),
                ids);
        return processed(json.maybeObject("post_processor").orElse(null), ids);
    }

    private interface Rest {
        void accept(String text);
    }

    /** Finds the added tokens of one kind, the first and longest match first, and passes the rest on. */
    private void outside(String text, boolean normalized, Rest rest, List<Integer> ids) {
        List<TokenizerJson.Added> tokens = tokenizer.added().values().stream()
                .filter(token ->
                        token.normalized() == normalized && !token.content().isEmpty())
                .sorted(Comparator.comparingInt(
                                (TokenizerJson.Added token) -> token.content().length())
                        .reversed())
                .toList();
        int from = 0;
        for (int at = 0; at < text.length(); at++) {
            for (TokenizerJson.Added token : tokens) {
                if (text.startsWith(token.content(), at)) {
                    int end = at + token.content().length();
                    String before = text.substring(from, at);
                    before = token.left() ? before.stripTrailing() : before;
                    if (!before.isEmpty()) {
                        rest.accept(before);
                    }
                    ids.add(token.id());
                    while (token.right() && end < text.length() && Character.isWhitespace(text.charAt(end))) {
                        end++;
                    }
                    from = end;
                    at = end - 1;
                    break;
                }
            }
        }
        if (from < text.length()) {
            rest.accept(text.substring(from));
        }
    }

    private static UnsupportedModelException unknown(Config part) {
        return new UnsupportedModelException(
                part.place() + ": '" + part.string("type").orElse("")
                        + "' is not known here, so the pre-tokenizer cannot be recognized: name it with the option pre-tokenizer");
    }

    private static String normalize(Config part, String text) {
        if (part == null) {
            return text;
        }
        return switch (part.string("type").orElse("")) {
            case "Sequence" -> {
                String all = text;
                for (Config next : part.objects("normalizers")) {
                    all = normalize(next, all);
                }
                yield all;
            }
            case "NFC" -> Normalizer.normalize(text, Normalizer.Form.NFC);
            case "NFD" -> Normalizer.normalize(text, Normalizer.Form.NFD);
            case "NFKC" -> Normalizer.normalize(text, Normalizer.Form.NFKC);
            case "NFKD" -> Normalizer.normalize(text, Normalizer.Form.NFKD);
            case "Lowercase" -> text.toLowerCase(Locale.ROOT);
            case "StripAccents" -> text.replaceAll("\\p{Mn}+", "");
            case "Strip" -> text.strip();
            case "Prepend" -> text.isEmpty() ? text : part.string("prepend").orElse("") + text;
            case "Replace" ->
                pattern(part.object("pattern"))
                        .matcher(text)
                        .replaceAll(
                                Matcher.quoteReplacement(part.string("content").orElse("")));
            case "BertNormalizer" -> bert(part, text);
            default -> throw unknown(part);
        };
    }

    private static String bert(Config part, String text) {
        String clean = text;
        if (part.flag("clean_text", true)) {
            clean = clean.replaceAll("[\\x00\\x{FFFD}]|[\\p{Cc}\\p{Cf}\\p{Cn}\\p{Co}&&[^\\t\\n\\r]]", "")
                    .replaceAll("(?U)\\s", " ");
        }
        if (part.flag("handle_chinese_chars", true)) {
            clean = clean.replaceAll("(" + IDEOGRAPH + ")", " $1 ");
        }
        boolean lower = part.flag("lowercase", true);
        if (part.flag("strip_accents", lower)) {
            clean = Normalizer.normalize(clean, Normalizer.Form.NFD).replaceAll("\\p{Mn}+", "");
        }
        return lower ? clean.toLowerCase(Locale.ROOT) : clean;
    }

    private static Pattern pattern(Config pattern) {
        if (pattern.has("String")) {
            return Pattern.compile(Pattern.quote(pattern.string("String").orElseThrow()));
        }
        return regex(pattern, pattern.string("Regex").orElse(""));
    }

    private static Pattern regex(Config place, String regex) {
        try {
            // Inside a class, Java reads && as an intersection and [ as a nested class. The makers' patterns contain
            // neither.
            return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
        } catch (PatternSyntaxException bad) {
            throw place.wrong("Regex", regex, "a regular expression: " + bad.getDescription());
        }
    }

    private static List<String> split(Config part, List<String> pieces) {
        if (part == null) {
            return pieces;
        }
        return switch (part.string("type").orElse("")) {
            case "Sequence" -> {
                List<String> all = pieces;
                for (Config next : part.objects("pretokenizers")) {
                    all = split(next, all);
                }
                yield all;
            }
            case "ByteLevel" -> {
                List<String> all = part.flag("add_prefix_space", true)
                        ? each(pieces, p -> p.startsWith(" ") ? p : " " + p)
                        : pieces;
                if (part.flag("use_regex", true)) {
                    all = split(all, regex(part, GPT2), "Isolated", false);
                }
                yield each(all, HfTokenizer::letters);
            }
            case "Split" ->
                split(
                        pieces,
                        pattern(part.object("pattern")),
                        part.string("behavior").orElse("Isolated"),
                        part.flag("invert", false));
            case "Digits" ->
                split(
                        pieces,
                        regex(part, part.flag("individual_digits", false) ? "\\p{N}" : "\\p{N}+"),
                        "Isolated",
                        false);
            case "Punctuation" ->
                split(pieces, regex(part, PUNCTUATION), part.string("behavior").orElse("Isolated"), false);
            case "Whitespace" -> split(pieces, regex(part, "\\w+|[^\\w\\s]+"), "Removed", true);
            case "WhitespaceSplit" -> split(pieces, regex(part, "\\s+"), "Removed", false);
            case "BertPreTokenizer" ->
                split(
                        split(pieces, regex(part, "\\s+"), "Removed", false),
                        regex(part, PUNCTUATION),
                        "Isolated",
                        false);
            default -> throw unknown(part);
        };
    }

    private static List<String> each(List<String> pieces, UnaryOperator<String> function) {
        return pieces.stream().map(function).toList();
    }

    /** Splits texts at the matches of a pattern. If inverted, each text between two matches counts as a match. */
    private static List<String> split(List<String> pieces, Pattern pattern, String behavior, boolean invert) {
        List<String> words = new ArrayList<>();
        for (String piece : pieces) {
            record Part(String text, boolean match) {}
            List<Part> parts = new ArrayList<>();
            Matcher matcher = pattern.matcher(piece);
            int from = 0;
            while (matcher.find()) {
                if (matcher.end() > matcher.start()) {
                    if (matcher.start() > from) {
                        parts.add(new Part(piece.substring(from, matcher.start()), invert));
                    }
                    parts.add(new Part(matcher.group(), !invert));
                    from = matcher.end();
                }
            }
            if (from < piece.length()) {
                parts.add(new Part(piece.substring(from), invert));
            }
            int begin = words.size();
            boolean before = false;
            String ahead = "";
            for (Part part : parts) {
                boolean joins = words.size() > begin;
                switch (behavior) {
                    case "Removed" -> {
                        if (!part.match) {
                            words.add(part.text);
                        }
                    }
                    case "Isolated" -> words.add(part.text);
                    case "Contiguous" -> {
                        if (joins && part.match && before) {
                            words.add(words.removeLast() + part.text);
                        } else {
                            words.add(part.text);
                        }
                    }
                    case "MergedWithPrevious" -> {
                        if (joins && part.match && !before) {
                            words.add(words.removeLast() + part.text);
                        } else {
                            words.add(part.text);
                        }
                    }
                    default -> {
                        // MergedWithNext
                        if (part.match) {
                            words.addAll(ahead.isEmpty() ? List.of() : List.of(ahead));
                            ahead = part.text;
                        } else {
                            words.add(ahead + part.text);
                            ahead = "";
                        }
                    }
                }
                before = part.match;
            }
            if (!ahead.isEmpty()) {
                words.add(ahead);
            }
        }
        return words;
    }

    /** Maps the bytes of a text to the letters of byte-level BPE; source: {@code bytes_to_unicode} of GPT-2. */
    private static String letters(String text) {
        StringBuilder letters = new StringBuilder();
        for (byte signed : text.getBytes(StandardCharsets.UTF_8)) {
            int b = signed & 0xFF;
            if (b <= ' ') {
                letters.append((char) (0x100 + b));
            } else if (b >= 0x7F && b <= 0xA0) {
                letters.append((char) (0x121 + b - 0x7F));
            } else {
                letters.append(b == 0xAD ? '\u0143' : (char) b);
            }
        }
        return letters.toString();
    }

    private void model(String word, List<Integer> ids) {
        switch (tokenizer.type()) {
            case "BPE" -> bpe(word, ids);
            case "WordPiece" -> wordPiece(word, ids);
            default -> throw unknown(tokenizer.model());
        }
    }

    private void bpe(String word, List<Integer> ids) {
        Integer whole = tokenizer.base().get(word);
        if (whole != null && tokenizer.model().flag("ignore_merges", false)) {
            ids.add(whole);
            return;
        }
        List<String> parts = new ArrayList<>();
        word.codePoints().forEach(c -> parts.add(Character.toString(c)));
        while (parts.size() > 1) {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < parts.size(); i++) {
                int rank = ranks.getOrDefault(parts.get(i) + " " + parts.get(i + 1), Integer.MAX_VALUE);
                if (rank < bestRank) {
                    bestRank = rank;
                    best = i;
                }
            }
            if (best < 0) {
                break;
            }
            parts.set(best, parts.get(best) + parts.remove(best + 1));
        }
        for (String part : parts) {
            Integer id = tokenizer.base().get(part);
            if (id != null) {
                ids.add(id);
            } else if (tokenizer.model().flag("byte_fallback", false)) {
                for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
                    addIfKnown(String.format("<0x%02X>", b & 0xFF), ids);
                }
            } else {
                tokenizer.model().string("unk_token").ifPresent(unknown -> addIfKnown(unknown, ids));
            }
        }
    }

    private void addIfKnown(String token, List<Integer> ids) {
        int id = tokenizer.id(token);
        if (id >= 0) {
            ids.add(id);
        }
    }

    private void wordPiece(String word, List<Integer> ids) {
        Config model = tokenizer.model();
        String prefix = model.string("continuing_subword_prefix").orElse("##");
        String unknown = model.string("unk_token").orElse("[UNK]");
        if (word.codePointCount(0, word.length()) > model.integer("max_input_chars_per_word", 100)) {
            addIfKnown(unknown, ids);
            return;
        }
        List<Integer> found = new ArrayList<>();
        for (int from = 0; from < word.length(); ) {
            int end = word.length();
            Integer id = null;
            while (end > from && id == null) {
                id = tokenizer.base().get((from == 0 ? "" : prefix) + word.substring(from, end));
                end -= id == null ? Character.charCount(word.codePointBefore(end)) : 0;
            }
            if (id == null) {
                addIfKnown(unknown, ids);
                return;
            }
            found.add(id);
            from = end;
        }
        ids.addAll(found);
    }

    private List<Integer> processed(Config part, List<Integer> ids) {
        if (part == null) {
            return ids;
        }
        List<Integer> all = new ArrayList<>();
        switch (part.string("type").orElse("")) {
            case "Sequence" -> {
                all.addAll(ids);
                for (Config next : part.objects("processors")) {
                    all = processed(next, all);
                }
            }
            case "TemplateProcessing" -> {
                for (Config piece : part.objects("single")) {
                    if (piece.maybeObject("SpecialToken").isPresent()) {
                        String name = piece.object("SpecialToken").string("id").orElse("");
                        for (int id : part.object("special_tokens").object(name).integers("ids")) {
                            all.add(id);
                        }
                    } else {
                        all.addAll(ids);
                    }
                }
            }
            case "BertProcessing", "RobertaProcessing" -> {
                all.add(second(part, "cls"));
                all.addAll(ids);
                all.add(second(part, "sep"));
            }
            case "ByteLevel" -> all.addAll(ids);
            default -> throw unknown(part);
        }
        return all;
    }

    /** Returns the id in a pair of a token and its id. */
    private static int second(Config part, String key) {
        List<?> pair = part.list(key);
        if (pair.size() == 2 && pair.get(1) instanceof Number id) {
            return id.intValue();
        }
        throw part.wrong(key, pair, "a token and its id");
    }
}
