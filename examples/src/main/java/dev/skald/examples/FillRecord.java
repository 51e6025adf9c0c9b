package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.record.Description;
import dev.skald.runtime.record.JsonType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Fills a record from a text. The model can write nothing but JSON that fits the record. */
public final class FillRecord {
    /** The facts that the model finds in the text. */
    record Person(
            @Description(value = "first name", maxLength = 40)
            String name,

            @Description("in years") int age,

            @Description("where the person lives, if that is said")
            Optional<String> town) {}

    private FillRecord() {}

    /**
     * Finds a person in a text.
     *
     * @param args a GGUF file of a chat model and a text
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        String text = args.length > 1 ? args[1] : "Kari er 41 år og bor i Bergen.";
        JsonType<Person> type = JsonType.of(Person.class);
        // With a larger model, chat.ask(text, Person.class) does this in one call, and shows the model the schema.
        try (Model model = Model.open(Path.of(args[0]));
                Chat chat =
                        model.newChat(c -> c.generation(g -> g.temperature(0).maxTokens(300)));
                Answer answer = chat.send("Who is this? " + text, g -> g.constraint(type.grammar()))) {
            Person person = type.read(answer.wholeText());
            System.out.println(person.name() + ", " + person.age() + " years, "
                    + person.town().orElse("somewhere"));
        }
    }
}
