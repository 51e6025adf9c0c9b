package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.product.MatMul;
import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.ChatTemplate;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts with the same beginning as texts that were read before. */
@Tag("kernels")
class PrefixTest {
    @TempDir
    static Path folder;

    private static TestModel shape;
    private static Path file;

    @BeforeAll
    static void write() {
        shape = new TestModel().width(256, 256).heads(8, 2).headSize(32, 32).type(GgmlType.Q4_0);
        file = shape.vocabulary(TestVocabulary.chat()).write(folder.resolve("m.gguf"));
    }

    static Stream<KernelKind> kernels() {
        return Arrays.stream(KernelKind.values()).filter(KernelKind::available);
    }

    private static Model open(Consumer<ModelOptions> settings) throws IOException {
        return Model.open(file, settings.andThen(o -> o.threads(2).batchSize(50)));
    }

    private static GenerationResult read(Model model, int[] prompt, Consumer<SessionOptions> settings) {
        try (Session session = model.newSession(settings);
                Generation text =
                        session.generate(prompt, g -> g.greedy().ignoreEnd(true).maxTokens(1))) {
            text.text();
            return text.result();
        }
    }

    /** Returns where prompts may be cut: products in half precision round a token according to its place in a piece. */
    private static int unit(KernelKind kernels) {
        return kernels == KernelKind.VECTOR_API && MatMul.halfPrecisionPays() ? MatMul.HALF_UNIT : 1;
    }

    private static void assertReadAfter(int common, int all, KernelKind kernels, GenerationResult result) {
        int cached = common / unit(kernels) * unit(kernels);
        assertRead(all - cached, cached, result);
    }

