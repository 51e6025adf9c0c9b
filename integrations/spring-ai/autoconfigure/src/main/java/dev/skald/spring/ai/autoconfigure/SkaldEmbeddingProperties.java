package dev.skald.spring.ai.autoconfigure;

import dev.skald.runtime.embed.EmbedderOptions;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.embed.Prompts;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The embedding model and its settings. */
@ConfigurationProperties("spring.ai.skald.embedding")
public class SkaldEmbeddingProperties {
    /** Model that embeds: a GGUF file. Without it there is no embedding model. */
    private Path modelPath;

    /** How the rows of a text become its vector. By default what the file says. */
    private Pooling pooling;

    /** Name of the prefixes of queries and documents, such as e5 or nomic. By default what the model is known to expect. */
    private String prompts;

    /** How many of a vector's first values are kept. By default all. */
    private Integer dimensions;

    /** Most tokens of a text that are read. By default what the model was trained for. */
    private Integer maxTokens;

    /** Creates properties without values. */
    public SkaldEmbeddingProperties() {}

    /**
     * Model that embeds: a GGUF file. Without it there is no embedding model.
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
     * How the rows of a text become its vector. By default what the file says.
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
     * Name of the prefixes of queries and documents, such as e5 or nomic. By default what the model is known to expect.
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
     * How many of a vector's first values are kept. By default all.
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
     * Most tokens of a text that are read. By default what the model was trained for.
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
