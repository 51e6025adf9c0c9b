package dev.skald.langchain4j.quarkus;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.skald.langchain4j.SkaldChatModel;
import dev.skald.langchain4j.SkaldStreamingChatModel;
import dev.skald.runtime.Model;
import dev.skald.tiny.TinyModel;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes a model a bean, and the chat models that share it. */
@Dependent
public class Models {
    /** Opens the model when the application starts, so that no request waits for it. */
    @Produces
    @Singleton
    @Startup
    Model model(@ConfigProperty(name = "skald.model-path") Optional<Path> path) throws IOException {
        return Model.open(path.isPresent() ? path.get() : bundled());
    }

    /** Waits for the answers that are being written. */
    void close(@Disposes Model model) {
        model.close();
    }

    @Produces
    @Singleton
    ChatModel chat(Model model) {
        return SkaldChatModel.builder()
                .model(model)
                .temperature(0.0)
                .maxOutputTokens(200)
                .build();
    }

    @Produces
    @Singleton
    StreamingChatModel streaming(Model model) {
        return SkaldStreamingChatModel.builder()
                .model(model)
                .temperature(0.0)
                .maxOutputTokens(200)
                .build();
    }

    private static Path bundled() throws IOException {
        Path file = Files.createTempFile("skald-tiny-", ".gguf");
        file.toFile().deleteOnExit();
        return Files.write(file, TinyModel.gguf());
    }
}
