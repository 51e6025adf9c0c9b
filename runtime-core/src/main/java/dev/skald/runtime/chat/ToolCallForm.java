package dev.skald.runtime.chat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a model writes the calls it asks for. Which it is, its template shows. */
public enum ToolCallForm {
    /**
     * Hermes, Qwen and others on ChatML: {@code <tool_call>{"name": …, "arguments": {…}}</tool_call>}, possibly several
     * times, between or after other text.
     */
    HERMES("<tool_call>\\s*\\{\"name\": ?\"PROBE\", ?\"arguments\": ?\\{[^{}]*\\}\\}\\s*</tool_call>"),
    /**
     * Llama 3.1 and later: the answer is {@code {"name": …, "parameters": {…}}} and nothing else, perhaps after
     * {@code <|python_tag|>}. Since an answer may be JSON without being a call, the name must be one of the chat's tools.
     */
    LLAMA3(
            "(?:<\\|end_header_id\\|>\\s*|<\\|python_tag\\|>)\\{\"name\": ?\"PROBE\", ?\"parameters\": ?\\{[^{}]*\\}\\}"),
    /**
     * Mistral: {@code [TOOL_CALLS]} and a list of {@code {"name": …, "arguments": {…}, "id": …}}; of newer models
     * {@code [TOOL_CALLS]name[ARGS]{…}}.
     */
    MISTRAL(
            "\\[TOOL_CALLS\\]\\s*(?:\\[\\s*\\{\"name\": ?\"PROBE\", ?\"arguments\": ?\\{|PROBE(?:\\[CALL_ID\\]\\w+)?\\[ARGS\\]\\{)"),
    /**
     * Qwen3-Coder and Qwen 3.5: {@code <tool_call><function=NAME><parameter=KEY>VALUE</parameter></function></tool_call>}, each
     * on a line of its own.
     */
    QWEN_XML("<tool_call>\\s*<function=PROBE>\\s*<parameter=place>\\s*Oslo\\s*</parameter>"),
    /**
     * Gemma 4: {@code <|tool_call>call:NAME{KEY:VALUE,…}<tool_call|>} with strings between {@code <|"|>}; of FunctionGemma
     * {@code <start_function_call>call:NAME{KEY:<escape>VALUE<escape>}<end_function_call>}.
     */
    GEMMA("(?:<\\|tool_call>|<start_function_call>)call:PROBE\\{"),
    /**
     * OpenAI's harmony, of gpt-oss: messages in channels, of which one to {@code functions.NAME} is a call. What the model
     * thinks, on the channel {@code analysis}, is not part of the text then.
     */
    HARMONY("to=functions\\.PROBE\\b[^{}]*<\\|message\\|>\\{");

    private static final String PROBE = "skald_probe";

    private final Pattern sign;

    ToolCallForm(String sign) {
        this.sign = Pattern.compile(sign.replace("PROBE", PROBE));
    }

    /**
     * The form in which a template writes calls: it is given a conversation with one, and what it makes of it is looked at.
     *
     * @param template a template
     * @return the form, if the template has a place for tools and its calls are of a known form
     */
    public static Optional<ToolCallForm> of(ChatTemplate template) {
        // Nine letters and digits, as Mistral's templates insist on.
        ToolCall call = new ToolCall("probe1234", PROBE, Map.of("place", "Oslo"));
        Message.Assistant asks = new Message.Assistant("", Optional.empty(), List.of(call));
        List<List<Message>> conversations =
                List.of(List.of(Message.user("?"), asks, Message.tool(call, "1")), List.of(Message.user("?"), asks));
        ToolDefinition tool = ToolDefinition.of(
                PROBE,
                "?",
                "{\"type\": \"object\", \"properties\": {\"place\": {\"type\": \"string\", \"description\": \"?\"}}}");
        ChatTemplateOptions options =
                ChatTemplateOptions.builder().tools(List.of(tool)).build();
        for (List<Message> conversation : conversations) {
            try {
                Optional<ToolCallForm> form = of(template.render(conversation, options));
                if (form.isPresent() && namesTools(template, options)) {
                    return form;
                }
            } catch (ChatTemplateException refused) {
                // The template has no place for such a conversation.
            }
        }
        return Optional.empty();
    }

    private static Optional<ToolCallForm> of(String written) {
        for (ToolCallForm form : values()) {
            if (form.sign.matcher(written).find()) {
                return Optional.of(form);
            }
        }
        return Optional.empty();
    }

    /** Whether the model gets to know which tools there are. */
    private static boolean namesTools(ChatTemplate template, ChatTemplateOptions options) {
        return template.render(List.of(Message.user("?")), options).contains(PROBE);
    }
}
