package dev.skald.runtime.chat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Built-in templates, for models whose files have none. A model's card shows which one it was trained with; Skald never
 * guesses.
 *
 * <table>
 * <caption>The names</caption>
 * <tr><td>{@code llama2}</td><td>{@code [INST] <<SYS>>}, as in Llama-2-13b-chat-norwegian</td></tr>
 * <tr><td>{@code llama3}</td><td>Llama 3.2: {@code <|start_header_id|>}, with the date; knows tools</td></tr>
 * <tr><td>{@code mistral}</td><td>Mistral 7B Instruct: {@code [INST]}</td></tr>
 * <tr><td>{@code chatml}</td><td>{@code <|im_start|>}; knows tools in Hermes' form</td></tr>
 * <tr><td>{@code normistral}</td><td>NorMistral: {@code <|im_start|>} with a space behind it</td></tr>
 * <tr><td>{@code alpaca}</td><td>{@code ### Instruction:}; a system message is the instruction, the first user message
 *     then its input</td></tr>
 * </table>
 */
public final class ChatTemplates {
    /** The texts that end an answer, for each template; the templates are resources beside this class. */
    private static final Map<String, List<String>> STOPS = Map.of(
            "alpaca", List.of("### Instruction:", "### Input:"),
            "chatml", List.of("<|im_end|>"),
            "llama2", List.of("[INST]"),
            "llama3", List.of("<|eot_id|>"),
            "mistral", List.of("[INST]"),
            "normistral", List.of("<|im_end|>"));

    private static final SortedSet<String> NAMES = Collections.unmodifiableSortedSet(new TreeSet<>(STOPS.keySet()));

    private static final Map<String, ChatTemplate> TEMPLATES = new TreeMap<>();

    static {
        STOPS.forEach((name, stops) -> TEMPLATES.put(name, ChatTemplate.compile(read(name), stops)));
    }

    private ChatTemplates() {}

    /**
     * Returns the names of all built-in templates.
     *
     * @return in alphabetical order
     */
    public static SortedSet<String> names() {
        return NAMES;
    }

    /**
     * Returns the template of a name.
     *
     * @param name one of {@link #names()}
     * @return the template
     * @throws IllegalArgumentException if there is no template of this name
     */
    public static ChatTemplate named(String name) {
        ChatTemplate template = TEMPLATES.get(name);
        if (template == null) {
            throw new IllegalArgumentException("there is no chat template '" + name + "', only " + NAMES);
        }
        return template;
    }

    private static String read(String name) {
        try (InputStream in = ChatTemplates.class.getResourceAsStream(name + ".jinja")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
