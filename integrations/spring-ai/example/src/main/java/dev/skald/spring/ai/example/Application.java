package dev.skald.spring.ai.example;

import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.ai.chat.client.AdvisorParams;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.annotation.ToolParam;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

/** A web service whose answers come from a model in the same program. */
@SpringBootApplication
@RestController
public class Application {
    private static final String MODEL = "spring.ai.skald.model-path";

    private final ChatClient client;

    Application(ChatClient.Builder builder) {
        client = builder.defaultTools(new Weather()).build();
    }

    /** What the model may call. */
    static final class Weather {
        @Tool(name = "weather", description = "The weather in a town.")
        String weather(@ToolParam(description = "The town") String city) {
            return city.equals("Tromsø") ? "-3 grader og snø" : "sol, 12 grader";
        }
    }

    /** A part of an answer. As an event's bare text it would lose its first space, which readers of events remove. */
    record Piece(String text) {}

    /** What is to be found in a text. */
    record Person(String name, int age, String town) {}

    /** Answers a question, with what functions say. */
    @GetMapping(path = "/ask", produces = "text/plain;charset=UTF-8")
    String ask(@RequestParam("question") String question) {
        return client.prompt().user(question).call().content();
    }

    /** Answers a question piece by piece, as server-sent events. */
    @GetMapping(path = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<Piece> stream(@RequestParam("question") String question) {
        return client.prompt().user(question).stream().content().map(Piece::new);
    }

    /** Finds a person in a text. */
    @GetMapping("/person")
    Person person(@RequestParam("text") String text) {
        return client.prompt()
                .advisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT)
                .user(text)
                .call()
                .entity(Person.class);
    }

    /**
     * Starts the service, on the bundled model if no other is named.
     *
     * @param args such as {@code --spring.ai.skald.model-path=model.gguf}
     * @throws IOException if the bundled model cannot be written to a file
     */
    public static void main(String[] args) throws IOException {
        SpringApplication application = new SpringApplication(Application.class);
        application.setDefaultProperties(Map.of(MODEL, bundled().toString()));
        application.run(args);
    }

    static Path bundled() throws IOException {
        Path file = Files.createTempFile("skald-tiny-", ".gguf");
        file.toFile().deleteOnExit();
        return Files.write(file, TinyModel.gguf());
    }
}
