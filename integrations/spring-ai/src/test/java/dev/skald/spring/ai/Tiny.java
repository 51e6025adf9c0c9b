package dev.skald.spring.ai;

import dev.skald.runtime.Model;
import dev.skald.script.Script;
import dev.skald.script.Script.Line;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The bundled model, and what it is made to say where it cannot know the answer. */
final class Tiny {
    static final Model MODEL = open();
    static final String NAME = MODEL.metadata().getString("general.name");

    private static final String THREE = "San Francisco, Tokyo, and Paris in Celsius";

    /** What a language model of usual size would say to the questions of Spring AI's suites. */
    static final Script SCRIPT = new Script(
            MODEL.tokenizer(),
            List.of(
                    new Line(
                            THREE,
                            0,
                            weather("San Francisco", 37.8, -122.4) + "\n" + weather("Tokyo", 35.7, 139.7) + "\n"
                                    + weather("Paris", 48.9, 2.4)),
                    new Line(THREE, 3, "San Francisco: 30, Tokyo: 10, Paris: 15 degrees."),
                    new Line("in Tokyo?", 0, weather("Tokyo", 35.7, 139.7))));

    private Tiny() {}

    private static String weather(String place, double latitude, double longitude) {
        return "<tool_call>\n{\"name\": \"getCurrentWeather\", \"arguments\": {\"lat\": " + latitude
                + ", \"location\": \"" + place + "\", \"lon\": " + longitude
                + ", \"unit\": \"C\"}}\n</tool_call>";
    }

    /** A builder of models that answer by the script, and by themselves where it says nothing. */
    static SkaldChatModel.Builder chat() {
        return SkaldChatModel.builder()
                .model(MODEL)
                .options(SkaldChatOptions.builder()
                        .temperature(0.0)
                        .maxTokens(400)
                        .build())
                // The results of three calls do not fit into the context that it was trained for.
                .chatOptions(o -> o.contextLength(2048).generation(SCRIPT));
    }

    private static Model open() {
        try {
            Path file = Files.createTempFile("skald-tiny-", ".gguf");
            file.toFile().deleteOnExit();
            return Model.open(Files.write(file, TinyModel.gguf()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
