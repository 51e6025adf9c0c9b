package dev.skald.runtime.chat;

import dev.skald.gguf.io.Printable;
import dev.skald.runtime.jinja.TemplateError;

/** Thrown if a chat template cannot be compiled, or cannot write a conversation. */
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
     * Returns what is wrong, without the place and the remedy. If the template raised the error, this is the template's
     * own message.
     *
     * @return a sentence or part of one
     */
    public String reason() {
        return reason;
    }

    /**
     * Returns where the error is.
     *
     * @return the line in the template, from 1; 0 if no single line is to blame
     */
    public int line() {
        return line;
    }

    /**
     * Returns whether the template itself refused the conversation, for example because its model does not support a
     * system message.
     *
     * @return true if it raised the {@link #reason()}
     */
    public boolean raisedByTemplate() {
        return raisedByTemplate;
    }
}
