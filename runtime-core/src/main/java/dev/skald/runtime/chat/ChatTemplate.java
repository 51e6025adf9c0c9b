package dev.skald.runtime.chat;

import dev.skald.runtime.jinja.Limits;
import dev.skald.runtime.jinja.Template;
import dev.skald.runtime.jinja.TemplateError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a conversation in the form that a model was trained on. A template is immutable; any number of threads may use
 * it.
 *
 * <p>Templates are written in Jinja and behave as in Hugging Face's transformers. They come with models from strangers,
 * so a template has access only to what it is given, and its steps, output and depth are limited.
 */
public final class ChatTemplate {
    private final String source;
    private final List<String> stops;
    private final Template template;

    private ChatTemplate(String source, List<String> stops) {
        this.source = source;
        this.stops = List.copyOf(stops);
        try {
            template = Template.compile(source);
        } catch (TemplateError e) {
            throw new ChatTemplateException(e);
        }
    }

    /**
     * Compiles a template.
     *
     * @param text Jinja, as in {@code tokenizer.chat_template} of a model's file
     * @return the template
     * @throws ChatTemplateException if it is invalid, or uses something that is not supported
     */
    public static ChatTemplate compile(String text) {
        return compile(text, List.of());
    }

    static ChatTemplate compile(String text, List<String> stops) {
        return new ChatTemplate(Objects.requireNonNull(text, "text"), stops);
    }

    /**
     * Writes a conversation up to where the model's answer begins.
     *
     * @param messages the messages, oldest first
     * @return the text; tokenize it with special tokens parsed
     * @throws ChatTemplateException if the template refuses the messages or fails on them
     */
    public String render(List<? extends Message> messages) {
        return render(messages, ChatTemplateOptions.builder().build());
    }

    /**
     * Writes a conversation.
     *
     * @param messages the messages, oldest first
     * @param options what else is passed to the template
     * @return the text; tokenize it with special tokens parsed
     * @throws ChatTemplateException if the template refuses the messages or fails on them
     */
    public String render(List<? extends Message> messages, ChatTemplateOptions options) {
        Map<String, Object> variables = new HashMap<>(options.variables());
        variables.put("messages", messages.stream().map(Variables::of).toList());
        try {
            return template.render(variables, options.clock(), Limits.DEFAULT);
        } catch (TemplateError e) {
            throw new ChatTemplateException(e);
        }
    }

    /**
     * Returns the source of the template.
     *
     * @return Jinja
     */
    public String source() {
        return source;
    }

    /**
     * Returns the stop strings of this form, for models whose vocabulary has no token that ends an answer.
     *
     * @return the stop strings of a template from {@link ChatTemplates}; otherwise empty
     */
    public List<String> stops() {
        return stops;
    }
}
