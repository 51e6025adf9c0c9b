package dev.skald.spring.ai.autoconfigure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Model;
import dev.skald.spring.ai.SkaldChatModel;
import dev.skald.spring.ai.SkaldChatOptions;
import dev.skald.spring.ai.SkaldEmbeddingModel;
import dev.skald.spring.ai.SkaldReranker;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class SkaldAutoConfigurationTest {
    @TempDir
    static Path folder;

    private static String file;

    @BeforeAll
    static void write() throws IOException {
        file = Files.write(folder.resolve("tiny.gguf"), TinyModel.gguf()).toString();
    }

    private static ApplicationContextRunner application(String... properties) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        SkaldChatAutoConfiguration.class,
                        SkaldEmbeddingAutoConfiguration.class,
                        SkaldRerankAutoConfiguration.class,
                        SkaldHealthAutoConfiguration.class))
                .withPropertyValues(properties);
    }

    @Test
    void withoutAFileThereIsNothing() {
        application().run(context -> {
            assertTrue(context.getBeansOfType(SkaldChatModel.class).isEmpty());
            assertTrue(context.getBeansOfType(SkaldEmbeddingModel.class).isEmpty());
            assertTrue(context.getBeansOfType(SkaldReranker.class).isEmpty());
            assertTrue(context.getBeansOfType(SkaldHealthIndicator.class).isEmpty());
        });
        application("spring.ai.skald.model-path=" + file, "spring.ai.model.chat=openai")
                .run(context ->
                        assertTrue(context.getBeansOfType(SkaldChatModel.class).isEmpty()));
    }

    @Test
    void propertiesMakeAChatModel() {
        AtomicReference<Model> model = new AtomicReference<>();
        application(
                        "spring.ai.skald.model-path=" + file,
                        "spring.ai.skald.threads=1",
                        "spring.ai.skald.prefix-cache=1MB",
                        "spring.ai.skald.chat.temperature=0",
                        "spring.ai.skald.chat.top-k=5",
                        "spring.ai.skald.chat.max-tokens=20",
                        "spring.ai.skald.chat.stop-sequences=ende",
                        "spring.ai.skald.chat.seed=3",
                        "spring.ai.skald.chat.context-length=512")
                .run(context -> {
                    SkaldChatModel chat = context.getBean(SkaldChatModel.class);
                    SkaldChatOptions options = chat.getOptions();
                    assertEquals(0.0, options.getTemperature());
                    assertEquals(5, options.getTopK());
                    assertEquals(20, options.getMaxTokens());
                    assertEquals(List.of("ende"), options.getStopSequences());
                    assertEquals(3L, options.getSeed());
                    assertTrue(chat.call("Hva er hovedstaden i Norge?").contains("Oslo"));
                    model.set(context.getBean(Model.class));
                    Health health = context.getBean(SkaldHealthIndicator.class).health();
                    assertEquals(Status.UP, health.getStatus());
                    assertEquals(0, health.getDetails().get("running"));
                    assertEquals(
                            model.get().diagnostics().kernels(),
                            health.getDetails().get("kernels"));
                });
        // The context has closed it.
        assertThrows(IllegalStateException.class, () -> model.get().diagnostics());
    }

    @Test
    void aFileThatIsMissingIsNamed() {
        application("spring.ai.skald.model-path=missing.gguf").run(context -> {
            String message = String.valueOf(context.getStartupFailure());
            assertTrue(message.contains("spring.ai.skald.model-path"), message);
        });
    }

    @Test
    void aModelThatEmbedsIsApart() {
        application(
                        "spring.ai.skald.embedding.model-path=" + file,
                        "spring.ai.skald.embedding.pooling=mean",
                        "spring.ai.skald.embedding.prompts=e5",
                        "spring.ai.skald.embedding.dimensions=64")
                .run(context -> {
                    assertEquals(64, context.getBean(SkaldEmbeddingModel.class).dimensions());
                    assertTrue(context.getBeansOfType(Model.class).isEmpty());
                });
        application("spring.ai.skald.rerank.model-path=" + file).run(context -> {
            String message = String.valueOf(context.getStartupFailure());
            assertTrue(message.contains("classifier"), message);
        });
    }

    /** While an answer waits in the middle, the health is told, and the shutdown waits for it. */
    @Test
    void healthDoesNotWaitAndShutdownDoes() {
        application("spring.ai.skald.model-path=" + file).run(context -> {
            SkaldChatModel chat = context.getBean(SkaldChatModel.class);
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            CompletableFuture<Integer> answer = CompletableFuture.supplyAsync(() -> chat.stream(new Prompt("Hei!"))
                    .doOnNext(piece -> {
                        begun.countDown();
                        try {
                            goOn.await(60, TimeUnit.SECONDS);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    })
                    .collectList()
                    .block()
                    .size());
            assertTrue(begun.await(60, TimeUnit.SECONDS));
            Health health = context.getBean(SkaldHealthIndicator.class).health();
            assertEquals(1, health.getDetails().get("running"));
            CompletableFuture<Void> stopped = new CompletableFuture<>();
            context.getBean(SkaldShutdown.class).stop(() -> stopped.complete(null));
            assertThrows(java.util.concurrent.TimeoutException.class, () -> stopped.get(200, TimeUnit.MILLISECONDS));
            assertFalse(stopped.isDone());
            goOn.countDown();
            stopped.get(60, TimeUnit.SECONDS);
            assertTrue(answer.get(60, TimeUnit.SECONDS) > 0);
            context.getBean(Model.class).close();
            assertEquals(
                    Status.DOWN,
                    context.getBean(SkaldHealthIndicator.class).health().getStatus());
        });
    }
}
