package dev.skald.runtime.chat;

import dev.skald.runtime.check.Checks;
import dev.skald.runtime.generate.GenerationOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * Functions that a model may call, and the conversation with it until it answers by text: what it asks for is run, and the
 * results are sent back.
 *
 * {@snippet :
 * ToolLoop tools = new ToolLoop().add(
 *         ToolDefinition.of("weather", "The weather in a town.", """
 *                 {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}"""),
 *         arguments -> "sol, 12 grader");
 * try (Chat chat = model.newChat(c -> c.tools(tools.definitions()))) {
 *     System.out.println(tools.ask(chat, "Hvordan er været i Bergen?"));
 * }
 * }
 *
 * <p>A function runs on the thread that asks, one after the other. What it throws is told to the model, as is a name that it
 * has made up; an {@link Error} and an interrupt are not. To be set up by one thread, and used by any number, each with a
 * chat of its own.
 */
public final class ToolLoop {
    private static final int USUAL_ROUNDS = 8;

    /** What is run when the model calls. */
    @FunctionalInterface
    public interface Function {
        /**
         * Runs.
         *
         * @param arguments by name, as the model wrote them: String, Boolean, Number, List, Map and null
         * @return what the model is told, often JSON
         * @throws Exception whose message the model is told
         */
        String call(Map<String, Object> arguments) throws Exception;
    }

    private final Map<String, Function> functions = new LinkedHashMap<>();
    private final List<ToolDefinition> definitions = new ArrayList<>();
    private int maxRounds = USUAL_ROUNDS;

    /** No functions yet. */
    public ToolLoop() {}

    /**
     * Adds a function.
     *
     * @param definition what the model is told of it
     * @param function what is run
     * @return this
     * @throws IllegalArgumentException if there is one of this name already
     */
    public ToolLoop add(ToolDefinition definition, Function function) {
        Objects.requireNonNull(function, "function");
        if (functions.putIfAbsent(definition.name(), function) != null) {
            throw new IllegalArgumentException("there are two functions of the name " + definition.name());
        }
        definitions.add(definition);
        return this;
    }

    /**
     * Sets how often the model may call before it must have answered. By default 8 times, with any number of functions each.
     *
     * @param rounds 1 or more
     * @return this
     * @throws IllegalArgumentException if less than 1
     */
    public ToolLoop maxRounds(int rounds) {
        maxRounds = Checks.range("maxRounds", rounds, 1, Integer.MAX_VALUE);
        return this;
    }

    /**
     * The functions, for {@link ChatOptions#tools}.
     *
     * @return in the order they were added
     */
    public List<ToolDefinition> definitions() {
        return List.copyOf(definitions);
    }

    /**
     * Says something and waits for the answer, running functions until it comes.
     *
     * @param chat opened with these {@link #definitions}
     * @param text what the user says
     * @return the answer; the conversation has the calls and their results too
     * @throws IllegalStateException if the model has called {@code maxRounds} times and calls again; the conversation then ends
     *     with calls that have no results
     * @throws CancellationException if the thread is interrupted, or the answer cancelled by closing the chat
     */
    public String ask(Chat chat, String text) {
        return ask(chat, List.of(Message.user(text)), options -> {});
    }

    /**
     * As {@link #ask(Chat, String)}, with messages and settings. Once the model has called, a {@link Chat#toolChoice} that made
     * it do so becomes {@link ToolChoice#AUTO}.
     *
     * @param chat opened with these {@link #definitions}
     * @param messages what is said
     * @param settings changes the chat's settings for each answer
     * @return the answer
     * @throws IllegalStateException as above
     * @throws CancellationException as above
     */
    public String ask(Chat chat, List<? extends Message> messages, Consumer<GenerationOptions> settings) {
        List<? extends Message> more = messages;
        for (int round = 0; ; round++) {
            List<ToolCall> calls;
            String text;
            try (Answer answer = chat.send(more, settings)) {
                text = answer.wholeText();
                calls = answer.toolCalls();
            }
            if (calls.isEmpty()) {
                return text;
            }
            if (round == maxRounds) {
                throw new IllegalStateException("the model has called functions " + maxRounds
                        + " times and calls again ("
                        + calls.getFirst().name() + " " + calls.getFirst().argumentsJson()
                        + "): let it have more rounds by maxRounds, or look at what the functions tell it");
            }
            chat.toolChoice(ToolChoice.AUTO);
            more = calls.stream().map(this::run).toList();
        }
    }

    /**
     * Runs one call.
     *
     * @param call what the model asks for
     * @return what it is told: the result, or {@code Error:} and what went wrong
     * @throws CancellationException if the function was interrupted; the thread then is, too
     */
    public Message run(ToolCall call) {
        Function function = functions.get(call.name());
        if (function == null) {
            return Message.tool(call, "Error: there is no function " + call.name() + ", only " + functions.keySet());
        }
        try {
            return Message.tool(
                    call, Objects.requireNonNull(function.call(call.arguments()), "the function has no result"));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the function " + call.name() + " was interrupted");
        } catch (Exception failed) {
            String why = failed.getMessage();
            return Message.tool(
                    call, "Error: " + (why == null ? failed.getClass().getSimpleName() : why));
        }
    }
}
