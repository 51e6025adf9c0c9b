package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code skald chat} without a terminal. */
class ChatCommandTest {
    @TempDir
    static Path folder;

    static String tiny;

    @BeforeAll
    static void makeModel() {
        tiny = folder.resolve("tiny.gguf").toString();
        Ran.skald("synth", "--shape", "tiny", "--type", "Q8_0", tiny).succeeded();
    }

    @Test
    void aPipeGetsTheAnswerAndNothingElse() {
        Ran ran = Ran.withInput("Hva er hovedstaden i Norge?\n", "chat");
        String out = ran.succeeded();
        assertTrue(out.contains("Oslo"), out);
        assertEquals(1, out.lines().count(), out);
        assertTrue(out.endsWith("\n"));
        assertFalse(ran.err().contains("skald: "), ran.err());
    }

    @Test
    void aTextOfSeveralLinesIsOneMessage() {
        Ran ran = Ran.withInput("Hei!\n\nHvem er du?\n", "chat", "--stats");
        assertEquals(
                1, ran.err().lines().filter(line -> line.contains("generated")).count(), ran.err());
    }

    @Test
    void linesAreAMessageEachOfOneConversation() {
        Ran ran = Ran.withInput("Hei!\n\nHva er hovedstaden i Norge?\n", "chat", "--lines", "--stats");
        assertTrue(ran.succeeded().contains("Oslo"));
        var stats = ran.err().lines().filter(line -> line.contains("generated")).toList();
        assertEquals(2, stats.size(), ran.err());
        assertFalse(stats.get(0).contains("cached"), ran.err());
        assertTrue(stats.get(1).contains("cached"), ran.err());
    }

    @Test
    void theMessageMayStandOnTheLineOrInAFile() throws IOException {
        assertTrue(Ran.skald("chat", "-p", "Hva er hovedstaden i Norge?")
                .succeeded()
                .contains("Oslo"));
        Path file = Files.writeString(folder.resolve("question"), "Hva er hovedstaden i Norge?");
        assertTrue(Ran.skald("chat", "-f", file.toString()).succeeded().contains("Oslo"));
    }

    @Test
    void aSeedRepeatsAnAnswer() {
        String[] line = {
            "chat", "-m", tiny, "--template", "chatml", "-p", "er", "--temperature", "1", "--seed", "7", "-n", "9"
        };
        assertEquals(Ran.skald(line).succeeded(), Ran.skald(line).succeeded());
    }

    @Test
    void textThatIsNotUtf8IsAnErrorInLinesToo() throws IOException {
        Path file = Files.write(folder.resolve("latin1"), new byte[] {'b', 'l', (byte) 0xE5, '\n'});
        Ran ran = Ran.skald("chat", "-f", file.toString());
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("the text is not UTF-8 at byte 2"), ran.err());
        Ran lines = Ran.withBytes(Files.readAllBytes(file), "chat", "--lines");
        assertEquals(1, lines.code());
        assertTrue(lines.err().contains("skald: line 1: standard input: the text is not UTF-8"), lines.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n "})
    void anEmptyMessageIsWrongUsage(String input) {
        assertEquals(2, Ran.withInput(input, "chat").code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--template llama", "--context 0", "--overflow never", "--lines -p a", "--template chatml -n -1"
            })
    void valuesOutOfRangeAreWrongUsage(String options) {
        Ran ran = Ran.withInput("a", ("chat -m " + tiny + " " + options).split(" "));
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().contains("skald: "), ran.err());
    }

    @Test
    void aModelWithoutATemplateNamesTheChoices() {
        Ran ran = Ran.withInput("a", "chat", "-m", tiny);
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("[alpaca, chatml, llama2, llama3, mistral, normistral]"), ran.err());
    }

    @Test
    void aMessageLongerThanTheContextIsAnErrorWithTheNumbers() {
        Ran ran = Ran.withInput("er ".repeat(200), "chat", "-m", tiny, "--template", "chatml", "--context", "64");
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("context of 64"), ran.err());
    }

    @Test
    void aConversationGoesOnInAnotherProcess() throws IOException {
        Path file = folder.resolve("conversation");
        Ran.skald("chat", "-p", "Hei!", "--save", file.toString()).succeeded();
        long size = Files.size(file);
        Ran ran = Ran.skald(
                "chat",
                "-p",
                "Hva er hovedstaden i Norge?",
                "--load",
                file.toString(),
                "--save",
                file.toString(),
                "--stats");
        assertTrue(ran.succeeded().contains("Oslo"));
        assertTrue(ran.err().contains("cached"), ran.err());
        assertTrue(Files.size(file) >= size);
        Ran other = Ran.skald("chat", "-m", tiny, "--template", "chatml", "-p", "a", "--load", file.toString());
        assertEquals(1, other.code());
        assertTrue(other.err().contains("skald: " + file + " was saved with another model"), other.err());
    }
}
