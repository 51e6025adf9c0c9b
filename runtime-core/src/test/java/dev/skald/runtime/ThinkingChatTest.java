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
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.grammar.Grammar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
    void tokensThatEndThoughtsHaveProbabilitiesToo() {
        try (Chat plain = chat(QWEN, c -> c.maxThinkingTokens(3));
                Chat chat = chat(QWEN, c -> c.maxThinkingTokens(3).generation(g -> g.logprobs(1)));
                Answer expected = plain.send("2+2?", ChatFixture.saying(tokens("<think>abcFire.<|im_end|>")));
                Answer answer = chat.send("2+2?", ChatFixture.saying(tokens("<think>abcFire.<|im_end|>")))) {
            Iterator<Token> tokens = answer.iterator();
            for (Token token : expected) {
                Token same = tokens.next();
                assertEquals(token, new Token(same.id(), same.text(), same.reasoning(), Optional.empty()));
                assertEquals(same.id(), same.logprobs().orElseThrow().chosen().token());
            }
            assertFalse(tokens.hasNext());
        }
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

    private static final Consumer<GenerationOptions> CHOICE = g -> g.choice("ja", "nei");

    static List<Arguments> constraints() {
        String call = "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"day\":\"i dag\"}}\n</tool_call>";
        return List.of(
                Arguments.argumentSet("choice", CHOICE, false, "nei"),
                Arguments.argumentSet(
                        "grammar",
                        (Consumer<GenerationOptions>) g -> g.grammar("root ::= \"<\" [a-c] \">\""),
                        false,
                        "<b>"),
                Arguments.argumentSet(
                        "schema",
                        (Consumer<GenerationOptions>) g -> g.jsonSchema(
                                "{\"type\": \"array\", \"items\": {\"type\": \"boolean\"}, \"maxItems\": 2}"),
                        false,
                        "[true,false]"),
                Arguments.argumentSet("required tool", (Consumer<GenerationOptions>) g -> {}, true, call));
    }

    /** The model says the same with thoughts and without, under each kind of constraint. */
    @ParameterizedTest
    @MethodSource("constraints")
    void aModelMayThinkBeforeAConstrainedAnswer(Consumer<GenerationOptions> held, boolean calls, String answer) {
        for (String thoughts : List.of(
                "",
                "<think>Hm. {nei}</think>",
                "<think>\nHm.\n</think>\n\n",
                "\n<think>\n\n</think>",
                "<think>Er <think> lov?</think>\n")) {
            String reasoning = thoughts.replaceFirst("^\\s*<think>", "")
                    .replace("</think>", "")
                    .strip();
            try (Chat chat = chat(QWEN, c -> {
                if (calls) {
                    c.tools(List.of(WEATHER))
                            .toolCalls(ToolCallForm.HERMES)
                            .toolChoice(ToolChoice.REQUIRED)
                            .parallelToolCalls(false);
                }
            })) {
                Seen seen = ask(
                        chat,
                        "2+2=5?",
                        ChatFixture.sayingFirst(tokens(thoughts + answer)).andThen(held));
                assertEquals(new Seen(reasoning, calls ? "" : answer), seen, thoughts);
                Message.Assistant last = (Message.Assistant) chat.messages().getLast();
                assertEquals(calls ? 1 : 0, last.toolCalls().size());
            }
        }
    }

    /** Random weights choose freely: the answer fits, and it is the model's choice whether it thinks. */
    @Test
    void theModelChoosesWhetherToThink() {
        int thought = 0;
        for (int i = 0; i < 40; i++) {
            int seed = i;
            try (Chat chat = chat(QWEN, c -> c.maxThinkingTokens(5))) {
                // Makes the mark as probable as the answers; its letters are not.
                Seen seen = ask(
                        chat,
                        "2+2=5?",
                        CHOICE.andThen(
                                g -> g.seed(seed).temperature(2).topK(0).topP(1).minP(0)));
                assertTrue(List.of("ja", "nei", "").contains(seen.text()), seen.toString());
                thought += ((Message.Assistant) chat.messages().getLast())
                                .reasoning()
                                .isPresent()
                        ? 1
                        : 0;
            }
        }
        assertTrue(thought > 0 && thought < 40, thought + " of 40");
    }

    @Test
    void freeThoughtsBeforeAConstrainedAnswerAreBounded() {
        try (Chat chat = chat(QWEN, c -> c.generation(CHOICE).maxThinkingTokens(3))) {
            assertEquals(new Seen("abc", "nei"), ask(chat, "2+2=5?", "<think>abcnei"));
            assertEquals(new Seen("ab", "ja"), ask(chat, "2+2=4?", "<think>ab</think>ja"));
        }
    }

    @Test
    void thoughtsThatNeverEndLeaveNoAnswer() {
        try (Chat chat = chat(QWEN, c -> c.generation(CHOICE));
                Answer answer = chat.send(
                        "2+2=5?", ChatFixture.saying(tokens("<think>abcdef")).andThen(g -> g.maxTokens(4)))) {
            assertEquals("", answer.text());
            assertEquals("abc", answer.reasoning());
            assertEquals(FinishReason.MAX_TOKENS, answer.result().reason());
        }
        // The turn cannot end before the answer.
        try (Chat chat = chat(QWEN, c -> c.generation(CHOICE))) {
            assertThrows(IllegalStateException.class, () -> ask(chat, "2+2=5?", "<think>abc<|im_end|>"));
        }
    }

    @Test
    void withoutThinkingAConstraintHoldsFromTheFirstToken() {
        try (Chat chat = chat(QWEN, c -> c.generation(g -> g.choice("fast")).thinking(false));
                Answer answer = chat.send(
                        "?",
                        g -> g.step((_, _) -> {
                            throw new AssertionError("the model was asked");
                        }))) {
            assertEquals("fast", answer.text());
        }
    }

    @Test
    void forcedTextDoesNotSkipTheChoiceToThink() {
        try (Chat chat = chat(QWEN, c -> c.generation(g -> g.choice("fast")))) {
            assertEquals(new Seen("Hm.", "fast"), ask(chat, "?", "<think>Hm.</think>f"));
            assertEquals(new Seen("", "fast"), ask(chat, "?", "f"));
        }
    }

    /** Marks that are not in the vocabulary are written as letters, and the grammar may begin with the same ones. */
    @Test
    void aMarkMayBeText() {
        ReasoningForm form = new ReasoningForm("((", "))");
        for (ChatTemplate template : List.of(QWEN, ChatTemplate.compile("{{ messages[-1].content }}: "))) {
            Consumer<ChatOptions> own = c -> c.reasoning(form).generation(g -> g.choice("(a)", "b"));
            try (Chat chat = chat(template, own)) {
                assertEquals(new Seen("Hm.", "b"), ask(chat, "?", "((Hm.))b"));
                assertEquals(new Seen("(a)", "(a)"), ask(chat, "?", "(( (a) ))\n(a"));
                assertEquals(new Seen("", "(a)"), ask(chat, "?", "(a"));
                assertThrows(IllegalStateException.class, () -> ask(chat, "?", "(b"));
            }
        }
    }

    /** The token "the" may end a mark that ends in "t"; it may begin thoughts, but not the answer. */
    @Test
    void aTokenMayEndAMarkAndGoOn() {
        Consumer<ChatOptions> begins =
                c -> c.reasoning(new ReasoningForm("(t", "))")).generation(CHOICE);
        try (Chat chat = chat(QWEN, begins)) {
            assertEquals(new Seen("hey", "ja"), ask(chat, "?", "(they))ja"));
        }
        Consumer<ChatOptions> ends =
                c -> c.reasoning(new ReasoningForm("((", ")t")).generation(g -> g.choice("he", "ja"));
        try (Chat chat = chat(QWEN, ends)) {
            assertEquals(new Seen("they", "ja"), ask(chat, "?", "((they)tja"));
            assertThrows(IllegalStateException.class, () -> ask(chat, "?", "((they)the"));
        }
    }

    @Test
    void aStopStringThatBeginsLikeTheEndOfAMark() {
        try (Chat chat =
                chat(QWEN, c -> c.generation(CHOICE.andThen(g -> g.stop(">!"))).maxThinkingTokens(2))) {
            assertEquals(new Seen("ab", "ja"), ask(chat, "2+2=4?", "<think>ab</think>ja"));
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
