package dev.skald.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.Golden;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/** The intended differences from llama.cpp; docs/tokenizers.md gives the reasons. */
final class Departures {
    /** Arabic, Thai and Hindi, whose accents are no letters in llama.cpp's o200k and Tekken. */
    private static final Set<Integer> ACCENTED = Set.of(27, 28, 29);
    /** Decomposed letters, which Qwen composes. */
    private static final int DECOMPOSED = 31;

    private static final int TAGS = 34;
    private static final int MESSAGE_MARKS = 35;
    private static final int TILDES = 24;
    private static final int CAPITALS = 38;

    private static final Set<String> O200K = Set.of("gpt-4o", "llama4", "kanana2", "minimax-m2", "talkie");

    /** Texts whose marks for spaces come back as spaces. */
    private static final Set<Integer> SPACE_MARKS = Set.of(33, 36);

    private Departures() {}

    /** Returns the ids of the model's maker, if they differ from llama.cpp's. */
    static Optional<int[]> ids(String vocabulary, int text, boolean special) {
        return switch (vocabulary) {
            case "gpt-oss" ->
                ACCENTED.contains(text) || text == MESSAGE_MARKS && !special
                        ? Optional.of(maker(vocabulary, text))
                        : Optional.empty();
            case "tekken" -> ACCENTED.contains(text) ? Optional.of(maker(vocabulary, text)) : Optional.empty();
            case "qwen3" ->
                text == DECOMPOSED || text == TAGS && special ? Optional.of(maker(vocabulary, text)) : Optional.empty();
            // "</s>" is 212, always in Gemma 3 and never in Gemma 4, where llama.cpp has it when control tokens are
            // parsed.
            case "gemma-3" ->
                text == TAGS && !special
                        ? Optional.of(replaced(vocabulary, List.of(954, 236751, 236813), List.of(212)))
                        : Optional.empty();
            case "gemma-4" ->
                text == TAGS && special
                        ? Optional.of(replaced(vocabulary, List.of(212), List.of(954, 236751, 236813)))
                        : Optional.empty();
            // "<s>" by its bytes, whose ids are one more, since it is a control token.
            case "rwkv" ->
                text == TAGS && !special
                        ? Optional.of(replaced(vocabulary, List.of(0), List.of('<' + 1, 's' + 1, '>' + 1)))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static int[] maker(String vocabulary, int text) {
        return StreamSupport.stream(Golden.json("golden/vocab2/others.json").spliterator(), false)
                .filter(node -> node.get("vocab").asText().equals(vocabulary)
                        && node.get("text").intValue() == text)
                .map(node -> ints(node.get("other")))
                .findFirst()
                .orElseThrow();
    }

    private static int[] replaced(String vocabulary, List<Integer> these, List<Integer> those) {
        JsonNode text = Golden.json("golden/vocab2/texts.json").get(TAGS);
        JsonNode special = text.get("special").path(vocabulary);
        boolean inSpecial = vocabulary.equals("gemma-4");
        int[] ids = ints(inSpecial ? special : text.get("ids").get(vocabulary));
        int at = 0;
        while (!these.equals(Arrays.stream(ids, at, at + these.size()).boxed().toList())) {
            at++;
        }
        List<Integer> replaced = new ArrayList<>(Arrays.stream(ids).boxed().toList());
        replaced.subList(at, at + these.size()).clear();
        replaced.addAll(at, those);
        return replaced.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int[] ints(JsonNode ids) {
        return StreamSupport.stream(ids.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    /** Returns the text after decoding: the original, except for characters that the vocabulary cannot write. */
    static String back(String vocabulary, int text, String usual) {
        JsonNode back =
                Golden.json("golden/vocab2/texts.json").get(text).path("back").path(vocabulary);
        boolean unwritable = SPACE_MARKS.contains(text) || vocabulary.equals("falcon") && usual.contains("\u000B");
        if (unwritable && !back.isMissingNode()) {
            return back.asText();
        }
        return vocabulary.equals("qwen3") ? Normalizer.normalize(usual, Normalizer.Form.NFC) : usual;
    }

    /** What ends a generation in llama.cpp only: the HTML tag "</s>", and Qwen's text of the same letters. */
    static Set<Integer> noEnds(String vocabulary) {
        return Map.of("gemma-3", Set.of(212), "gemma-4", Set.of(212), "qwen3", Set.of(128247))
                .getOrDefault(vocabulary, Set.of());
    }

    /** Whether another pre-tokenizer gives other ids than llama.cpp for a text. */
    static boolean isVariant(String vocabulary, String set, int text) {
        return switch (text) {
            case 27, 28, 29 -> O200K.contains(set) || set.equals("tekken") || set.equals("kimi-k2");
            case DECOMPOSED -> set.equals("qwen2") || set.equals("qwen35");
            case CAPITALS ->
                Set.of("kimi-k2", "cohere2moe", "tiny_aya", "youtu").contains(set);
            case TILDES ->
                Set.of("afmoe", "deepseek-v3", "hunyuan-dense", "joyai-llm").contains(set);
            case TAGS -> vocabulary.equals("gemma-3");
            case MESSAGE_MARKS -> vocabulary.equals("gpt-oss");
            default -> false;
        };
    }
}
