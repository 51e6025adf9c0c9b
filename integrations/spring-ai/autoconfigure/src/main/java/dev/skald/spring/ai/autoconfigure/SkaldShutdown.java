package dev.skald.spring.ai.autoconfigure;

import dev.skald.spring.ai.SkaldChatModel;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/**
 * Waits for running answers when the application stops, up to {@code spring.lifecycle.timeout-per-shutdown-phase}.
 * After that the model is closed, which cancels the remaining answers.
 */
public class SkaldShutdown implements SmartLifecycle {
    /** After the web server has stopped accepting requests, and before it abandons its open requests. */
    private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 1536;

    private static final Duration LOOK = Duration.ofMillis(20);

    private final SkaldChatModel model;
    private volatile boolean started;

    /**
     * Creates the bean.
     *
     * @param model the model whose answers to wait for
     */
    public SkaldShutdown(SkaldChatModel model) {
        this.model = model;
    }

    @Override
    public void start() {
        started = true;
    }

    @Override
    public void stop(Runnable done) {
        Thread.ofVirtual().name("skald-shutdown").start(() -> {
            try {
                while (model.running() > 0) {
                    Thread.sleep(LOOK);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                started = false;
                done.run();
            }
        });
    }

    @Override
    public void stop() {
        started = false;
    }

    @Override
    public boolean isRunning() {
        return started;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
