package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ReasoningForm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.terminal.Attributes;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code skald chat} on a terminal that a test types on. */
@Timeout(600)
class ChatConsoleTest {
    @TempDir
    static Path folder;

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private LineDisciplineTerminal terminal;
    private Model model;
    private Chat chat;
    private Thread console;
    private int seen;
    private boolean hideReasoning;

    @BeforeEach
    void open() throws IOException {
        model = Model.open(BundledModel.file(), o -> o.threads(2));
        terminal = new LineDisciplineTerminal("test", "ansi", screen, StandardCharsets.UTF_8);
        chat = model.newChat(c -> c.generation(g -> g.greedy().maxTokens(200)));
    }

    @AfterEach
    void close() throws Exception {
        // The console's thread ends with its terminal, also when a test has failed.
        terminal.close();
        chat.close();
        model.close();
    }

    private void start(Optional<Path> history) {
        console = Thread.ofPlatform()
                .start(() -> new ChatConsole(
                                "A model", chat, terminal, history, false, hideReasoning, new Progress.Reading())
                        .run());
    }

    private void type(String text) throws IOException {
        terminal.processInputBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Waits for a text on the screen, after what has been waited for before. */
    private void await(String text) {
        while (true) {
            String all = screen.toString(StandardCharsets.UTF_8);
            int at = all.indexOf(text, seen);
            if (at >= 0) {
                seen = at + text.length();
                return;
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException late) {
                throw new AssertionError("\"" + text + "\" is not in " + all.substring(seen), late);
            }
        }
    }

    @Test
    void questionsAndCommands() throws Exception {
        start(Optional.empty());
        await("> ");
        type("Hva er hovedstaden i Norge?\r");
        await("Oslo");
        await("> ");
        type("/stats\r");
        await("generated");
        await(" of " + model.contextLength() + " tokens");
        await("> ");
        type("/system Svar kort.\r");
        await("from the next question on");
        await("> ");
        assertEquals(Message.system("Svar kort."), chat.messages().getFirst());
        type("/undo\r");
        await("Removed.");
        await("> ");
        assertEquals(List.of(Message.system("Svar kort.")), chat.messages());
        type("/undo\r");
        await("nothing to remove");
        await("> ");
        type("/system -\r");
        await("from the next question on");
        await("> ");
        assertEquals(List.of(), chat.messages());
        type("/help\r");
        await("Ctrl-C stops an answer");
        await("> ");
        type("/nothing\r");
        await("There is no command /nothing");
        await("> ");
        type("/quit\r");
        console.join();
    }

    @Test
    void aQuestionIsAskedAgainOrChanged() throws Exception {
        start(Optional.empty());
        await("> ");
        type("/again\r");
        await("no question yet");
        await("> ");
        type("Hva er hovedstaden i Norge?\r");
        await("Oslo");
        await("> ");
        type("/again\r");
        await("Oslo");
        await("> ");
        assertEquals(2, chat.messages().size());
        type("/edit\r");
        await("> Hva er hovedstaden i Norge?");
        type(" Takk!\r");
        await("> ");
        assertEquals(2, chat.messages().size());
        assertEquals(
                "Hva er hovedstaden i Norge? Takk!", chat.messages().getFirst().content());
        type("/reset\r");
        await("> ");
        type("\u0004");
        console.join();
        assertEquals(List.of(), chat.messages());
    }

    @Test
    void lettersOfAllKindsAndLinesThatGoOn() throws Exception {
        start(Optional.empty());
        await("> ");
        type("blåbær \\\r");
        await("… ");
        type("og 日本語 😀!!\r");
        await("> ");
        assertEquals("blåbær \nog 日本語 😀!!", chat.messages().getFirst().content());
        type("//etc/hosts\r");
        await("> ");
        assertEquals("/etc/hosts", chat.messages().get(2).content());
        type("/quit\r");
        console.join();
    }

    @Test
    void controlCStopsTheAnswerAndNotTheProgram() throws Exception {
        chat.close();
        chat = model.newChat(c -> c.contextLength(1 << 20)
                .generation(g -> g.ignoreEnd(true).seed(1).temperature(1)));
        start(Optional.empty());
        await("> ");
        type("Hei\r");
        await("Hei");
        await("\n");
        while (chat.tokens() < 30) {
            Thread.sleep(5);
        }
        type("\u0003");
        await("> ");
        assertEquals(2, chat.messages().size());
        assertFalse(chat.messages().getLast().content().isEmpty());
        type("\u0003");
        await("(Ctrl-D or /quit ends the chat)");
        await("> ");
        type("\u0004");
        console.join();
    }

    @Test
    void historyIsKeptInItsFile() throws Exception {
        Path history = folder.resolve("history");
        start(Optional.of(history));
        await("> ");
        type("/stats\r");
        await("> ");
        type("/quit\r");
        console.join();
        assertTrue(Files.readString(history).contains("/stats"));
    }

    @Test
    void anErrorIsALineAndTheChatGoesOn() throws Exception {
        chat.close();
        chat = model.newChat(c -> c.contextLength(48));
        start(Optional.empty());
        await("> ");
        type("x".repeat(300) + "\r");
        await("skald: ");
        await("context of 48");
        await("> ");
        type("/quit\r");
        console.join();
    }

    @ParameterizedTest
    @ValueSource(strings = {"exit", "quit", " exit ", "/bye", "/exit", "/quit"})
    void itEndsByTheWordsOfOtherPrograms(String word) throws Exception {
        start(Optional.empty());
        await("> ");
        type(word + "\r");
        console.join();
        assertEquals(List.of(), chat.messages());
    }

    @Test
    void whatIsTypedDuringAnAnswerIsTheNextLine() throws Exception {
        start(Optional.empty());
        await("> ");
        type("Hva er hovedstaden i Norge?\rHva er hovedstaden i Sverige?\r/system Vær");
        await("Oslo");
        await("Stockholm");
        await("/system Vær");
        type(" kort.\r");
        await("from the next question on");
        type("/quit\r");
        console.join();
        assertEquals(Message.system("Vær kort."), chat.messages().getFirst());
        assertEquals(5, chat.messages().size());
        // The terminal shows what is typed once more, as a shell wants it.
        assertTrue(terminal.getAttributes().getLocalFlag(Attributes.LocalFlag.ECHO));
    }

    @Test
    void aConversationIsSavedAndLoaded() throws Exception {
        Path file = folder.resolve("conversation");
        start(Optional.empty());
        await("> ");
        type("/save\r");
        await("/save FILE");
        await("> ");
        type("Hva er hovedstaden i Norge?\r");
        await("Oslo");
        await("> ");
        type("/save " + file + "\r");
        await("Saved to ");
        await("> ");
        type("/clear\r");
        await("starts again");
        await("> ");
        type("/load " + file + "\r");
        await("Loaded: 2 messages");
        await("> ");
        type("/load " + file + "x\r");
        await("skald: no such file");
        await("> ");
        type("/quit\r");
        console.join();
        assertEquals(2, chat.messages().size());
    }

    /** A model that writes these tokens, one after another. */
    private Chat saying(String text) {
        int[] tokens = model.tokenizer().encode(text);
        AtomicInteger next = new AtomicInteger();
        return model.newChat(c -> c.reasoning(new ReasoningForm("((", "))"))
                .generation(g -> g.maxTokens(tokens.length).step((candidates, history) -> {
                    int wanted = tokens[next.getAndIncrement()];
                    candidates.keepIf(i -> candidates.id(i) == wanted);
                })));
    }

    @Test
    void thoughtsAreDim() throws Exception {
        chat.close();
        chat = saying("((hm))svar");
        start(Optional.empty());
        await("> ");
        type("Hei\r");
        await("\u001B[2m");
        await("m\u001B[0m");
        await("svar");
        await("> ");
        type("/quit\r");
        console.join();
    }

    @Test
    void thoughtsCanBeHidden() throws Exception {
        chat.close();
        chat = saying("((hm))svar");
        hideReasoning = true;
        start(Optional.empty());
        await("> ");
        type("Hei\r");
        await("svar");
        await("> ");
        assertFalse(screen.toString(StandardCharsets.UTF_8).contains("\u001B[2m"));
        type("/quit\r");
        console.join();
    }

    @Test
    void thoughtsWithoutAnAnswerAreSaidToBeThat() throws Exception {
        chat.close();
        chat = saying("((hm");
        hideReasoning = true;
        start(Optional.empty());
        await("> ");
        type("Hei\r");
        await("-n allows more)");
        await("(" + ChatCommand.ONLY_THOUGHTS + ")");
        await("> ");
        type("/quit\r");
        console.join();
    }
}
