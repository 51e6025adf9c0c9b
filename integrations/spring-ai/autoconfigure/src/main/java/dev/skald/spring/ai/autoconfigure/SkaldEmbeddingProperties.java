package dev.skald.spring.ai.autoconfigure;

import dev.skald.runtime.embed.EmbedderOptions;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.embed.Prompts;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The embedding model and its settings. */
@ConfigurationProperties("spring.ai.skald.embedding")
public class SkaldEmbeddingProperties {
    /** GGUF file of the embedding model. If it is not set, there is no embedding model. */
    private Path modelPath;

    /** How the vectors of a text's tokens become one vector. Default: the model's file says. */
    private Pooling pooling;

    /** Name of the prefixes for queries and documents, such as e5 or nomic. Default: those that the model is known to need. */
    private String prompts;

    /** Number of values that are kept of each vector, from its beginning. Default: all. */
    private Integer dimensions;

    /** Maximum number of tokens that are read of a text. Default: what the model was trained for. */
    private Integer maxTokens;

    /** Creates properties without values. */
    public SkaldEmbeddingProperties() {}

    /**
     * GGUF file of the embedding model. If it is not set, there is no embedding model.
     *
     * @return the file, or null
     */
    public Path getModelPath() {
        return modelPath;
    }

    /**
     * Sets the file. See {@link #getModelPath}.
     *
     * @param value null if it is not set
     */
    public void setModelPath(Path value) {
        modelPath = value;
    }

    /**
     * How the vectors of a text's tokens become one vector. Default: the model's file says.
     *
     * @return the way, or null
     */
    public Pooling getPooling() {
        return pooling;
    }

    /**
     * Sets the way. See {@link #getPooling}.
     *
     * @param value null if it is not set
     */
    public void setPooling(Pooling value) {
        pooling = value;
    }

    /**
     * Name of the prefixes for queries and documents, such as e5 or nomic. Default: those that the model is known to need.
     *
     * @return the name, or null
     */
    public String getPrompts() {
        return prompts;
    }

    /**
     * Sets the name. See {@link #getPrompts}.
     *
     * @param value null if it is not set
     */
    public void setPrompts(String value) {
        prompts = value;
    }

    /**
     * Number of values that are kept of each vector, from its beginning. Default: all.
     *
     * @return the number, or null
     */
    public Integer getDimensions() {
        return dimensions;
    }

    /**
     * Sets the number. See {@link #getDimensions}.
     *
     * @param value null if it is not set
     */
    public void setDimensions(Integer value) {
        dimensions = value;
    }

    /**
     * Maximum number of tokens that are read of a text. Default: what the model was trained for.
     *
     * @return the number, or null
     */
    public Integer getMaxTokens() {
        return maxTokens;
    }

    /**
     * Sets the number. See {@link #getMaxTokens}.
     *
     * @param value null if it is not set
     */
    public void setMaxTokens(Integer value) {
        maxTokens = value;
    }

    void set(EmbedderOptions options) {
        if (pooling != null) {
            options.pooling(pooling);
        }
        if (prompts != null) {
            options.prompts(Prompts.named(prompts));
        }
        if (dimensions != null) {
            options.dimensions(dimensions);
        }
        if (maxTokens != null) {
            options.maxTokens(maxTokens);
        }
    }
}
