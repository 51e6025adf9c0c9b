package dev.skald.cli;

import dev.skald.runtime.Model;
import java.lang.System.Logger.Level;

/** What a model has learned, which the command does not hold people to. */
final class Trained {
    private Trained() {}

    /** Says, once for a command, that texts are longer than those that the model has learned from. */
    static void warn(Model model, int context) {
        if (context > model.contextLength()) {
            System.getLogger(Trained.class.getName())
                    .log(
                            Level.WARNING,
                            "The model was trained for " + model.contextLength() + " tokens, and --context is "
                                    + context + ": beyond those its text is seldom sensible");
        }
    }
}