    private static void assertRead(int computed, int cached, GenerationResult result) {
        assertEquals(computed, result.promptTokens());
        assertEquals(cached, result.cachedTokens());
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void theSecondTextReadsOnlyWhatIsNew(KernelKind kernels) throws IOException {
        int[] text = shape.randomTokens(400);
        int[] other = text.clone();
        other[150] = text[150] == 5 ? 6 : 5;
        try (Model model = open(o -> o.kernels(kernels))) {
            assertRead(300, 0, read(model, Arrays.copyOf(text, 300), s -> {}));
            assertReadAfter(300, 400, kernels, read(model, text, s -> {}));
            assertReadAfter(150, 400, kernels, read(model, other, s -> {}));
            // At least one token is always computed, because the logits of the last one are not kept.
            assertReadAfter(399, 400, kernels, read(model, other, s -> {}));
            assertTrue(model.diagnostics().prefixBytes() > 0);
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void logitsAreThoseOfATextReadAtOnce(KernelKind kernels) throws IOException {
        int[] text = shape.randomTokens(300);
        for (KvFormat format : KvFormat.values()) {
            try (Model plain = open(o -> o.kernels(kernels).prefixCache(0).cacheType(format));
                    Model model = open(o -> o.kernels(kernels).cacheType(format));
                    Session expected = plain.newSession()) {
                float[] all = expected.logits(text);
                for (int length : new int[] {100, 101, 128, 199, 299, 300}) {
                    try (Session session = model.newSession()) {
                        float[] last = session.feed(Arrays.copyOf(text, length));
                        int vocabulary = last.length;
                        float[] wanted = Arrays.copyOfRange(all, (length - 1) * vocabulary, length * vocabulary);
                        assertArrayEquals(wanted, last, kernels + " " + format + " " + length);
                    }
                }
            }
        }
    }

    @Test
    void nothingIsTakenWhereItWouldBeWrongOrUnwanted() throws IOException {
        int[] text = shape.randomTokens(200);
        try (Model model = open(o -> {})) {
            read(model, text, s -> {});
            assertRead(200, 0, read(model, text, s -> s.cacheType(KvFormat.Q8_0)));
            assertRead(200, 0, read(model, text, s -> s.prefixCache(false)));
            assertRead(200, 0, read(model, text, s -> s.listener((tensors, inputs, rows, columns) -> {})));
            assertRead(1, 199, read(model, text, s -> s.contextLength(300)));
        }
        try (Model model = open(o -> o.prefixCache(0))) {
            read(model, text, s -> {});
            assertRead(200, 0, read(model, text, s -> {}));
            assertEquals(0, model.diagnostics().prefixBudget());
        }
        assertThrows(IllegalArgumentException.class, () -> open(o -> o.prefixCache(-1)));
    }

    @Test
    void whatIsMovedIsNobodyElses() throws IOException {
        int[] text = shape.randomTokens(300);
        int[] moved = Arrays.copyOf(text, 200);
        System.arraycopy(text, 200, moved, 100, 100);
        try (Model model = open(o -> {})) {
            try (Session session = model.newSession(s -> s.prefixCache(true))) {
                session.feed(text);
                session.remove(0, 100, 100);
                assertArrayEquals(moved, session.tokens(0));
                session.feed(Arrays.copyOf(text, 90));
            }
            assertRead(100, 100, read(model, moved, s -> {}));
        }
    }

    @Test
    void aSessionThatWasCutBackFindsWhatItHad() throws IOException {
        int[] text = shape.randomTokens(300);
        try (Model model = open(o -> {});
                Session session = model.newSession()) {
            session.feed(text);
            session.truncate(0, 40);
            try (Generation again = session.generate(
                    Arrays.copyOfRange(text, 40, 300), g -> g.greedy().maxTokens(1))) {
                again.text();
                assertRead(1, 299, again.result());
            }
        }
    }

    @Test
    void aPromptThatIsGivenUpLeavesTheSessionAsItWasAndOthersWhatWasRead() throws IOException {
        int[] text = shape.randomTokens(300);
        try (Model model = open(o -> {})) {
            read(model, Arrays.copyOf(text, 100), s -> {});
            int[] asked = new int[1];
            // Each step asks after two layers; this is in the third step, after 100 tokens from the cache and 100
            // computed ones.
            try (Session session = model.newSession(s -> s.cancelWhen(() -> asked[0]++ == 8))) {
                session.feed(Arrays.copyOf(text, 10));
                asked[0] = 0;
                int[] rest = Arrays.copyOfRange(text, 10, 300);
                assertThrows(CancellationException.class, () -> session.feed(rest));
                assertArrayEquals(Arrays.copyOf(text, 10), session.tokens(0));
                assertEquals(model.vocabularySize(), session.feed(9).length);
            }
            assertRead(300 - 192, 192, read(model, text, s -> {}));
        }
    }

    /** A model with windows no longer needs what lies behind its window, unless another text branches off there. */
    @ParameterizedTest
    @ValueSource(ints = {700, 650, 300, 100})
    void windowsFindWhatTheyLookBackOn(int common) throws IOException {
        TestModel windows = new TestModel().layers(2).with("attention.sliding_window", 20);
        int[] text = windows.randomTokens(700);
        int[] other = Arrays.copyOf(text, 800);
        Arrays.fill(other, common, 800, 7);
        Path path = windows.write(folder.resolve("windows" + common + ".gguf"));
        try (Model model = Model.open(path, o -> o.threads(2).batchSize(64));
                Model plain = Model.open(path, o -> o.threads(2).batchSize(64).prefixCache(0));
                Session expected = plain.newSession()) {
            read(model, text, s -> {});
            assertRead(800 - common, common, read(model, other, s -> {}));
            try (Session session = model.newSession()) {
                assertArrayEquals(expected.feed(other), session.feed(other));
            }
        }
    }

    static Stream<Arguments> recurrent() {
        return Stream.of("lfm2", "qwen35").flatMap(name -> kernels().map(kernels -> Arguments.of(name, kernels)));
    }

    /** With recurrent layers, a text continues from a checkpoint: near the end of a text that was read, or at a page's border. */
    @ParameterizedTest
    @MethodSource("recurrent")
    void recurrentLayersGoOnFromCheckpoints(String name, KernelKind kernels) throws IOException {
        Path path = Golden.path("golden/arch/" + name + ".gguf");
        int[] text = new SplittableRandom(1).ints(1000, 5, 300).toArray();
        int[] other = Arrays.copyOf(text, 1100);
        Arrays.fill(other, 700, 1100, 7);
        try (Model model = Model.open(path, o -> o.threads(2).kernels(kernels));
                Model plain =
                        Model.open(path, o -> o.threads(2).kernels(kernels).prefixCache(0));
                Session expected = plain.newSession(s -> s.contextLength(1200))) {
            assertRead(1000, 0, read(model, text, s -> s.contextLength(1200)));
            // A text often ends with the tokens that begin an answer.
            assertReadAfter(992, 1000, kernels, read(model, text, s -> s.contextLength(1200)));
            GenerationResult branch = read(model, other, s -> s.contextLength(1200));
            int distance = branch.promptTokens() - 400;
            assertTrue(distance > 0 && distance <= 256, () -> distance + " tokens before it goes on in another way");
            try (Session session = model.newSession(s -> s.contextLength(1200))) {
                assertArrayEquals(expected.feed(other), session.feed(other));
            }
            assertTrue(model.diagnostics().prefixBytes() > 0);
        }
    }

    /** Writes the thoughts of no turn, though the model thinks before each answer. */
    private static final ChatTemplate WITHOUT_THOUGHTS = ChatTemplate.compile(
            "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
                    + "{{ '<|im_start|>assistant\n' }}{# <think></think> #}");

    static Stream<Arguments> conversations() {
        return kernels()
                .flatMap(kernels -> Stream.of(
                        Arguments.of("llama", kernels, false),
                        Arguments.of("lfm2", kernels, false),
                        Arguments.of("lfm2", kernels, true),
                        Arguments.of("qwen35", kernels, false)));
    }

    /** A conversation of ten turns, in one chat and with all messages sent each time. */
    @ParameterizedTest
    @MethodSource("conversations")
    void tenTurnsThatAreSentWholeReadNoMoreThanAChat(String name, KernelKind kernels, boolean thinks)
            throws IOException {
        Path path = name.equals("llama") ? file : Golden.path("golden/arch/" + name + ".gguf");
        Consumer<ModelOptions> settings = o -> o.kernels(kernels).threads(2);
        Consumer<ChatOptions> form = thinks ? c -> c.template(WITHOUT_THOUGHTS) : c -> c.template("chatml");
        int before = 0;
        try (Model model = Model.open(path, settings);
                Model another = Model.open(path, settings);
                Chat chat = model.newChat(form)) {
            int end = model.tokenizer().endTokens().iterator().next();
            List<Message> messages = new ArrayList<>();
            for (int turn = 0; turn < 10; turn++) {
                Message question = Message.user("Hva er " + turn + " ganger " + turn + "? Svar kort, takk.");
                String answer = "Det er " + turn * turn + ", tror jeg.";
                String said = thinks ? "<think>Hm.</think>" + answer : answer;
                int[] tokens = ChatFixture.joined(model.tokenizer().encode(said, false, false), end);
                int once = say(chat, List.of(question), tokens, answer);
                messages.add(question);
                List<Message> earlier = messages.subList(0, messages.size() - 1);
                try (Chat stateless = another.newChat(form.andThen(c -> c.messages(earlier)))) {
                    int each = say(stateless, List.of(question), tokens, answer);
                    // If generated tokens are rounded differently from those of a prompt, an answer is read once more.
                    // Without the thoughts before it, a chat reads it too.
                    int least = thinks || kernels == KernelKind.MACHINE_CODE ? once : once + before;
                    // What follows the last border before it is read again.
                    int again = each - least;
                    assertTrue(again >= 0 && again < unit(kernels), "turn " + turn + ": " + again + " tokens again");
                }
                messages.add(Message.assistant(answer));
                before = tokens.length - 1;
            }
        }
    }

    /** How many tokens were read. */
    private static int say(Chat chat, List<Message> messages, int[] tokens, String answer) {
        Consumer<GenerationOptions> saying = ChatFixture.saying(tokens);
        try (Answer generation = chat.send(messages, saying)) {
            assertEquals(answer, generation.text());
            return generation.result().promptTokens();
        }
    }
}
