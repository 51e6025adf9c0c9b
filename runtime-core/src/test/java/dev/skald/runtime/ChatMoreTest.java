package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.ChatTemplate;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.Overflow;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallForm;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.session.OpenSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Chats that call functions, are copied and saved, shift their cache, and are ended from outside. */
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChatMoreTest {
    private static final TestVocabulary VOCABULARY = TestVocabulary.chat();
    private static final ToolDefinition WEATHER = ToolDefinition.of(
            "weather",
            "Tells the weather",
            "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}}");

    @TempDir
    static Path folder;

    private static Model model;

    @BeforeAll
    static void open() throws IOException {
        model = Model.open(
                new TestModel()
                        .vocabulary(VOCABULARY)
                        .with("context_length", 1 << 20)
                        .write(folder.resolve("m.gguf")),
                o -> o.threads(2).batchSize(32).prefixCache(0));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Chat chat(Consumer<ChatOptions> settings) {
        return model.newChat(settings.andThen(c -> c.template("chatml")));
    }

    private static Consumer<GenerationOptions> saying(String text) {
        return ChatFixture.saying(tokens(text + "<|im_end|>"));
    }

    private static int[] tokens(String text) {
        return model.tokenizer().encode(text, false, true);
    }

    private static GenerationResult say(Chat chat, String question, String answer) {
        try (Answer generation = chat.send(question, saying(answer))) {
            assertEquals(answer, generation.text());
            return generation.result();
        }
    }

    // Tools

    @Test
    void aCallIsNoTextAndItsResultIsAnswered() {
        try (Chat chat = chat(c -> c.tools(List.of(WEATHER)).constrainCalls(false))) {
            String call =
                    "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Troms\u00f8\"}}\n</tool_call>";
            ToolCall expected = ToolCall.of("", "weather", "{\"city\": \"Troms\u00f8\"}");
            try (Answer generation = chat.send("Blir det regn?", saying("Vent.\n" + call))) {
                assertEquals("Vent.\n", generation.text());
                assertEquals(List.of(expected), generation.toolCalls());
            }
            assertEquals(
                    new Message.Assistant("Vent.", Optional.empty(), List.of(expected)),
                    chat.messages().getLast());
            int before = chat.tokens();
            try (Answer generation = chat.send(List.of(Message.tool(expected, "sn\u00f8")), saying("Nei, sn\u00f8."))) {
                assertEquals("Nei, sn\u00f8.", generation.text());
                assertEquals(List.of(), generation.toolCalls());
                // The template writes the call as the model did.
                assertEquals(before, generation.result().cachedTokens());
            }
            assertEquals(4, chat.messages().size());
        }
    }

    @Test
    void aCallBehindAControlToken() {
        ChatTemplate template = ChatTemplate.compile(
                "{% for t in tools or [] %}{{ t.function.name }}{% endfor %}{% for m in messages %}{{ m.content }}\n{% endfor %}"
                        + "{% for m in messages if m.tool_calls %}[TOOL_CALLS][{% for c in m.tool_calls %}{\"name\": "
                        + "{{ c.function.name | tojson }}, \"arguments\": {{ c.function.arguments | tojson }}}{% endfor %}]{% endfor %}");
        int[] answer =
                tokens("[TOOL_CALLS][{\"name\": \"weather\", \"arguments\": {}, \"id\": \"abc123456\"}]<|im_end|>");
        try (Chat chat = model.newChat(
                        c -> c.template(template).tools(List.of(WEATHER)).constrainCalls(false));
                Answer generation = chat.send("a", ChatFixture.saying(answer))) {
            assertEquals("", generation.text());
            assertEquals(List.of(ToolCall.of("abc123456", "weather", "{}")), generation.toolCalls());
        }
    }

    @Test
    void withoutToolsACallIsText() {
        String call = "<tool_call>{\"name\": \"weather\", \"arguments\": {}}</tool_call>";
        try (Chat chat = chat(c -> {})) {
            say(chat, "a", call);
            assertEquals(Message.assistant(call), chat.messages().getLast());
        }
    }

    @Test
    void aTemplateWithoutAPlaceForToolsIsRefused() {
        ChatTemplate template = ChatTemplate.compile("{% for m in messages %}{{ m.content }}{% endfor %}");
        UnsupportedModelException error = assertThrows(
                UnsupportedModelException.class,
                () -> model.newChat(c -> c.template(template).tools(List.of(WEATHER))));
        assertTrue(
                error.getMessage().contains("[HERMES, LLAMA3, MISTRAL, QWEN_XML, GEMMA, HARMONY]"), error::getMessage);
        model.newChat(c -> c.template(template).tools(List.of(WEATHER)).toolCalls(ToolCallForm.HERMES))
                .close();
    }

    // Copies and files

    @Test
    void forksAnswerOneQuestionInSeveralWays() {
        try (Chat chat = chat(c -> c.system("Svar kort."))) {
            say(chat, "question", "answer");
            int before = chat.tokens();
            try (Chat one = chat.fork();
                    Chat other = chat.fork()) {
                assertEquals(chat.cacheBytes(), one.cacheBytes());
                assertEquals(before, say(one, "and?", "this").cachedTokens());
                assertEquals(before, say(other, "and?", "that").cachedTokens());
                assertEquals(5, one.messages().size());
                assertEquals("this", one.messages().getLast().content());
                assertEquals("that", other.messages().getLast().content());
                assertEquals(3, chat.messages().size());
            }
        }
    }

    @Test
    void aSavedChatGoesOnWithNothingToComputeAnew() throws IOException {
        Path file = folder.resolve("chat");
        ToolCall call = ToolCall.of("id", "weather", "{\"city\": \"Oslo\", \"days\": [1, 2.5, null, true]}");
        int before;
        List<Message> messages;
        try (Chat chat = chat(c -> c.system("Svar kort.")
                .messages(List.of(
                        Message.user("\ud83d\ude00 \"quoted\" \u0000"),
                        new Message.Assistant("a", Optional.of("thought"), List.of(call)),
                        Message.tool(call, "regn"))))) {
            say(chat, "question", "answer");
            chat.save(file);
            before = chat.tokens();
            messages = chat.messages();
        }
        try (Chat chat = chat(c -> c.system("another"))) {
            say(chat, "x", "y");
            chat.load(file);
            assertEquals(messages, chat.messages());
            assertEquals(before, say(chat, "and?", "so").cachedTokens());
        }
        Files.delete(file);
    }

    @Test
    void filesThatAreNoChatsLeaveTheConversationAsItWas() throws IOException {
        Path file = folder.resolve("no-chat");
        try (Chat chat = chat(c -> {});
                Session session = model.newSession()) {
            say(chat, "a", "b");
            session.feed(1, 2, 3);
            session.save(file);
            String message =
                    assertThrows(IOException.class, () -> chat.load(file)).getMessage();
            assertTrue(message.startsWith(file + " has no conversation"), message);
            for (String json : List.of(
                    "{",
                    "[]",
                    "{}",
                    "{\"messages\": [{\"role\": \"king\", \"content\": \"\"}]}",
                    "{\"messages\": [], \"text\": \"\", \"tokens\": [99999], \"answers\": [], \"dropped\": 0, \"gap\": [0, 0]}",
                    "{\"messages\": [], \"text\": \"\", \"tokens\": [], \"answers\": [[0, 0, 1]], \"dropped\": 0, \"gap\": [0, 0]}",
                    "{\"messages\": [], \"text\": \"\", \"tokens\": [], \"answers\": [[0]], \"dropped\": 0, \"gap\": [0, 0]}",
                    "{\"messages\": [], \"text\": \"\", \"tokens\": [], \"answers\": [], \"dropped\": 1, \"gap\": [0, 0]}",
                    "{\"messages\": [], \"text\": \"\", \"tokens\": [1], \"answers\": [], \"dropped\": 0, \"gap\": [1, 1]}",
                    "{\"messages\": [], \"text\": \"\", \"tokens\": [1], \"answers\": [], \"dropped\": 0, \"gap\": []}")) {
                ((OpenSession) session).save(file, json.getBytes(StandardCharsets.UTF_8));
                String reason = assertThrows(IOException.class, () -> chat.load(file), json)
                        .getMessage();
                assertTrue(reason.startsWith(file + " is damaged: its conversation"), reason);
            }
            assertEquals(List.of(Message.user("a"), Message.assistant("b")), chat.messages());
            say(chat, "c", "d");
        }
        Files.delete(file);
    }

    // A cache that shifts

    @Test
    void aShiftedConversationComputesOnlyWhatIsNew() {
        try (Chat chat = chat(c -> c.system("Svar kort.").contextLength(160).overflow(Overflow.SHIFT))) {
            for (int i = 0; i < 30; i++) {
                String question = "question " + i;
                GenerationResult result = say(chat, question, "answer " + i);
                if (i > 0) {
                    int turn = tokens(
                                    "<|im_end|>\n<|im_start|>user\n" + question + "<|im_end|>\n<|im_start|>assistant\n")
                            .length;
                    assertEquals(turn, result.promptTokens(), "turn " + i);
                }
                assertTrue(chat.tokens() <= 160);
            }
            assertTrue(chat.shiftedTokens() > 300);
            assertEquals(61, chat.messages().size());
        }
    }

    @Test
    void anAnswerMayBeLongerThanTheContext() {
        try (Chat chat = chat(c -> c.contextLength(64).overflow(Overflow.SHIFT))) {
            try (Answer generation =
                    chat.send("a", g -> g.ignoreEnd(true).maxTokens(500).seed(1))) {
                generation.text();
                assertEquals(FinishReason.MAX_TOKENS, generation.result().reason());
                assertEquals(500, generation.result().generatedTokens());
            }
            assertTrue(chat.tokens() <= 64);
            say(chat, "b", "c");
            assertEquals(4, chat.messages().size());
        }
    }

    /** An answer that the shift has cut is no longer known by its tokens. The rest of it is read again, and the chat continues. */
    @Test
    void aShiftedAnswerThatIsCancelledCanBeGoneOnFromAndSaved() throws IOException {
        Path file = folder.resolve("shifted");
        try (Chat chat = chat(c -> c.system("Svar kort.").contextLength(64).overflow(Overflow.SHIFT))) {
            try (Answer generation = chat.send("a", g -> g.ignoreEnd(true).seed(1))) {
                var tokens = generation.iterator();
                for (int i = 0; i < 200; i++) {
                    tokens.next();
                }
            }
            assertEquals(3, chat.messages().size());
            chat.save(file);
            try (Chat other = chat(c -> c.contextLength(64).overflow(Overflow.SHIFT))) {
                other.load(file);
                assertEquals(chat.messages(), other.messages());
                say(other, "b", "c");
            }
            say(chat, "b", "c");
            assertEquals(5, chat.messages().size());
            assertTrue(chat.tokens() <= 64);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Test
    void afterAnEditAShiftedConversationGoesOn() {
        try (Chat chat = chat(c -> c.contextLength(128).overflow(Overflow.SHIFT))) {
            for (int i = 0; i < 12; i++) {
                say(chat, "question " + i, "answer " + i);
            }
            chat.edit(0, "something else");
            say(chat, "the next", "answer");
            assertTrue(chat.tokens() <= 128);
            assertTrue(chat.shiftedTokens() > 0);
            say(chat, "the last", "answer");
        }
    }

    @Test
    void aMessageLongerThanTheContextIsRefusedAlsoByAShiftingChat() {
        try (Chat chat = chat(c -> c.contextLength(64).overflow(Overflow.SHIFT))) {
            say(chat, "a", "b");
            assertThrows(ContextOverflowException.class, () -> chat.send("x".repeat(80)));
            assertEquals(2, chat.messages().size());
            say(chat, "c", "d");
        }
    }

    // Ends from outside

    enum Stop {
        CANCEL,
        CLOSE,
        INTERRUPT
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerStoppedFromOutsideLeavesAChatThatGoesOn(Stop stop) throws Exception {
        try (Chat chat = chat(c -> {})) {
            say(chat, "a", "b");
            Answer generation = chat.send("c", g -> g.ignoreEnd(true).seed(1).temperature(1));
            Thread reader = Thread.ofPlatform().start(generation::text);
            while (chat.tokens() < 60) {
                Thread.sleep(1);
            }
            switch (stop) {
                case CANCEL -> generation.cancel();
                case CLOSE -> generation.close();
                case INTERRUPT -> reader.interrupt();
            }
            if (stop == Stop.CLOSE) {
                // After close(), the chat is up to date, and nobody has to wait for the reader.
                assertEquals(4, chat.messages().size());
            } else {
                reader.join();
            }
            assertEquals(FinishReason.CANCELLED, generation.result().reason());
            int before = chat.tokens();
            GenerationResult next = say(chat, "d", "e");
            assertTrue(next.cachedTokens() <= before);
            assertEquals(6, chat.messages().size());
            // What the cache has is what the chat says it has.
            int[] expected;
            try (Chat fresh = chat(c -> c.messages(chat.messages()))) {
                expected = greedy(fresh);
            }
            assertArrayEquals(expected, greedy(chat));
            reader.join();
        }
    }

    private static int[] greedy(Chat chat) {
        List<Integer> ids = new ArrayList<>();
        try (Answer generation = chat.send("f", g -> g.greedy().ignoreEnd(true).maxTokens(5))) {
            generation.forEach(token -> ids.add(token.id()));
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    @Test
    void closingAChatEndsItsAnswer() throws Exception {
        Chat chat = chat(c -> {});
        Answer generation = chat.send("c", g -> g.ignoreEnd(true).seed(1).temperature(1));
        Thread reader = Thread.ofPlatform().start(generation::text);
        while (chat.tokens() < 40) {
            Thread.sleep(1);
        }
        chat.close();
        reader.join();
        assertEquals(FinishReason.CANCELLED, generation.result().reason());
        chat.close();
        assertThrows(IllegalStateException.class, () -> chat.send("d"));
    }

    /** If the caches, a megabyte each, were not freed, they would take a gigabyte. */
    @Test
    void aThousandConversationsOnFourThreadsLeaveNothing() throws Exception {
        Path home = Files.createDirectory(folder.resolve("thousand"));
        Path file = new TestModel()
                .vocabulary(VOCABULARY)
                .width(32, 32)
                .heads(8, 8)
                .headSize(256, 256)
                .write(folder.resolve("wide.gguf"));
        long threads = Traces.threads();
        try (Model wide = Model.open(file, o -> o.threads(2).prefixCache(100 << 20))) {
            converse(wide, home, 0);
            long before = Traces.residentBytes().orElse(0);
            ExecutorService people = Executors.newFixedThreadPool(4);
            try {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 1000; i++) {
                    int number = i;
                    all.add(people.submit(() -> {
                        converse(wide, home, number);
                        return null;
                    }));
                }
                for (Future<?> one : all) {
                    one.get();
                }
            } finally {
                people.shutdownNow();
            }
            long grown = Traces.residentBytes().orElse(0) - before;
            assertTrue(grown < 500L << 20, () -> "grown by " + grown + " bytes");
        }
        assertEquals(threads, Traces.threads(), "threads left");
        assertEquals(0, Traces.mappings(file), "mappings left");
        try (Stream<Path> left = Files.list(home)) {
            assertEquals(List.of(), left.toList());
        }
    }

    private static void converse(Model model, Path home, int number) throws IOException {
        try (Chat chat =
                model.newChat(c -> c.template("chatml").contextLength(96).overflow(Overflow.DROP_OLDEST))) {
            try (Generation answer = chat.send("question " + number, saying("answer"))) {
                assertEquals("answer", answer.text());
            }
            if (number % 3 == 0) {
                try (Generation answer = chat.send("more", saying("much"))) {
                    answer.iterator().next();
                }
            }
            if (number % 10 == 0) {
                Path file = home.resolve("chat" + number);
                chat.save(file);
                try (Chat fork = chat.fork()) {
                    chat.load(file);
                    assertEquals(chat.messages(), fork.messages());
                } finally {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** All forks read what they share, while each writes its own text. */
    @Test
    void forksOnSeveralThreadsAnswerAlike() throws Exception {
        try (Chat chat = chat(c -> c.system("Svar kort."))) {
            say(chat, "a long question ".repeat(8), "answer");
            List<Chat> forks = new ArrayList<>();
            List<Future<int[]>> answers = new ArrayList<>();
            try (ExecutorService people = Executors.newFixedThreadPool(4)) {
                for (int i = 0; i < 8; i++) {
                    Chat fork = chat.fork();
                    forks.add(fork);
                    answers.add(people.submit(() -> greedy(fork)));
                }
                int[] expected = greedy(chat);
                for (Future<int[]> answer : answers) {
                    assertArrayEquals(expected, answer.get());
                }
            } finally {
                forks.forEach(Chat::close);
            }
        }
    }

    @Test
    void aModelThatIsClosedEndsItsChats() throws Exception {
        Path file = new TestModel().vocabulary(VOCABULARY).write(folder.resolve("closed.gguf"));
        Model other = Model.open(file, o -> o.threads(2));
        Chat chat = other.newChat(c -> c.template("chatml"));
        Answer generation = chat.send("a", g -> g.ignoreEnd(true).seed(1));
        generation.iterator().next();
        other.close();
        assertThrows(IllegalStateException.class, () -> chat.fork());
        generation.close();
        assertThrows(IllegalStateException.class, () -> chat.send("b"));
        assertThrows(IllegalStateException.class, () -> chat.save(folder.resolve("closed")));
        chat.close();
        assertEquals(0, Traces.mappings(file));
    }
}
