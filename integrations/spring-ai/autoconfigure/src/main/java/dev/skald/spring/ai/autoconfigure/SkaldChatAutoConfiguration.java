package dev.skald.spring.ai.autoconfigure;

import dev.skald.runtime.Model;
import dev.skald.spring.ai.SkaldChatModel;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Configures the model of {@code spring.ai.skald.model-path} and a chat model that uses it. */
@AutoConfiguration
@ConditionalOnProperty(
        name = SpringAIModelProperties.CHAT_MODEL,
        havingValue = SkaldChatModel.PROVIDER,
        matchIfMissing = true)
@EnableConfigurationProperties({SkaldProperties.class, SkaldChatProperties.class})
public class SkaldChatAutoConfiguration {
    /** Creates the configuration. */
    public SkaldChatAutoConfiguration() {}

    /**
     * Opens the model for the chat model and other beans.
     *
     * @param properties the properties that name the file
     * @return the model; the application closes it after all beans that use it
     */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    @ConditionalOnProperty("spring.ai.skald.model-path")
    public Model skaldModel(SkaldProperties properties) {
        return properties.open(properties.getModelPath(), "spring.ai.skald.model-path");
    }

    /**
     * Creates the chat model.
     *
     * @param model the application's own model, or the model of {@code spring.ai.skald.model-path}
     * @param properties the options of prompts
     * @param observations the registry that observes answers
     * @param convention the content of observations
     * @return the chat model
     */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(Model.class)
    public SkaldChatModel skaldChatModel(
            Model model,
            SkaldChatProperties properties,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<ChatModelObservationConvention> convention) {
        return SkaldChatModel.builder()
                .model(model)
                .options(properties.options())
                .chatOptions(properties::set)
                .observationRegistry(observations.getIfUnique(() -> ObservationRegistry.NOOP))
                .observationConvention(convention.getIfAvailable())
                .build();
    }

    /**
     * Lets running answers end before the application stops.
     *
     * @param model the chat model
     * @return a bean that waits for the answers
     */
    @Bean
    @ConditionalOnBean(SkaldChatModel.class)
    public SkaldShutdown skaldShutdown(SkaldChatModel model) {
        return new SkaldShutdown(model);
    }
}
