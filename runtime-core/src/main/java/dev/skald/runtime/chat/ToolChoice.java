package dev.skald.runtime.chat;

import java.util.Objects;

/**
 * Whether a model is to call functions in its answer. Where it does, what it writes is held to the form of a call and to the
 * function's schema while it is generated; so is a call that it begins of itself.
 *
 * @param mode what is asked of the model
 * @param function the function that it has to call, for {@link Mode#NAMED}; else empty
 */
public record ToolChoice(Mode mode, String function) {
    /** What may be asked of a model. */
    public enum Mode {
        /** It answers by text, as if there were no functions. */
        NONE,
        /** It decides by itself. */
        AUTO,
        /** It calls at least one function, and answers by nothing else. */
        REQUIRED,
        /** It calls one function, and answers by nothing else. */
        NAMED
    }

    /** The model answers by text, as if there were no functions. */
    public static final ToolChoice NONE = new ToolChoice(Mode.NONE, "");

    /** The model decides by itself. */
    public static final ToolChoice AUTO = new ToolChoice(Mode.AUTO, "");

    /** The model calls at least one function. */
    public static final ToolChoice REQUIRED = new ToolChoice(Mode.REQUIRED, "");

    /**
     * Checks the function.
     *
     * @throws IllegalArgumentException if there is a name without {@link Mode#NAMED}, or the other way round
     */
    public ToolChoice {
        Objects.requireNonNull(mode, "mode");
        if (mode == Mode.NAMED == function.isEmpty()) {
            throw new IllegalArgumentException("tool choice " + mode + " with the function '" + function
                    + "': NAMED needs the name of a function, and only that does");
        }
    }

    /**
     * The model calls this function.
     *
     * @param function its name
     * @return the choice
     */
    public static ToolChoice named(String function) {
        return new ToolChoice(Mode.NAMED, function);
    }
}
