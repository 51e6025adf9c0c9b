package dev.skald.runtime.chat;

import java.util.Optional;

/** How a model writes function calls. The model's template shows which form it uses. */
public enum ToolCallForm {
    /**
     * Hermes, Qwen and others on ChatML: {@code <tool_call>{"name": …, "arguments": {…}}</tool_call>}, possibly several
     * times, between or after other text.
     */
    HERMES("<tool_call>"),
    /**
     * Llama 3.1 and later: the answer is {@code {"name": …, "parameters": {…}}} and nothing else, perhaps after
     * {@code <|python_tag|>}. Since an answer may be JSON without being a call, the name must be one of the chat's tools.
     */
    LLAMA3("<|python_tag|>", "<|start_header_id|>"),
    /**
     * Mistral: {@code [TOOL_CALLS]} and a list of {@code {"name": …, "arguments": {…}, "id": …}}; of newer models
     * {@code [TOOL_CALLS]name[ARGS]{…}}.
     */
    MISTRAL("[TOOL_CALLS]");

    private final String[] signs;

    ToolCallForm(String... signs) {
        this.signs = signs;
    }

    /**
     * Returns the form in which a template writes calls.
     *
     * @param template a template
     * @return the form, if the template has a place for tools and its calls are of a known form
     */
    public static Optional<ToolCallForm> of(ChatTemplate template) {
        if (!template.source().contains("tools")) {
            return Optional.empty();
        }
        for (ToolCallForm form : new ToolCallForm[] {MISTRAL, HERMES, LLAMA3}) {
            for (String sign : form.signs) {
                if (template.source().contains(sign)) {
                    return Optional.of(form);
                }
            }
        }
        return Optional.empty();
    }
}
