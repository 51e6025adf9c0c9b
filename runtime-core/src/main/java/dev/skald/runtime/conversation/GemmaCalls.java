package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gemma 4: {@code <|tool_call>call:name{key:value,…}<tool_call|>}, with strings between {@code <|"|>} and keys without quotes.
 * FunctionGemma writes {@code <start_function_call>}, {@code <escape>} and {@code <end_function_call>}.
 */
final class GemmaCalls implements CallSyntax {
    static final String BEGIN = "<|tool_call>";
    static final String END = "<tool_call|>";
    static final String QUOTE = "<|\"|>";
    static final String FUNCTION_BEGIN = "<start_function_call>";
    static final String FUNCTION_END = "<end_function_call>";
    static final String FUNCTION_QUOTE = "<escape>";
    static final String CALL = "call:";

    @Override
    public Set<String> marks() {
        return Set.of(BEGIN, END, QUOTE, FUNCTION_BEGIN, FUNCTION_END, FUNCTION_QUOTE);
    }

    @Override
    public List<String> begins() {
        return List.of(BEGIN, FUNCTION_BEGIN);
    }

    @Override
    public Found read(Held held, String mark, boolean last) {
        String endMark = mark.equals(BEGIN) ? END : FUNCTION_END;
        int end = held.indexOf(endMark);
        if (end < 0 && !last) {
            return null;
        }
        String body = held.substring(0, end < 0 ? held.length() : end);
        int length = end < 0 ? held.length() : end + endMark.length();
        return Found.of(held, mark, length, new Reader(body).call().stream().toList());
    }

    /** Reads one call. */
    private static final class Reader {
        private static final int DEEPEST = 64;

        private final String text;
        private int at;

        Reader(String text) {
            this.text = text.strip();
        }

        Optional<ToolCall> call() {
            int brace = text.indexOf('{');
            if (!text.startsWith(CALL) || brace < 0) {
                return Optional.empty();
            }
            at = brace;
            try {
                Map<String, Object> arguments = object(0);
                return at == text.length()
                        ? CallSyntax.make(
                                "", text.substring(CALL.length(), brace).strip(), arguments)
                        : Optional.empty();
            } catch (IllegalArgumentException broken) {
                return Optional.empty();
            }
        }

        private Map<String, Object> object(int depth) {
            Map<String, Object> object = new LinkedHashMap<>();
            expect('{');
            if (!take('}')) {
                do {
                    String quoted = quoted();
                    String key = quoted == null ? bare(":") : quoted;
                    expect(':');
                    object.put(key, value(depth + 1));
                } while (take(','));
                expect('}');
            }
            return object;
        }

        private Object value(int depth) {
            if (depth > DEEPEST) {
                throw new IllegalArgumentException();
            }
            skipSpace();
            String quoted = quoted();
            if (quoted != null) {
                return quoted;
            }
            if (text.startsWith("{", at)) {
                return object(depth);
            }
            if (take('[')) {
                List<Object> list = new ArrayList<>();
                if (!take(']')) {
                    do {
                        list.add(value(depth + 1));
                    } while (take(','));
                    expect(']');
                }
                return list;
            }
            String bare = bare(",}]");
            Object parsed = CallSyntax.parse(bare);
            return parsed == null && !bare.equals("null") ? bare : parsed;
        }

        private String quoted() {
            skipSpace();
            for (String quote : List.of(QUOTE, FUNCTION_QUOTE)) {
                if (text.startsWith(quote, at)) {
                    int end = text.indexOf(quote, at + quote.length());
                    if (end < 0) {
                        throw new IllegalArgumentException();
                    }
                    String value = text.substring(at + quote.length(), end);
                    at = end + quote.length();
                    return value;
                }
            }
            return null;
        }

        private String bare(String ends) {
            int begin = at;
            while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(begin, at).strip();
        }

        private void skipSpace() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private boolean take(char c) {
            skipSpace();
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private void expect(char c) {
            if (!take(c)) {
                throw new IllegalArgumentException();
            }
        }
    }
}
