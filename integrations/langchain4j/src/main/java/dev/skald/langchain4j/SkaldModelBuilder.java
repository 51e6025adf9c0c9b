package dev.skald.langchain4j;

import dev.skald.runtime.Model;
import dev.skald.runtime.ModelOptions;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What the builders of all Skald models have in common: which model it is.
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

    /** The builder, as its own type. */
    abstract B self();

    /**
     * Uses a model that is open. It stays its owner's to close, and others may use it at the same time.
     *
     * @param value the model
     * @return this
     */
    public B model(Model value) {
        model = Objects.requireNonNull(value, "model");
        return self();
    }

    /**
     * Opens a model, which is closed with what is built from it.
     *
     * @param file a GGUF file, or any part of a split one
     * @return this
     */
    public B modelPath(Path file) {
        path = Objects.requireNonNull(file, "modelPath");
        return self();
    }

    /**
     * Changes how the model of {@link #modelPath} is opened: threads, the memory for beginnings of prompts that are read once
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
     * Names the model in responses. The default is the name in its file. A request that names another model is refused.
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
