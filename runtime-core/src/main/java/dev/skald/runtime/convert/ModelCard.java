package dev.skald.runtime.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The metadata at the beginning of a model card: keys with a text or a list of texts. Only this much of YAML is read;
 * deeper nesting is skipped.
 */
final class ModelCard {
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    private ModelCard() {}

    static ModelCard of(String card) {
        ModelCard read = new ModelCard();
        List<String> lines = card.lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals("---")) {
            return read;
        }
        List<String> list = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            if (line.equals("---")) {
                break;
            }
            String stripped = line.strip();
            int colon = line.indexOf(':');
            if (stripped.startsWith("- ")) {
                list.add(unquoted(stripped.substring(2)));
            } else if (colon > 0 && !Character.isWhitespace(line.charAt(0))) {
                String value = line.substring(colon + 1).strip();
                list = new ArrayList<>();
                read.values.put(unquoted(line.substring(0, colon)), list);
                if (value.startsWith("[") && value.endsWith("]")) {
                    for (String element : value.substring(1, value.length() - 1).split(",")) {
                        list.add(unquoted(element));
                    }
                } else if (!value.isEmpty()) {
                    list.add(unquoted(value));
                }
            } else if (!stripped.isEmpty() && !stripped.startsWith("#")) {
                // The value is nested more deeply.
                list = new ArrayList<>();
            }
        }
        read.values.values().forEach(texts -> texts.removeIf(String::isEmpty));
        return read;
    }

    private static String unquoted(String text) {
        String stripped = text.strip();
        boolean quoted = stripped.length() > 1
                && (stripped.charAt(0) == '"' || stripped.charAt(0) == '\'')
                && stripped.endsWith(stripped.substring(0, 1));
        return quoted ? stripped.substring(1, stripped.length() - 1) : stripped;
    }

    List<String> list(String key) {
        return values.getOrDefault(key, List.of());
    }

    /** Returns the text of a key; null if the key is absent or has a list of several texts. */
    String text(String key) {
        return list(key).size() == 1 ? list(key).getFirst() : null;
    }

    /** Returns the list of the first key that is present. */
    List<String> first(String... keys) {
        for (String key : keys) {
            if (values.containsKey(key)) {
                return list(key);
            }
        }
        return List.of();
    }
}
