package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.ChatTemplate;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ReasoningForm;
import dev.skald.runtime.chat.ToolCallForm;
import dev.skald.runtime.chat.ToolChoice;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.grammar.Grammar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chats with a model that thinks before it answers. */
class ThinkingChatTest {
    /** As in Qwen 3: the model begins its thoughts, unless the template ends them. Thoughts of earlier turns are dropped. */
    private static final ChatTemplate QWEN = ChatTemplate.compile("{%- for m in messages -%}<|im_start|>{{ m.role }}\n"
            + "{%- if m.reasoning_content and loop.last -%}<think>\n{{ m.reasoning_content }}\n</think>\n\n{%- endif -%}"
            + "{{ m.content }}<|im_end|>\n{% endfor -%}"
            + "{%- if add_generation_prompt -%}<|im_start|>assistant\n"
            + "{%- if enable_thinking is defined and enable_thinking is false -%}{{ '<think>\\n\\n</think>\\n\\n' }}{%- endif -%}"
            + "{%- endif -%}");
    /** As in DeepSeek R1: the template begins the thoughts. */
    private static final ChatTemplate R1 = ChatTemplate.compile("{%- for m in messages -%}<|im_start|>{{ m.role }}\n"
            + "{{ m.content.split('</think>')[-1] }}<|im_end|>\n{% endfor -%}<|im_start|>assistant\n<think>\n");
    /** As in gpt-oss. */
    private static final ChatTemplate CHANNELS = ChatTemplate.compile(
            "{%- for m in messages -%}<|start|>{{ m.role }}{% if m.role == 'assistant' %}<|channel|>final{% endif %}"
                    + "<|message|>{{ m.content }}<|end|>{% endfor -%}{# analysis #}<|start|>assistant");

    @TempDir
    static Path folder;

    private static Model model;

