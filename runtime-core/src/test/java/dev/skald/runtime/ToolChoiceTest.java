package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.chat.ToolCallForm;
import dev.skald.runtime.chat.ToolChoice;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.chat.ToolLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A model with random weights, which would never call a function by itself, is made to call; and functions are run for it. */
class ToolChoiceTest extends ChatFixture {
    private static final ToolDefinition WEATHER = ToolDefinition.of(
            "weather",
            "The weather in a town.",
            "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\", \"enum\": [\"Oslo\", \"Bodø\"]}, \"days\":"
                    + " {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 9}}, \"required\": [\"city\"],"
                    + " \"additionalProperties\": false}");
    private static final ToolDefinition TIME = ToolDefinition.of(
            "time", "The time.", "{\"type\": \"object\", \"properties\": {}, \"additionalProperties\": false}");

    private static void checkArguments(ToolCall call) {
        if (call.name().equals("time")) {
            assertEquals("{}", call.argumentsJson());
            return;
        }
        assertEquals("weather", call.name());
        assertTrue(Set.of("Oslo", "Bodø").contains(call.arguments().get("city")), call.argumentsJson());
        if (call.arguments().get("days") instanceof Object days) {
            assertTrue(
                    days instanceof Number number
                            && Set.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)
                                    .contains(number.doubleValue()),
                    call.argumentsJson());
        }
        assertTrue(Set.of("city", "days").containsAll(call.arguments().keySet()));
    }

    @ParameterizedTest
    @EnumSource
    void callsThatAreRequired(ToolCallForm form) {
        for (int seed = 0; seed < 3; seed++) {
            long repeatable = seed;
            try (Chat chat = chat(c -> c.tools(List.of(WEATHER, TIME))
                    .toolCalls(form)
                    .parallelToolCalls(false)
                    .toolChoice(ToolChoice.REQUIRED)
                    .generation(g -> g.seed(repeatable).temperature(1).maxTokens(400)))) {
                List<ToolCallDelta> deltas = new ArrayList<>();
                try (Answer answer = chat.send("Hei")) {
                    answer.forEach(token -> deltas.addAll(answer.takeToolCallDeltas()));
                    assertEquals(1, answer.toolCalls().size(), () -> form + " " + chat.messages());
                    checkArguments(answer.toolCalls().getFirst());
                    String arguments = String.join(
                            "", deltas.stream().map(ToolCallDelta::arguments).toList());
                    ToolCall call = answer.toolCalls().getFirst();
                    assertEquals(call, ToolCall.of(call.id(), deltas.getFirst().name(), arguments));
                }
                assertEquals("", chat.messages().getLast().content());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFunctionThatIsNamed(ToolCallForm form) {
        try (Chat chat = chat(c -> c.tools(List.of(WEATHER, TIME))
                        .toolCalls(form)
                        .toolChoice(ToolChoice.named("time"))
                        .generation(g -> g.seed(1).temperature(1).maxTokens(400)));
                Answer answer = chat.send("Hei")) {
            answer.text();
            assertEquals(1, answer.toolCalls().size());
            assertEquals("time", answer.toolCalls().getFirst().name());
            checkArguments(answer.toolCalls().getFirst());
        }
    }

    /** The model is made to write the beginning of a call, and after that only a call is possible. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "HERMES; Vent. <tool_call>",
                "QWEN_XML; Vent. <tool_call>",
                "MISTRAL; Vent. [TOOL_CALLS]",
                "GEMMA; Vent. <|tool_call>",
                "LLAMA3; '{\"name\": \"weather\", \"parameters\": '",
                "HARMONY; <|channel|>commentary to=functions.weather <|constrain|>json<|message|>"
            })
    void aCallThatBeginsIsHeldToItsSchema(ToolCallForm form, String begin) {
        try (Chat chat = chat(c -> c.tools(List.of(WEATHER))
                        .toolCalls(form)
                        .parallelToolCalls(false)
                        .generation(g -> g.seed(2).temperature(1).maxTokens(2000)));
                Answer answer = chat.send("Hei", sayingFirst(model.tokenizer().encode(begin)))) {
            for (var token : answer) {
                if (!answer.toolCalls().isEmpty()) {
                    break;
                }
            }
            assertFalse(answer.toolCalls().isEmpty(), () -> chat.messages().toString());
            answer.toolCalls().forEach(ToolChoiceTest::checkArguments);
        }
    }

    /** An answer with a grammar fits the grammar or is a call. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HARMONY")
    void anAnswerOfItsOwnGrammarOrACall(ToolCallForm form) {
        Set<String> seen = new HashSet<>();
        for (int seed = 0; seed < 40 && seen.size() < 2; seed++) {
            long repeatable = seed;
            try (Chat chat = chat(c -> c.tools(List.of(WEATHER))
                            .toolCalls(form)
                            .parallelToolCalls(false)
                            .generation(g -> g.seed(repeatable).temperature(3).maxTokens(400)));
                    Answer answer = chat.send(
                            "Hei",
                            g -> g.sampler(s -> s.topK(0).topP(1).minP(0)).choice("ja", "nei"))) {
                String text = answer.text();
                if (answer.toolCalls().isEmpty()) {
                    assertTrue(Set.of("ja", "nei").contains(text), text);
                    seen.add("text");
                } else {
                    assertEquals("", text);
                    answer.toolCalls().forEach(ToolChoiceTest::checkArguments);
                    seen.add("call");
                }
            }
        }
        assertEquals(Set.of("text", "call"), seen);
    }

    @Test
    void choicesThatCannotBe() {
        var unknown = assertThrows(
                IllegalArgumentException.class,
                () -> chat(c -> c.tools(List.of(TIME)).toolChoice(ToolChoice.named("weather"))));
        assertTrue(unknown.getMessage().contains("[time]"), unknown.getMessage());
        assertThrows(IllegalArgumentException.class, () -> chat(c -> c.toolChoice(ToolChoice.REQUIRED)));
        assertThrows(IllegalArgumentException.class, () -> new ToolChoice(ToolChoice.Mode.NAMED, ""));
        try (Chat chat = chat(c -> c.tools(List.of(TIME)).toolChoice(ToolChoice.REQUIRED))) {
            var both = assertThrows(IllegalArgumentException.class, () -> chat.send("Hei", g -> g.choice("ja", "nei")));
            assertTrue(both.getMessage().contains("REQUIRED"), both.getMessage());
            assertThrows(IllegalArgumentException.class, () -> chat.toolChoice(ToolChoice.NONE));
        }
    }

    @Test
    void withoutAChoiceThereAreNoTools() {
        try (Chat plain = chat(c -> {});
                Chat none = chat(c -> c.tools(List.of(TIME)).toolChoice(ToolChoice.NONE))) {
            try (Answer one = plain.send("Hei", saying("<tool_call>{}"));
                    Answer other = none.send("Hei", saying("<tool_call>{}"))) {
                assertEquals(one.text(), other.text());
                assertEquals(one.result().promptTokens(), other.result().promptTokens());
            }
        }
    }

    private static String call(String name, String arguments) {
        return "<tool_call>\n{\"name\": \"" + name + "\", \"arguments\": " + arguments + "}\n</tool_call>";
    }

    /** Returns the messages of a conversation with functions, in which the model gives some answers one after another. */
    private static List<Message> loop(ToolLoop tools, String... answers) {
        List<String> left = new ArrayList<>(List.of(answers));
        try (Chat chat = chat(c -> c.tools(tools.definitions()).constrainCalls(false))) {
            tools.ask(
                    chat,
                    List.of(Message.user("Hei")),
                    g -> saying(left.removeFirst()).accept(g));
            assertTrue(left.isEmpty());
            return chat.messages();
        }
    }

    @Test
    void resultsAreSentBackUntilThereIsAnAnswer() {
        ToolLoop tools = new ToolLoop()
                .add(WEATHER, arguments -> "sol i " + arguments.get("city"))
                .add(TIME, arguments -> "12:00");
        List<Message> messages = loop(
                tools,
                "Vent." + call("weather", "{\"city\": \"Oslo\"}") + call("time", "{}"),
                call("time", "{}"),
                "Sol.");
        assertEquals(
                List.of(
                        "user Hei",
                        "assistant Vent.",
                        "tool sol i Oslo",
                        "tool 12:00",
                        "assistant ",
                        "tool 12:00",
                        "assistant Sol."),
                messages.stream().map(m -> m.role() + " " + m.content()).toList());
    }

    @Test
    void errorsAreToldToTheModel() {
        ToolLoop tools = new ToolLoop()
                .add(WEATHER, arguments -> {
                    throw new IOException("no network");
                })
                .add(TIME, arguments -> null);
        List<Message> messages = loop(tools, call("weather", "{}") + call("time", "{}") + call("magic", "{}"), "Nei.");
        assertEquals(
                List.of(
                        "Error: no network",
                        "Error: the function has no result",
                        "Error: there is no function magic, only [weather, time]"),
                messages.subList(2, 5).stream().map(Message::content).toList());
    }

    @Test
    void aModelThatNeverAnswersIsStopped() {
        ToolLoop tools = new ToolLoop().add(TIME, arguments -> "12:00").maxRounds(2);
        try (Chat chat = chat(c -> c.tools(tools.definitions()).constrainCalls(false))) {
            var error = assertThrows(
                    IllegalStateException.class,
                    () -> tools.ask(
                            chat,
                            List.of(Message.user("Hei")),
                            g -> saying(call("time", "{}")).accept(g)));
            assertTrue(error.getMessage().contains("2 times"), error.getMessage());
            assertEquals(6, chat.messages().size());
        }
    }

    @Test
    void aRequiredCallIsNotRequiredTwice() {
        ToolLoop tools = new ToolLoop().add(TIME, arguments -> "12:00").maxRounds(1);
        try (Chat chat = chat(c -> c.tools(tools.definitions())
                .toolChoice(ToolChoice.REQUIRED)
                .parallelToolCalls(false)
                .generation(g -> g.seed(3).maxTokens(120)))) {
            tools.ask(chat, "Hei");
            assertFalse(((Message.Assistant) chat.messages().get(1)).toolCalls().isEmpty());
            assertEquals("12:00", chat.messages().get(2).content());
            assertEquals(4, chat.messages().size());
        }
    }

    @Test
    void anInterruptEndsTheLoop() {
        ToolLoop tools = new ToolLoop().add(TIME, arguments -> {
            throw new InterruptedException();
        });
        assertThrows(CancellationException.class, () -> tools.run(ToolCall.of("", "time", "{}")));
        assertTrue(Thread.interrupted());
    }
}
