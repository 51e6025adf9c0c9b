package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.chat.ToolLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Offers functions to a model. If it calls one, the program runs it, and the model uses the result in its answer. */
public final class CallFunction {
    private static final ToolDefinition WEATHER = ToolDefinition.of("weather", "The weather in a town.", """
            {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}""");

    private static final ToolDefinition ADD = ToolDefinition.of("add", "Adds two numbers.", """
            {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}""");

    private CallFunction() {}

    /**
     * Asks questions that need a function, and shows the conversation.
     *
     * @param args a GGUF file of a model whose template knows tools, and questions
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        ToolLoop tools = new ToolLoop().add(WEATHER, CallFunction::weather).add(ADD, CallFunction::add);
        try (Model model = Model.open(Path.of(args[0]));
                Chat chat = model.newChat(c ->
                        c.tools(tools.definitions()).generation(g -> g.greedy().maxTokens(200)))) {
            for (int i = 1; i < args.length; i++) {
                tools.ask(chat, args[i]);
            }
            for (Message message : chat.messages()) {
                String calls = message instanceof Message.Assistant answer
                                && !answer.toolCalls().isEmpty()
                        ? " calls " + answer.toolCalls()
                        : "";
                System.out.println(message.role() + ": " + message.content() + calls);
            }
        }
    }

    /** The arguments always fit the schema, because the model cannot write others. Their values may still be wrong. */
    private static String weather(Map<String, Object> arguments) {
        return arguments.get("city").equals("Tromsø") ? "-3 grader og snø" : "sol, 12 grader";
    }

    private static String add(Map<String, Object> arguments) {
        return String.valueOf(((Number) arguments.get("a")).longValue() + ((Number) arguments.get("b")).longValue());
    }
}
