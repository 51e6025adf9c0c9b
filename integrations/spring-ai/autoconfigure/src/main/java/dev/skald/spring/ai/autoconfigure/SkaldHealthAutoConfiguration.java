package dev.skald.spring.ai.autoconfigure;

import dev.skald.runtime.Model;
import dev.skald.spring.ai.SkaldChatModel;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Configures the health indicator of the chat model, if Spring Boot's health module is present. */
@AutoConfiguration(after = SkaldChatAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean({Model.class, SkaldChatModel.class})
@ConditionalOnEnabledHealthIndicator("skald")
public class SkaldHealthAutoConfiguration {
    /** Creates the configuration. */
    public SkaldHealthAutoConfiguration() {}

    /**
     * Creates the indicator.
     *
     * @param model the model
     * @param chat the chat model on it
     * @return its health
     */
    @Bean
    @ConditionalOnMissingBean(name = "skaldHealthIndicator")
    public SkaldHealthIndicator skaldHealthIndicator(Model model, SkaldChatModel chat) {
        return new SkaldHealthIndicator(model, chat);
    }
}