    @BeforeAll
    static void open() throws IOException {
        model = Model.open(
                new TestModel()
                        .vocabulary(TestVocabulary.thinking())
                        .withKey("tokenizer.chat_template", QWEN.source())
                        .write(folder.resolve("m.gguf")),
                o -> o.threads(2));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static int[] tokens(String text) {
        return model.tokenizer().encode(text, false, true);
    }

    private record Seen(String reasoning, String text) {}

    /** Checks that the pieces that stream are the text at the end. */
    private static Seen ask(Chat chat, String question, String says) {
        return ask(chat, question, ChatFixture.saying(tokens(says)));
    }

    /** Generates an answer that begins with given tokens and continues freely. */
    private static Seen askFirst(Chat chat, String begin) {
        return ask(chat, "?", ChatFixture.sayingFirst(tokens(begin)).andThen(g -> g.seed(1)));
    }

    private static Seen ask(Chat chat, String question, Consumer<GenerationOptions> says) {
        StringBuilder reasoning = new StringBuilder();
        StringBuilder text = new StringBuilder();
        try (Answer answer = chat.send(question, says)) {
            for (Token token : answer) {
                assertTrue(token.reasoning().isEmpty() || token.text().isEmpty(), token.toString());
                reasoning.append(token.reasoning());
                text.append(token.text());
            }
            assertEquals(answer.reasoning(), reasoning.toString().strip());
        }
        return new Seen(reasoning.toString().strip(), text.toString());
    }

    private static Chat chat(ChatTemplate template, Consumer<ChatOptions> settings) {
        return model.newChat(settings.andThen(c -> c.template(template)));
    }

    @Test
    void thoughtsAreNoText() {
        try (Chat chat = chat(QWEN, c -> {})) {
            assertEquals(
                    new Seen("Hm. 2+2.", "Fire."), ask(chat, "2+2?", "<think>\nHm. 2+2.\n</think>\n\nFire.<|im_end|>"));
            assertEquals(
                    new Message.Assistant("Fire.", Optional.of("Hm. 2+2."), List.of()),
                    chat.messages().getLast());
            assertEquals(new Seen("", "Ja."), ask(chat, "Sikker?", "Ja.<|im_end|>"));
            assertEquals(
                    new Message.Assistant("Ja.", Optional.empty(), List.of()),
                    chat.messages().getLast());
        }
    }

    @Test
    void theTemplateDropsThoughtsOfEarlierTurns() {
        try (Chat thinking = chat(QWEN, c -> {});
                Chat plain = chat(QWEN, c -> {})) {
            ask(thinking, "2+2?", "<think>\nHm.\n</think>\n\nFire.<|im_end|>");
            ask(plain, "2+2?", "Fire.<|im_end|>");
            ask(thinking, "Sikker?", "Ja.<|im_end|>");
            ask(plain, "Sikker?", "Ja.<|im_end|>");
            assertEquals(plain.tokens(), thinking.tokens());
        }
    }

    @Test
    void theTemplateMayHaveBegunTheThoughts() {
        try (Chat chat = chat(R1, c -> {})) {
            assertEquals(new Seen("Hm.", "Fire."), ask(chat, "2+2?", "Hm.\n</think>\n\nFire.<|im_end|>"));
        }
    }

    @Test
    void withoutThinkingTheTemplateEndsThem() {
        try (Chat chat = chat(QWEN, c -> c.thinking(false))) {
            assertEquals(new Seen("", "Fire."), ask(chat, "2+2?", "Fire.<|im_end|>"));
        }
        int with = length(true);
        // "<think>", two line breaks, "</think>", two line breaks.
        assertEquals(with + tokens("<think>\n\n</think>\n\n").length, length(false));
    }

    private static int length(boolean thinking) {
        try (Chat chat = chat(QWEN, c -> c.thinking(thinking))) {
            ask(chat, "2+2?", "<|im_end|>");
            return chat.tokens();
        }
    }

    @Test
    void channels() {
        String says =
                "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Fire.<|return|>";
        try (Chat chat = chat(CHANNELS, c -> {})) {
            assertEquals(new Seen("Hm.", "Fire."), ask(chat, "2+2?", says));
            assertEquals(new Seen("Hm.", "Fire."), ask(chat, "2+2?", says));
        }
    }

    private static final ToolDefinition WEATHER = ToolDefinition.of(
            "weather",
            "?",
            "{\"type\": \"object\", \"properties\": {\"day\": {\"enum\": [\"i dag\"]}}, \"required\": [\"day\"],"
                    + " \"additionalProperties\": false}");

    /** The thoughts before a call are sent back with the call, for models that continue thinking from there. */
    @Test
    void channelsWithACall() {
        String says =
                "<|channel|>analysis<|message|>to=functions.weather<|end|><|start|>assistant<|channel|>commentary<|message|>Vent."
                        + "<|end|><|start|>assistant<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{";
        try (Chat chat = chat(CHANNELS, c -> c.tools(List.of(WEATHER)).toolCalls(ToolCallForm.HARMONY))) {
            assertEquals(new Seen("to=functions.weather", "Vent."), askFirst(chat, says));
            Message.Assistant answer = (Message.Assistant) chat.messages().getLast();
            assertEquals(1, answer.toolCalls().size());
            assertEquals(Map.of("day", "i dag"), answer.toolCalls().getFirst().arguments());
            assertEquals(Optional.of("to=functions.weather"), answer.reasoning());
        }
    }

    @Test
    void channelsThatMustCall() {
        try (Chat chat = chat(
                CHANNELS,
                c -> c.tools(List.of(WEATHER)).toolCalls(ToolCallForm.HARMONY).toolChoice(ToolChoice.REQUIRED))) {
            assertEquals(new Seen("Hm.", ""), askFirst(chat, "<|channel|>analysis<|message|>Hm.<|end|>"));
            Message.Assistant answer = (Message.Assistant) chat.messages().getLast();
            assertEquals("weather", answer.toolCalls().getFirst().name());
            assertEquals(Map.of("day", "i dag"), answer.toolCalls().getFirst().arguments());
        }
    }

    @Test
    void tooManyThoughtsAreEnded() {
        try (Chat chat = chat(QWEN, c -> c.maxThinkingTokens(3))) {
            // Each letter is a token. The mark that begins the thoughts does not count as a thought.
            assertEquals(new Seen("abc", "Fire."), ask(chat, "2+2?", "<think>abcFire.<|im_end|>"));
        }
        try (Chat chat = chat(QWEN, c -> c.maxThinkingTokens(9))) {
            assertEquals(new Seen("abc", "Fire."), ask(chat, "2+2?", "<think>abc</think>Fire.<|im_end|>"));
        }
        try (Chat chat = chat(R1, c -> c.maxThinkingTokens(0))) {
            assertEquals(new Seen("", "Fire."), ask(chat, "2+2?", "Fire.<|im_end|>"));
        }
        try (Chat chat = chat(CHANNELS, c -> c.maxThinkingTokens(2))) {
            assertEquals(new Seen("ab", "Fire."), ask(chat, "2+2?", "<|channel|>analysis<|message|>abFire.<|return|>"));
        }
        assertThrows(IllegalArgumentException.class, () -> chat(QWEN, c -> c.maxThinkingTokens(-1)));
    }

    @Test
    void aConstraintIsForTheAnswerOnly() {
        Consumer<GenerationOptions> held = g -> g.constraint(Grammar.choice("ja", "nei"));
        try (Chat chat = chat(R1, c -> c.generation(held))) {
            assertEquals(new Seen("Hm.", "ja"), ask(chat, "2+2=4?", "Hm.</think>ja<|im_end|>"));
        }
        try (Chat chat = chat(R1, c -> c.generation(held).maxThinkingTokens(2))) {
            assertEquals(new Seen("Hm", "ja"), ask(chat, "2+2=4?", "Hmja<|im_end|>"));
        }
        try (Chat chat = chat(CHANNELS, c -> c.generation(held))) {
            assertEquals(
                    new Seen("Hm.", "nei"),
                    ask(
                            chat,
                            "2+2=5?",
                            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>nei<|return|>"));
        }
    }

    @Test
    void whatIsSaidIsNoMark() {
        try (Chat chat = chat(QWEN, c -> {})) {
            ask(chat, "Hva er <think> og </think>?", "Merker.<|im_end|>");
            int begin = tokens("<think>")[0];
            assertEquals(1, tokens("<think>").length);
            assertTrue(model.tokenizer().isMark(begin));
        }
        try (Chat marks = chat(QWEN, c -> {});
                Chat others = chat(QWEN, c -> {})) {
            ask(marks, "<think>", "a<|im_end|>");
            ask(others, "xthinkx", "a<|im_end|>");
            assertEquals(others.tokens(), marks.tokens());
        }
    }

    @Test
    void aFormOfOnesOwn() {
        ChatTemplate none = ChatTemplate.compile("{% for m in messages %}{{ m.content }}\n{% endfor %}");
        assertFalse(ReasoningForm.of(none).isPresent());
        try (Chat chat = chat(none, c -> c.reasoning(new ReasoningForm("((", "))")))) {
            assertEquals(new Seen("Hm.", "Fire."), ask(chat, "2+2?", "((Hm.)) Fire.<|im_end|>"));
        }
        try (Chat chat = chat(none, c -> {})) {
            assertEquals(
                    new Seen("", "<think>Hm.</think> Fire."), ask(chat, "2+2?", "<think>Hm.</think> Fire.<|im_end|>"));
        }
    }

    @Test
    void aConversationIsSavedWithItsThoughts() throws IOException {
        Path file = folder.resolve("saved");
        try (Chat chat = chat(QWEN, c -> {});
                Chat other = chat(QWEN, c -> {})) {
            ask(chat, "2+2?", "<think>\nHm.\n</think>\n\nFire.<|im_end|>");
            chat.save(file);
            other.load(file);
            assertEquals(chat.messages(), other.messages());
            assertEquals(
                    Optional.of("Hm."), ((Message.Assistant) other.messages().getLast()).reasoning());
        }
    }
}
