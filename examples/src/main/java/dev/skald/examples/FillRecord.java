package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.record.Description;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Fills a record from a text. The model can write nothing but JSON that fits the record. */
public final class FillRecord {
    /** A way to reach somebody. */
    enum Channel {
        PHONE,
        MAIL
    }

    /** The facts that the model finds in the text. */
    record Person(
            @Description(value = "first and last name", maxLength = 40)
            String name,

            @Description("in years") int age,

            @Description("where the person lives, if that is said")
            Optional<String> town,

            Channel channel) {}

    private FillRecord() {}

    /**
     * Finds a person in a text.
     *
     * @param args a GGUF file of a chat model and a text
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        String text = args.length > 1 ? args[1] : "Kari Nordmann (41) bor i Bergen og kan nås på telefon.";
        try (Model model = Model.open(Path.of(args[0]));
                Chat chat =
                        model.newChat(c -> c.generation(g -> g.temperature(0).maxTokens(300)))) {
            Person person = chat.ask("Who is it? " + text, Person.class);
            System.out.println(person.name() + ", " + person.age() + " years, "
                    + person.town().orElse("somewhere") + ", " + person.channel());
        }
    }
}
