package dev.skald.runtime.chat;

import java.util.List;
import java.util.Optional;

/**
 * The marks between which a model thinks before it answers. Which they are follows from its template: the known marks are
 * looked for in it, and a template without any is that of a model that does not think.
 *
 * @param begin what stands before the thoughts, such as {@code <think>}; a template may have written it already
 * @param end what stands behind them
 */
public record ReasoningForm(String begin, String end) {
    /**
     * OpenAI's channels (gpt-oss): an answer is several messages, each with a header that names its channel. What is said on
     * {@code analysis} are thoughts, and what is said on {@code final} is the answer.
     */
    public static final ReasoningForm CHANNELS = new ReasoningForm("<|channel|>analysis<|message|>", "<|end|>");

    private static final List<ReasoningForm> KNOWN = List.of(
            new ReasoningForm("<think>", "</think>"),
            new ReasoningForm("<|START_THINKING|>", "<|END_THINKING|>"),
            new ReasoningForm("[THINK]", "[/THINK]"),
            new ReasoningForm("<|channel>thought\n", "<channel|>"),
            new ReasoningForm("<seed:think>", "</seed:think>"),
            new ReasoningForm("<mm:think>", "</mm:think>"),
            new ReasoningForm("<thinking>", "</thinking>"));

    /**
     * Marks of a form.
     *
     * @throws IllegalArgumentException if one of them is blank
     */
    public ReasoningForm {
        if (begin.isBlank() || end.isBlank()) {
            throw new IllegalArgumentException("both marks need a text, not \"" + begin + "\" and \"" + end + "\"");
        }
    }

    /**
     * The form in which a model with this template thinks.
     *
     * @param template a template
     * @return the form, if the template has both marks of a known one
     */
    public static Optional<ReasoningForm> of(ChatTemplate template) {
        String source = template.source();
        if (source.contains("<|channel|>") && source.contains("<|message|>") && source.contains("analysis")) {
            return Optional.of(CHANNELS);
        }
        // In the source a line break may be written as an escape.
        return KNOWN.stream()
                .filter(form -> source.contains(form.begin.strip()) && source.contains(form.end))
                .findFirst();
    }
}
