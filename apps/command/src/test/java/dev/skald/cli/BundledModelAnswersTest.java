package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.chat.ToolLoop;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the model in the jar answers, always the same, as its file recommends. That it is true is no matter of the model: see examples/tiny-model/training/facts.py. */
class BundledModelAnswersTest {
    @TempDir
    static Path folder;

    static Model model;

    @BeforeAll
    static void open() throws IOException {
        model = Model.open(BundledModel.copy(TinyModel.gguf(), folder));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Hva er hovedstaden i Norge?       | Oslo er hovedstaden i Norge.",
                "Kva er hovudstaden i Noreg?       | Oslo er hovudstaden i Noreg.",
                "What is the capital of Norway?    | Oslo is the capital of Norway.",
                "Hvilken by er hovedstaden i Norge?| Oslo er hovedstaden i Norge.",
                "Hvor ligger Ålesund?              | Ålesund ligger i Møre og Romsdal.",
                "Kva dag kjem etter laurdag?       | Etter laurdag kjem søndag.",
                "What is Norway's longest fjord?   | The Sognefjord is the longest fjord in Norway.",
                "Hva er 2 + 2?                     | 2 + 2 = 4",
                "Hva er hovedstaden i Andeby?      | Det vet jeg ikke.",
                "Kven er kongen i Sverige?         | Det veit eg ikkje.",
            })
    void itAnswers(String question, String answer) {
        try (Chat chat = model.newChat()) {
            assertEquals(answer, chat.ask(question));
        }
    }

    @Test
    void itFollowsAConversation() {
        try (Chat chat = model.newChat()) {
            chat.ask("Hva er hovedstaden i Norge?");
            assertEquals("Stockholm er hovedstaden i Sverige.", chat.ask("Og i Sverige?"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Hvordan er været i Bergen?      | {\"city\": \"Bergen\"} | Været i Bergen: sol, 12 grader.",
                "Korleis er vêret i Bodø?        | {\"city\": \"Bodø\"}   | Vêret i Bodø: sol, 12 grader.",
                "What is the weather in Oslo?    | {\"city\": \"Oslo\"}   | The weather in Oslo: sol, 12 grader.",
                "What is the capital of Norway?  | -                      | Oslo is the capital of Norway."
            })
    void itCallsATool(String question, String arguments, String answer) {
        List<String> called = new ArrayList<>();
        ToolLoop tools = new ToolLoop()
                .add(
                        ToolDefinition.of(
                                "get_weather",
                                "The weather in a town.",
                                "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}, \"required\":"
                                        + " [\"city\"]}"),
                        given -> {
                            called.add(new ToolCall("", "get_weather", given).argumentsJson());
                            return "sol, 12 grader";
                        });
        try (Chat chat = model.newChat(c -> c.tools(tools.definitions()))) {
            assertEquals(answer, tools.ask(chat, question));
            assertEquals(arguments.equals("-") ? List.of() : List.of(arguments), called);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Kari er 34 år og bor i Bergen. Svar med JSON. | {\"name\":\"Kari\",\"age\":34,\"city\":\"Bergen\"}",
                "Who is this? John is 56 years old and lives in Oslo. | {\"name\":\"John\",\"age\":56,\"city\":\"Oslo\"}"
            })
    void itFillsAForm(String text, String json) throws IOException {
        String schema = "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\"}, \"age\": {\"type\":"
                + " \"integer\"}, \"city\": {\"type\": \"string\"}}, \"required\": [\"name\", \"age\", \"city\"],"
                + " \"additionalProperties\": false}";
        ObjectMapper mapper = new ObjectMapper();
        try (Chat chat = model.newChat();
                Answer answer = chat.send(text, g -> g.jsonSchema(schema).maxTokens(60))) {
            assertEquals(mapper.readTree(json), mapper.readTree(answer.text()));
        }
    }
}
