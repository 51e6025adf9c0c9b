package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.grammar.AfterMark;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.sampling.Constraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Generations with a grammar, by a model with random weights. */
class GrammarGenerationTest extends ChatFixture {
    private static final String PROMPT = "svar";

    enum Mood {
        GLAD,
        LEI
    }

    record Mark(int number, Mood mood, List<Boolean> flags) {}

    private static String generate(Consumer<GenerationOptions> settings) {
        try (Session session = model.newSession(o -> {});
                Generation generation = session.generate(PROMPT, settings.andThen(o -> o.seed(1)))) {
            String text = generation.wholeText();
            assertEquals(FinishReason.END, generation.result().reason());
            return text;
        }
    }

    @Test
    void choice() {
        assertTrue(Set.of("ja", "nei", "vet ikke").contains(generate(o -> o.choice("ja", "nei", "vet ikke"))));
    }

    @Test
    void forcedTextAsksTheModelForNothing() {
        AtomicInteger asked = new AtomicInteger();
        String text = generate(
                o -> o.grammar("root ::= \"en lang fast tekst\" [0-9]").step((_, _) -> asked.incrementAndGet()));
        assertTrue(text.matches("en lang fast tekst[0-9]"), text);
        assertTrue(asked.get() <= 2, asked + " tokens were asked for");
    }

    @Test
    void forcedTextWithLogprobsIsAskedFor() {
        try (Session session = model.newSession(o -> {});
                Generation generation =
                        session.generate(PROMPT, o -> o.choice("fast").logprobs(1))) {
            StringBuilder text = new StringBuilder();
            for (Token token : generation) {
                assertTrue(token.logprobs().isPresent());
                text.append(token.text());
            }
            assertEquals("fast", text.toString());
        }
    }

    @Test
    void whatIsForcedIsPartOfTheSequence() {
        try (Session session = model.newSession(o -> {})) {
            List<Integer> tokens = new ArrayList<>();
            try (Generation generation =
                    session.generate(PROMPT, o -> o.grammar("root ::= \"abc\" [x-z] \"def\" [x-z]"))) {
                generation.forEach(token -> tokens.add(token.id()));
            }
            int[] all = session.tokens(0);
            int prompt = model.tokenizer().encode(PROMPT, true, false).length;
            // The last tokens are not computed, because nothing comes after them.
            for (int i = prompt; i < all.length; i++) {
                assertEquals(tokens.get(i - prompt), all[i]);
            }
            assertTrue(all.length > prompt);
        }
    }

    @Test
    void endsWhereTheGrammarEndsEvenWhenTheEndIsIgnored() {
        assertTrue(generate(o -> o.regex("[a-z]{3}").ignoreEnd(true)).matches("[a-z]{3}"));
    }

    @Test
    void maxTokensAndStopStringsCutOff() {
        try (Session session = model.newSession(o -> {})) {
            try (Generation generation =
                    session.generate(PROMPT, o -> o.regex("[a-z]{500}").maxTokens(5))) {
                generation.wholeText();
                assertEquals(FinishReason.MAX_TOKENS, generation.result().reason());
                assertEquals(5, generation.result().generatedTokens());
            }
            try (Generation generation =
                    session.generate(PROMPT, o -> o.choice("ja takk").stop(" ta"))) {
                assertEquals("ja", generation.wholeText());
                assertEquals(FinishReason.STOP, generation.result().reason());
            }
        }
    }

    @Test
    void aContextThatFillsUpEndsForcedTextToo() {
        try (Session session = model.newSession(o -> o.contextLength(12));
                Generation generation =
                        session.generate(PROMPT, o -> o.choice("en tekst som er for lang for alt dette"))) {
            String text = generation.wholeText();
            assertTrue("en tekst som er for lang for alt dette".startsWith(text), text);
            assertEquals(FinishReason.CONTEXT_FULL, generation.result().reason());
        }
    }

    @Test
    void aGrammarHoldsBehindAMark() {
        String text = generate(o -> o.constraint(new AfterMark("e", Grammar.choice("!")))
                .temperature(2)
                .topK(0)
                .topP(1)
                .minP(0));
        assertTrue(text.matches("(?s)[^e]*e[^e]*!"), text);
    }

    @Test
    void aForkGoesItsOwnWay() {
        Constraint one = Grammar.choice("abc", "abd").begin(model.tokenizer());
        int a = model.tokenizer().encode("a")[0];
        one.accept(a);
        Constraint other = one.fork();
        other.accept(model.tokenizer().encode("b")[0]);
        assertThrows(
                IllegalArgumentException.class,
                () -> one.accept(model.tokenizer().encode("c")[0]));
        other.accept(model.tokenizer().encode("c")[0]);
        assertTrue(other.isComplete());
        assertFalse(one.isComplete());
        assertArrayEquals(new int[0], other.forced());
    }

    @Test
    void anAnswerAsARecord() {
        try (Chat chat = chat(c -> c.generation(g -> g.seed(7).regex("x")))) {
            Mark mark = chat.ask("Hvordan går det?", Mark.class);
            assertTrue(mark.mood() == Mood.GLAD || mark.mood() == Mood.LEI);
            assertEquals(2, chat.messages().size());
        }
    }

    @Test
    void anAnswerThatIsCutOffIsNoRecord() {
        try (Chat chat = chat(c -> c.generation(g -> g.maxTokens(3)))) {
            String message = assertThrows(IllegalStateException.class, () -> chat.ask("?", Mark.class))
                    .getMessage();
            assertTrue(message.contains("cut off, MAX_TOKENS"), message);
        }
    }

    @Test
    void combinedGrammars() {
        Grammar call = Grammar.sequence(
                Grammar.text("<"), Grammar.either(Grammar.regex("[a-c]"), Grammar.choice("zz")), Grammar.text(">"));
        String text = generate(o -> o.constraint(Grammar.repeat(call, 2, 3)));
        assertTrue(text.matches("(<([a-c]|zz)>){2,3}"), text);
    }

    @Test
    void aTokenOfTheChatIsNoText() {
        Constraint any = Grammar.regex("(.|\\n)*").begin(model.tokenizer());
        assertFalse(java.util.BitSet.valueOf(any.allowed()).get(START));
        assertTrue(java.util.BitSet.valueOf(any.allowed()).get(END));
        Constraint mark =
                Grammar.sequence(Grammar.token(START), Grammar.text("x")).begin(model.tokenizer());
        mark.accept(START);
        assertThrows(IllegalArgumentException.class, () -> mark.accept(END));
    }

    @Test
    void whatIsWrongIsSaidBeforeAnythingIsComputed() {
        assertEquals(
                GrammarException.Reason.SYNTAX,
                assertThrows(GrammarException.class, () -> generate(o -> o.grammar("root ::= <nobody>")))
                        .reason());
    }
}
