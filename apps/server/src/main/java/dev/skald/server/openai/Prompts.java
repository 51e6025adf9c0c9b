package dev.skald.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.Model;
import dev.skald.server.http.Body;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reads prompts that are continued without a chat template: a text, tokens, a mixture of both, or several of these. The
 * author of a whole prompt also writes the marks of the template, so control tokens in it count as such.
 */
public final class Prompts {
    /** The maximum number of prompts in a request. */
    private static final int MOST = 128;

    private Prompts() {}

    /** Returns the prompts of a request as tokens. Each has at least one token. */
    public static List<int[]> read(Body body, Model model) {
        JsonNode value = body.value("prompt").orElseThrow(() -> body.missing("prompt"));
        List<JsonNode> each = new ArrayList<>();
        (isOne(value) ? List.of(value) : value).forEach(each::add);
        if (each.isEmpty() || each.size() > MOST) {
            throw body.error("prompt", "must be 1 to " + MOST + " texts");
        }
        return each.stream().map(prompt -> tokens(body, prompt, model)).toList();
    }

    /** Returns whether a list is one prompt. Texts alone are several prompts; a text among numbers is a part of one. */
    private static boolean isOne(JsonNode value) {
        return !value.isArray()
                || IntStream.range(0, value.size()).anyMatch(i -> value.get(i).isNumber());
    }

    private static int[] tokens(Body body, JsonNode prompt, Model model) {
        IntStream.Builder tokens = IntStream.builder();
        List<JsonNode> parts = new ArrayList<>();
        (prompt.isArray() ? prompt : List.of(prompt)).forEach(parts::add);
        for (int i = 0; i < parts.size(); i++) {
            JsonNode part = parts.get(i);
            if (part.isTextual()) {
                IntStream.of(model.tokenizer().encode(part.textValue(), i == 0, true))
                        .forEach(tokens);
            } else if (!part.isNumber()) {
                throw body.wrong("prompt", "a string, an array of token ids, or an array of these", prompt);
            } else if (!part.isInt() || part.intValue() < 0 || part.intValue() >= model.vocabularySize()) {
                throw body.error("prompt", "has token " + part + "; ids are 0 to " + (model.vocabularySize() - 1));
            } else {
                tokens.add(part.intValue());
            }
        }
        int[] all = tokens.build().toArray();
        if (all.length == 0) {
            throw body.error("prompt", "has no tokens");
        }
        return all;
    }
}
