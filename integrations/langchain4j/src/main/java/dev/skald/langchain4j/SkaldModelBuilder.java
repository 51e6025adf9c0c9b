package dev.skald.langchain4j;

import dev.skald.runtime.Model;
import dev.skald.runtime.ModelOptions;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The common part of the builders of all Skald models: the choice of the model.
 *
 * @param <B> the builder
 */
public abstract sealed class SkaldModelBuilder<B extends SkaldModelBuilder<B>>
        permits SkaldChatModelBuilder, SkaldEmbeddingModel.Builder, SkaldScoringModel.Builder {
    private Model model;
    private Path path;
    private Consumer<ModelOptions> modelOptions;
    private String modelName;

    SkaldModelBuilder() {}

    /** Returns this builder, as its own type. */
    abstract B self();

    /**
     * Uses an open model. Its owner closes it, and others may use it at the same time.
     *
     * @param value the model
     * @return this
     */
    public B model(Model value) {
        model = Objects.requireNonNull(value, "model");
        return self();
    }

    /**
     * Opens a model, which is closed together with the object that is built.
     *
     * @param file a GGUF file, or any part of a split one
     * @return this
     */
    public B modelPath(Path file) {
        path = Objects.requireNonNull(file, "modelPath");
        return self();
    }

    /**
     * Changes how the model of {@link #modelPath} is opened: threads, the cache for common beginnings of prompts
     * ({@link ModelOptions#prefixCache}), adapters, precision.
     *
     * @param settings changes the default options
     * @return this
     */
    public B modelOptions(Consumer<ModelOptions> settings) {
        modelOptions = Objects.requireNonNull(settings, "modelOptions");
        return self();
    }

    /**
     * Names the model in responses. The default is the name in its file. A request that names another model is
     * rejected.
     *
     * @param name any name
     * @return this
     */
    public B modelName(String name) {
        modelName = name;
        return self();
    }

    Source source() {
        return Source.of(model, path, modelOptions, modelName);
    }
}
