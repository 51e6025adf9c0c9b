package dev.skald.runtime.chat;

import dev.skald.gguf.io.Printable;
import dev.skald.runtime.jinja.TemplateError;

/** A chat template that cannot be compiled, or does not go with a conversation. */
public final class ChatTemplateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;
    private final int line;
    private final boolean raisedByTemplate;

    ChatTemplateException(TemplateError error) {
        super(Printable.line(message(error)), error);
        reason = error.getMessage();
        line = error.line();
        raisedByTemplate = error.kind() == TemplateError.Kind.RAISED;
    }

    private static String message(TemplateError error) {
        String where = "chat template" + (error.line() > 0 ? ", line " + error.line() : "") + ": ";
        return switch (error.kind()) {
            case RAISED -> "the chat template refuses this conversation: " + error.getMessage();
            case SYNTAX ->
                where + error.getMessage() + ". Mend the template, or choose one by name: " + ChatTemplates.names();
            case EVALUATION ->
                where + error.getMessage()
                        + ". The template does not go with these messages, tools or variables: change them, or choose"
                        + " a template by name: " + ChatTemplates.names();
            case LIMIT ->
                where + error.getMessage()
                        + ", which no known template needs. Do not trust the file it comes from, or choose a template"
                        + " by name: " + ChatTemplates.names();
        };
    }

    /**
     * What is wrong, without where and what to do. If the template raised it, the template's own words.
     *
     * @return a sentence or a part of one
     */
    public String reason() {
        return reason;
    }

    /**
     * Where it is wrong.
     *
     * @return the line in the template, from 1; 0 if it is none in particular
     */
    public int line() {
        return line;
    }

    /**
     * Whether the template itself refuses the conversation, for example a system message that its model does not know.
     *
     * @return true if it raised the {@link #reason()}
     */
    public boolean raisedByTemplate() {
        return raisedByTemplate;
    }
}
