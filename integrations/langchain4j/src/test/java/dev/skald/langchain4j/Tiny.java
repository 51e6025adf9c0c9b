package dev.skald.langchain4j;

import dev.skald.runtime.Model;
import dev.skald.script.Script;
import dev.skald.script.Script.Line;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The bundled model, which all tests share, and what it is made to say where it cannot know the answer. */
final class Tiny {
    static final Path FILE = write();
    static final Model MODEL = open();
    static final String NAME = MODEL.metadata().getString("general.name");

    private static final String KLAUS_AND_FRANNY = "[{\"name\":\"Klaus\",\"age\":37,\"height\":1.78,\"married\":false},"
            + "{\"name\":\"Franny\",\"age\":35,\"height\":1.65,\"married\":true}]";

    /** What a language model of usual size would say to the questions of LangChain4j's suites. */
    static final Script SCRIPT = new Script(
            MODEL.tokenizer(),
            List.of(
                    // Services.
                    new Line("Use 'getWeather' tool", 0, call("getWeather", "{\"arg0\": \"Munich\"}")),
                    new Line("Use 'getWeather' tool", 1, "{\"city\":\"Munich\",\"weather\":\"SUNNY\"}"),
                    // Chat models.
                    new Line("What is the capital of Germany? How much is 2 + 2?", 0, "Berlin, and 2 + 2 is 4."),
                    new Line("Translate: 'I love you'", 0, "Ich liebe dich."),
                    new Line("What is my favorite color?", 0, "Your favorite color is green."),
                    new Line("Say 'Hello World'", 0, "Hello World"),
                    new Line("single 'city' field", 0, "{\"city\":\"Berlin\"}"),
                    new Line("What is the capital of Germany?\n\nAnswer with JSON", 0, "{\"city\":\"Berlin\"}"),
                    new Line("get_current_time", 0, call("get_current_time", "{}")),
                    new Line("get_current_time", 1, "The time is 10:14."),
                    new Line(
                            "weather in Munich and time in France",
                            0,
                            call("getWeather", "{\"city\": \"Munich\"}") + "\n"
                                    + call("getTime", "{\"country\": \"France\"}")),
                    new Line("weather in Munich and time in France", 2, "It is sunny in Munich, and 14:35 in France."),
                    new Line("I live in Munich", 0, call("getWeather", "{\"city\": \"Munich\"}")),
                    new Line(
                            "What is the weather in Munich?\n\nAnswer with JSON",
                            0,
                            call("getWeather", "{\"city\":\"Munich\"}")),
                    new Line("What is the weather in Munich?\n\nAnswer with JSON", 1, "{\"weather\":\"sunny\"}"),
                    new Line("What is the weather in Munich?", 1, "It is sunny in Munich."),
                    new Line("long story about animals", 0, "A fox met a hare. They walked to the lake. ".repeat(20)),
                    // Services.
                    new Line("What is the date today?", 0, call("currentDate", "{}")),
                    new Line("What is the date today?", 1, "Today is the first of December."),
                    // Services with tools.
                    new Line("How much is 37 plus 87? How much is 73 plus 78?", 0, add(37, 87) + "\n" + add(73, 78)),
                    new Line("How much is 37 plus 87? How much is 73 plus 78?", 2, "124 and 151"),
                    new Line("How much is 37 plus 87?", 0, add(37, 87)),
                    new Line("How much is 37 plus 87?", 1, "37 + 87 = 124"),
                    new Line("Now add 47", 0, add(124, 47)),
                    new Line("First add 2 and 3", 0, add(2, 3)),
                    new Line("First add 2 and 3", 1, call("multiply", "{\"arg0\": 5, \"arg1\": 4}")),
                    new Line("First add 2 and 3", 2, "The result is 20."),
                    new Line("Klaus is 37 years old, 1.78m height and single", 1, "Done."),
                    new Line(
                            "Use 'process' tool to process the following: Klaus is 37",
                            0,
                            process("{\"name\": \"Klaus\", \"age\": 37, \"height\": 1.78, \"married\": false}")),
                    new Line(
                            "Klaus lives in Langley Falls",
                            0,
                            process("{\"name\": \"Klaus\", \"address\": {\"city\": \"Langley Falls\"}}")),
                    new Line("Klaus lives in Langley Falls", 1, "Done."),
                    new Line(
                            "Use 'process' tool to process the following: Francine",
                            0,
                            process("{\"name\": \"Francine\", \"children\": [{\"name\": \"Steve\", \"children\": []},"
                                    + " {\"name\": \"Hayley\", \"children\": []}]}")),
                    new Line("Use 'process' tool to process the following: Francine", 1, "Done."),
                    new Line("Respond in HH:MM:SS", 0, call("currentTime", "{}")),
                    new Line("Respond in HH:MM:SS", 1, "17:11:45"),
                    new Line(
                            "current temperature in Munich",
                            0,
                            call("currentTemperature", "{\"arg0\": \"Munich\", \"arg1\": \"CELSIUS\"}")),
                    new Line("current temperature in Munich", 1, "19 degrees"),
                    new Line("Klaus is 42 years old", 0, process("{\"Klaus\": 42, \"Francine\": 47}")),
                    new Line("Klaus is 42 years old", 1, "Done."),
                    new Line(
                            "Process the following names",
                            0,
                            call("processNames", "{\"arg0\": [\"Klaus\", \"Franny\"]}")),
                    new Line("Process the following names", 1, "Done."),
                    new Line("Process the following colors", 0, process("[\"RED\", \"GREEN\"]")),
                    new Line("Process the following colors", 1, "Done."),
                    new Line("Process the following integers", 0, call("processNumbers", "{\"arg0\": [37, 73]}")),
                    new Line("Process the following integers", 1, "Done."),
                    new Line(
                            "Process the following people",
                            0,
                            process("[{\"name\": \"Klaus\"}, {\"name\": \"Franny\"}]")),
                    new Line("Process the following people", 1, "Done."),
                    new Line(
                            "What is the username",
                            0,
                            call("getUsernameFromId", "{\"arg0\": \"62dbcc27-aaf3-449a-b12d-5a904271a57f\"}")),
                    new Line("What is the username", 1, "The username is Alice."),
                    new Line("Call tool 'modify'", 0, call("modify", "{\"arg0\": 7}")),
                    new Line("Call tool 'modify'", 1, "Done."),
                    new Line("Take a photo", 0, call("takePhoto", "{}")),
                    // Services with schemas.
                    new Line("Extract if the person", 0, "{\"value\":true}"),
                    new Line("Extract number of people", 0, "{\"value\":2}"),
                    new Line("Extract temperature in Munich", 0, "{\"value\":-0.5}"),
                    new Line("Extract names of people", 0, "{\"values\":[\"Klaus\",\"Franny\"]}"),
                    new Line(
                            "Extract the person's information from the following text: Klaus is 37",
                            0,
                            "{\"name\":\"Klaus\",\"age\":37,\"height\":1.78,\"married\":false}"),
                    new Line("Do not include missing fields", 0, "{\"name\":\"Klaus\"}"),
                    new Line(
                            "Klaus wants a delivery",
                            0,
                            "{\"name\":\"Klaus\",\"shippingAddress\":{\"city\":\"Langley Falls\"},"
                                    + "\"billingAddress\":{\"city\":\"New York\"}}"),
                    new Line("following text: Klaus is single", 0, "{\"name\":\"Klaus\",\"maritalStatus\":\"SINGLE\"}"),
                    new Line(
                            "Klaus likes orange", 0, "{\"name\":\"Klaus\",\"favouriteColors\":[\"orange\",\"green\"]}"),
                    new Line(
                            "Klaus has 2 pets",
                            0,
                            "{\"name\":\"Klaus\",\"pets\":[{\"name\":\"Peanut\"},{\"name\":\"Muffin\"}]}"),
                    new Line("Klaus is assigned to groups", 0, "{\"name\":\"Klaus\",\"groups\":[\"A\",\"C\"]}"),
                    new Line(
                            "Klaus was born at 14:43",
                            0,
                            "{\"name\":\"Klaus\",\"birthDate\":{\"year\":1976,\"month\":8,\"day\":12},"
                                    + "\"birthTime\":{\"hour\":14,\"minute\":43,\"second\":0,\"nano\":0},"
                                    + "\"birthDateTime\":{\"date\":{\"year\":1976,\"month\":8,\"day\":12},"
                                    + "\"time\":{\"hour\":14,\"minute\":43,\"second\":0,\"nano\":0}}}"),
                    new Line(
                            "following text: Klaus and Francine",
                            0,
                            "{\"values\":[{\"name\":\"Klaus\"},{\"name\":\"Francine\"}]}"),
                    new Line("following text: Klaus", 0, "{\"name\":\"Klaus\"}"),
                    new Line(
                            "following text: Francine has 2 children",
                            0,
                            "{\"name\":\"Francine\",\"children\":[{\"name\":\"Steve\",\"children\":[]},"
                                    + "{\"name\":\"Hayley\",\"children\":[]}]}"),
                    new Line(
                            "Klaus can be identified",
                            0,
                            "{\"id\":\"567b229a-6b0a-4f1e-9006-448cd9dfbfda\",\"name\":\"Klaus\"}"),
                    new Line("Staniel", 0, "{\"values\":[\"SINGLE\",\"MARRIED\",\"MARRIED\"]}"),
                    new Line(
                            "Franny is 35 years old, 1.65m height and married.\n\nAnswer with JSON",
                            0,
                            "{\"values\":" + KLAUS_AND_FRANNY + "}"),
                    new Line("Klaus is 37 years old, 1.78m height and single.", 0, "{\"value\":\"SINGLE\"}"),
                    new Line(
                            "The weather in Berlin was sunny",
                            0,
                            "{\"values\":[\"SUNNY\",\"WINDY\",\"RAINY\",\"CLOUDY\"]}"),
                    new Line(
                            "Rex is a Labrador dog",
                            0,
                            "{\"value\":{\"type\":\"Dog\",\"name\":\"Rex\",\"breed\":\"Labrador\"}}"),
                    new Line(
                            "Rex is a Labrador. Whiskers",
                            0,
                            "{\"values\":[{\"type\":\"Dog\",\"name\":\"Rex\",\"breed\":\"Labrador\"},"
                                    + "{\"type\":\"Cat\",\"name\":\"Whiskers\",\"indoor\":true}]}"),
                    new Line(
                            "Alice owns a Labrador",
                            0,
                            "{\"name\":\"Alice\",\"pet\":{\"type\":\"Dog\",\"name\":\"Rex\",\"breed\":\"Labrador\"}}"),
                    new Line(
                            "Represent the literal expression",
                            0,
                            "{\"value\":{\"type\":\"Addition\",\"left\":{\"type\":\"Addition\","
                                    + "\"left\":{\"type\":\"Constant\",\"value\":1},"
                                    + "\"right\":{\"type\":\"Constant\",\"value\":2}},"
                                    + "\"right\":{\"type\":\"Constant\",\"value\":3}}}")));

    private Tiny() {}

    private static String call(String name, String arguments) {
        return "<tool_call>\n{\"name\": \"" + name + "\", \"arguments\": " + arguments + "}\n</tool_call>";
    }

    private static String process(String argument) {
        return call("process", "{\"arg0\": " + argument + "}");
    }

    private static String add(int a, int b) {
        return call("add", "{\"arg0\": " + a + ", \"arg1\": " + b + "}");
    }

    /** A builder of models that answer by the script, and by themselves where it says nothing. */
    static SkaldChatModel.Builder chat() {
        return SkaldChatModel.builder().model(MODEL).temperature(0.0).chatOptions(o -> o.generation(SCRIPT));
    }

    /** As {@link #chat}. */
    static SkaldStreamingChatModel.Builder streaming() {
        return SkaldStreamingChatModel.builder().model(MODEL).temperature(0.0).chatOptions(o -> o.generation(SCRIPT));
    }

    private static Path write() {
        try {
            Path file = Files.createTempFile("skald-tiny-", ".gguf");
            file.toFile().deleteOnExit();
            return Files.write(file, TinyModel.gguf());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Model open() {
        try {
            return Model.open(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
