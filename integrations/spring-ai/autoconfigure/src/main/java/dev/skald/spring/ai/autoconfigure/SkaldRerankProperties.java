package dev.skald.spring.ai.autoconfigure;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The reranking model. */
@ConfigurationProperties("spring.ai.skald.rerank")
public class SkaldRerankProperties {
    /** GGUF file of the reranking model. If it is not set, there is no reranker. */
    private Path modelPath;

    /** Number of documents that are kept; the best ones. */
    private int topN = 4;

    /** Creates the default properties. */
    public SkaldRerankProperties() {}

    /**
     * The file of the reranking model.
     *
     * @return a GGUF file, or null
     */
    public Path getModelPath() {
        return modelPath;
    }

    /**
     * Sets the file of the reranking model.
     *
     * @param value a GGUF file
     */
    public void setModelPath(Path value) {
        modelPath = value;
    }

    /**
     * The number of documents that are kept.
     *
     * @return at least 1
     */
    public int getTopN() {
        return topN;
    }

    /**
     * Sets the number of documents that are kept.
     *
     * @param value at least 1
     */
    public void setTopN(int value) {
        topN = value;
    }
}
