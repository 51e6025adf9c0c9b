package dev.skald.spring.ai.autoconfigure;

import dev.skald.spring.ai.SkaldReranker;
import org.springframework.ai.rag.postretrieval.document.DocumentPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** A reranker on the file that {@code spring.ai.skald.rerank.model-path} names, where {@code spring-ai-rag} is there. */
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
     * @param properties how files are opened
     * @param rerank which file
     * @return an open file, which the application closes
     */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean(SkaldReranker.class)
    OpenFile skaldRerankFile(SkaldProperties properties, SkaldRerankProperties rerank) {
        return new OpenFile(properties.open(rerank.getModelPath(), "spring.ai.skald.rerank.model-path"));
    }

    /**
     * Makes the reranker.
     *
     * @param skaldRerankFile the open file
     * @param properties how many documents are kept
     * @return the reranker
     */
    @Bean
    @ConditionalOnMissingBean
    SkaldReranker skaldReranker(OpenFile skaldRerankFile, SkaldRerankProperties properties) {
        return new SkaldReranker(skaldRerankFile.model(), properties.getTopN());
    }
}
