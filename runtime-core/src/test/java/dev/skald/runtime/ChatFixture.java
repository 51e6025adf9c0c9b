package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.sampling.Candidates;
import dev.skald.runtime.sampling.SamplerStep;
import dev.skald.runtime.sampling.TokenHistory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A chat with a model of random weights that says what a test wants, and has no prefixes of other chats. */
abstract class ChatFixture {
    static final TestVocabulary VOCABULARY = TestVocabulary.chat();
    static final int BOS = 265;
    static final int START = 267;
    static final int END = 268;

    @TempDir
    static Path folder;

    static Model model;

    @BeforeAll
    static void open() throws IOException {
        model = Model.open(
                new TestModel().vocabulary(VOCABULARY).write(folder.resolve("m.gguf")),
                o -> o.threads(2).prefixCache(0));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    static Chat chat(Consumer<ChatOptions> settings) {
        return model.newChat(settings.andThen(c -> c.template("chatml")));
    }

    /** Lets the model say a text and then end its turn. */
    static Consumer<GenerationOptions> saying(String text) {
        return saying(joined(model.tokenizer().encode(text), END));
    }

    static Consumer<GenerationOptions> saying(int... tokens) {
        AtomicInteger next = new AtomicInteger();
        return g -> g.step((candidates, history) -> {
            int wanted = tokens[next.getAndIncrement()];
            candidates.keepIf(i -> candidates.id(i) == wanted);
        });
    }

    /** Makes the model begin with some tokens, and continue freely. */
    static Consumer<GenerationOptions> sayingFirst(int... tokens) {
        return g -> g.step(() -> new SamplerStep() {
            private int said;

            @Override
            public void apply(Candidates candidates, TokenHistory history) {
                if (said < tokens.length) {
                    int wanted = tokens[said];
                    candidates.keepIf(i -> candidates.id(i) == wanted);
                }
            }

            @Override
            public void accept(int token) {
                said++;
            }
        });
    }

    static int[] joined(int[] tokens, int... more) {
        int[] all = Arrays.copyOf(tokens, tokens.length + more.length);
        System.arraycopy(more, 0, all, tokens.length, more.length);
        return all;
    }

    static int[] tokens(String text) {
        return model.tokenizer().encode(text, false, true);
    }

    /** Returns the tokens of a further user message, from the end of the previous answer to the next one. */
    static String turn(String text) {
        return "<|im_end|>\n<|im_start|>user\n" + text + "<|im_end|>\n<|im_start|>assistant\n";
    }

    static GenerationResult say(Chat chat, String question, String answer) {
        try (Generation generation = chat.send(question, saying(answer))) {
            assertEquals(answer, generation.text());
            return generation.result();
        }
    }

    /** The tokens that the model has before its answer. */
    static int[] prompt(Chat chat, String question) {
        AtomicReference<int[]> seen = new AtomicReference<>();
        SamplerStep look = (candidates, history) -> seen.set(copy(history));
        try (Generation generation = chat.send(question, g -> g.step(look).maxTokens(1))) {
            generation.text();
        }
        return seen.get();
    }

    static int[] copy(TokenHistory history) {
        return IntStream.range(0, history.size()).map(history::get).toArray();
    }
}
