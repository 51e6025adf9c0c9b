package dev.skald.runtime.chat;

import dev.skald.runtime.jinja.Limits;
import dev.skald.runtime.jinja.Template;
import dev.skald.runtime.jinja.TemplateError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a conversation in the form in which a model learned to read conversations. Immutable: any number of threads
 * may use one.
 *
 * <p>Templates are written in Jinja, and behave here as they do in Hugging Face's transformers. They come with models
 * from strangers, so a template reaches nothing but what it is given, and one that runs wild is stopped.
 */
public final class ChatTemplate {
    private final String source;
    private final List<String> stops;
    private final boolean knowsThinking;
    private final Template template;

    private ChatTemplate(String source, List<String> stops) {
        this.source = source;
        this.stops = List.copyOf(stops);
        this.knowsThinking = source.contains("message.thinking") && !source.contains("reasoning_content");
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
     * @throws ChatTemplateException if it is not valid, or uses what is not supported
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
     * @param messages in their order
     * @return the text, whose special tokens are to be parsed as such
     * @throws ChatTemplateException if the template refuses the messages or fails on them
     */
    public String render(List<? extends Message> messages) {
        return render(messages, ChatTemplateOptions.builder().build());
    }

    /**
     * Writes a conversation.
     *
     * @param messages in their order
     * @param options what else the template is given
     * @return the text, whose special tokens are to be parsed as such
     * @throws ChatTemplateException if the template refuses the messages or fails on them
     */
    public String render(List<? extends Message> messages, ChatTemplateOptions options) {
        Map<String, Object> variables = new HashMap<>(options.variables());
        variables.put(
                "messages",
                messages.stream()
                        .map(message -> Variables.of(message, knowsThinking))
                        .toList());
        try {
            return template.render(variables, options.clock(), Limits.DEFAULT);
        } catch (TemplateError e) {
            throw new ChatTemplateException(e);
        }
    }

    /**
     * The template as it was compiled.
     *
     * @return Jinja
     */
    public String source() {
        return source;
    }

    /**
     * Texts that end an answer in this form, for models whose vocabulary has no token for it.
     *
     * @return for a template from {@link ChatTemplates} what it knows; otherwise empty
     */
    public List<String> stops() {
        return stops;
    }
}
