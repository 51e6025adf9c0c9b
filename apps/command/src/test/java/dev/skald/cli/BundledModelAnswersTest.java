package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Chat;
import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
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
}
