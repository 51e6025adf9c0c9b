package dev.skald.spring.ai.autoconfigure;

import dev.skald.spring.ai.SkaldReranker;
import org.springframework.ai.rag.postretrieval.document.DocumentPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Configures a reranker with the file of {@code spring.ai.skald.rerank.model-path}, if {@code spring-ai-rag} is
 * present.
 */
@AutoConfiguration
@ConditionalOnClass(DocumentPostProcessor.class)
@ConditionalOnProperty("spring.ai.skald.rerank.model-path")
@EnableConfigurationProperties({SkaldProperties.class, SkaldRerankProperties.class})
public class SkaldRerankAutoConfiguration {
    /** Creates the configuration. */
    public SkaldRerankAutoConfiguration() {}

    /**
     * Opens the model that ranks.
     *
     * @param properties the settings for opening files
     * @param rerank the properties that name the file
     * @return an open file, which the application closes
     */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean(SkaldReranker.class)
    OpenFile skaldRerankFile(SkaldProperties properties, SkaldRerankProperties rerank) {
        return new OpenFile(properties.open(rerank.getModelPath(), "spring.ai.skald.rerank.model-path"));
    }

    /**
     * Creates the reranker.
     *
     * @param skaldRerankFile the open file
     * @param properties the number of documents to keep
     * @return the reranker
     */
    @Bean
    @ConditionalOnMissingBean
    SkaldReranker skaldReranker(OpenFile skaldRerankFile, SkaldRerankProperties properties) {
        return new SkaldReranker(skaldRerankFile.model(), properties.getTopN());
    }
}
