package dev.skald.spring.ai.autoconfigure;

import dev.skald.spring.ai.SkaldChatModel;
import dev.skald.spring.ai.SkaldEmbeddingModel;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Configures an embedding model with the file of {@code spring.ai.skald.embedding.model-path}. */
@AutoConfiguration
@ConditionalOnProperty(
        name = SpringAIModelProperties.EMBEDDING_MODEL,
        havingValue = SkaldChatModel.PROVIDER,
        matchIfMissing = true)
@EnableConfigurationProperties({SkaldProperties.class, SkaldEmbeddingProperties.class})
public class SkaldEmbeddingAutoConfiguration {
    /** Creates the configuration. */
    public SkaldEmbeddingAutoConfiguration() {}

    /**
     * Opens the model that embeds.
     *
     * @param properties the settings for opening files
     * @param embedding the properties that name the file
     * @return an open file, which the application closes
     */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean(SkaldEmbeddingModel.class)
    @ConditionalOnProperty("spring.ai.skald.embedding.model-path")
    OpenFile skaldEmbeddingFile(SkaldProperties properties, SkaldEmbeddingProperties embedding) {
        return new OpenFile(properties.open(embedding.getModelPath(), "spring.ai.skald.embedding.model-path"));
    }

    /**
     * Creates the embedding model.
     *
     * @param file the open file
     * @param properties the settings for embedding
     * @param observations the registry that observes requests
     * @param convention the content of observations
     * @return the embedding model
     */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnProperty("spring.ai.skald.embedding.model-path")
    SkaldEmbeddingModel skaldEmbeddingModel(
            OpenFile skaldEmbeddingFile,
            SkaldEmbeddingProperties properties,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<EmbeddingModelObservationConvention> convention) {
        return SkaldEmbeddingModel.builder()
                .model(skaldEmbeddingFile.model())
                .embedderOptions(properties::set)
                .observationRegistry(observations.getIfUnique(() -> ObservationRegistry.NOOP))
                .observationConvention(convention.getIfAvailable())
                .build();
    }
}
