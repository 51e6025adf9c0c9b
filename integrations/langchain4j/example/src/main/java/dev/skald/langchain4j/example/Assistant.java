package dev.skald.langchain4j.example;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.service.AiServices;
import dev.skald.langchain4j.SkaldChatModel;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Services of LangChain4j on a model in this program: one that calls functions, and one that makes records of text. */
public final class Assistant {
    /** The data to find in a text. */
    public record Person(String name, int age, String town) {}

    /** Reads texts. */
    public interface People {
        Person read(String text);
    }

    /** Answers questions, and remembers the conversation. */
    public interface Helper {
        String ask(String question);
    }

    /** The functions that the model may call. */
    public static final class Weather {
        @Tool("The weather in a town.")
        public String weather(@P(name = "city", value = "The town") String city) {
            return city.equals("Tromsø") ? "-3 grader og snø" : "sol, 12 grader";
        }
    }

    private Assistant() {}

    /**
     * Asks some questions.
     *
     * @param args a GGUF file of a model that knows tools; nothing for the bundled model
     * @throws IOException if the bundled model cannot be written to a file
     */
    public static void main(String[] args) throws IOException {
        try (SkaldChatModel model = SkaldChatModel.builder()
                .modelPath(args.length > 0 ? Path.of(args[0]) : bundled())
                .temperature(0.0)
                .maxOutputTokens(200)
                // The bundled model has never read a schema. Larger ones fill a record better if they are told what it
                // is.
                .schemaInPrompt(args.length > 0)
                .build()) {
            Helper helper = AiServices.builder(Helper.class)
                    .chatModel(model)
                    .chatMemory(MessageWindowChatMemory.withMaxMessages(20))
                    .tools(new Weather())
                    .build();
            for (String question : new String[] {"Hvordan er været i Tromsø?", "Hva er hovedstaden i Norge?"}) {
                System.out.println("> " + question);
                System.out.println(helper.ask(question));
            }
            People people = AiServices.create(People.class, model);
            System.out.println(people.read("Kari er 41 år og bor i Bergen."));
        }
    }

    private static Path bundled() throws IOException {
        Path file = Files.createTempFile("skald-tiny-", ".gguf");
        file.toFile().deleteOnExit();
        return Files.write(file, TinyModel.gguf());
    }
}
