package dev.skald.cli;

import dev.skald.runtime.Model;
import java.lang.System.Logger.Level;

/** The context that a model was trained for; the command warns beyond it and does not refuse. */
final class Trained {
    private Trained() {}

    /** Warns that texts may be longer than those that the model was trained on. */
    static void warn(Model model, int context) {
        if (context > model.contextLength()) {
            System.getLogger(Trained.class.getName())
                    .log(
                            Level.WARNING,
                            "The model was trained for " + model.contextLength() + " tokens, and --context is "
                                    + context + ": longer texts usually become nonsense");
        }
    }
}
