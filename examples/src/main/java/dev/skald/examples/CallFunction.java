package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A model that may ask for a function of the program: the program calls it, and the model goes on with the result. */
public final class CallFunction {
    private static final ToolDefinition WEATHER = ToolDefinition.of("weather", "Tells the weather in a city", """
            {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}""");

    private CallFunction() {}

    /**
     * Asks a question and answers the model's calls until it answers in text.
     *
     * @param args a GGUF file of a model that has learned ChatML and Hermes' form of calls, and a question
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        String question = args.length > 1 ? args[1] : "Hvordan er været i Tromsø?";
        // Leave the template out where the file's own knows tools.
        try (Model model = Model.open(Path.of(args[0]));
                Chat chat = model.newChat(c -> c.template("chatml").tools(List.of(WEATHER)))) {
            List<Message> next = List.of(Message.user(question));
            for (int round = 0; round < 5 && !next.isEmpty(); round++) {
                try (Answer answer = chat.send(next, g -> g.greedy().maxTokens(200))) {
                    System.out.println(answer.text());
                    next = call(answer.toolCalls());
                }
            }
        }
    }

    /** What a model writes is not to be trusted: names and arguments are checked before anything is called. */
    private static List<Message> call(List<ToolCall> calls) {
        List<Message> results = new ArrayList<>();
        for (ToolCall call : calls) {
            boolean known = call.name().equals("weather") && call.arguments().get("city") instanceof String;
            results.add(Message.tool(call, known ? "{\"sky\": \"snow\", \"celsius\": -3}" : "no such function"));
        }
        return results;
    }
}
