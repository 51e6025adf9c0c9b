package dev.skald.langchain4j;

import dev.skald.runtime.Model;
import dev.skald.runtime.ModelOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A model, and whether to close it.
 *
 * @param model an open model
 * @param owned whether the model is closed together with the object that was built
 * @param name the name of the model in responses
 */
record Source(Model model, boolean owned, String name) implements AutoCloseable {
    /**
     * Takes the model that was given, or opens the file.
     *
     * @throws IllegalArgumentException if both or neither were given
     */
    static Source of(Model model, Path path, Consumer<ModelOptions> options, String name) {
        if ((model == null) == (path == null)) {
            throw new IllegalArgumentException(
                    model == null
                            ? "no model: set model(...) or modelPath(...)"
                            : "model(...) and modelPath(" + path + ") are both set: one of them is the model");
        }
        if (model != null && options != null) {
            throw new IllegalArgumentException(
                    "modelOptions(...) is for a model that is opened here, by modelPath(...); this one is open already");
        }
        try {
            Model opened = model != null ? model : Model.open(path, options == null ? o -> {} : options);
            return new Source(opened, model == null, name != null ? name : nameOf(opened));
        } catch (IOException e) {
            throw new UncheckedIOException("the model " + path + " cannot be read: " + e, e);
        }
    }

    private static String nameOf(Model model) {
        String file = String.valueOf(model.metadata().path().getFileName());
        return model.metadata().getString("general.name", file);
    }

    @Override
    public void close() {
        if (owned) {
            model.close();
        }
    }
}
