package dev.skald.spring.ai.autoconfigure;

import dev.skald.runtime.Model;
import dev.skald.spring.ai.SkaldChatModel;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Reports whether a model is open, and what it is doing. It computes nothing and never waits, however busy the model
 * is.
 */
public class SkaldHealthIndicator implements HealthIndicator {
    private final Model model;
    private final SkaldChatModel chat;

    /**
     * Creates the indicator.
     *
     * @param model the model
     * @param chat the chat model on it
     */
    public SkaldHealthIndicator(Model model, SkaldChatModel chat) {
        this.model = model;
        this.chat = chat;
    }

    @Override
    public Health health() {
        String kernels;
        try {
            kernels = model.diagnostics().kernels();
        } catch (IllegalStateException closed) {
            return Health.down(closed).build();
        }
        return Health.up()
                .withDetail("model", chat.getOptions().getModel())
                .withDetail("contextLength", model.contextLength())
                .withDetail("weightBytes", model.weightBytes())
                .withDetail("kernels", kernels)
                .withDetail("running", chat.running())
                .build();
    }
}
