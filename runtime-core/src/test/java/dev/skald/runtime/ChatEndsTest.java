package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.Overflow;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.sampling.SamplerStep;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ends of answers, full contexts and log-probabilities. */
class ChatEndsTest extends ChatFixture {
    @Test
    void aTemplatesStopEndsAnAnswerAndNeverShows() {
        try (Chat chat = model.newChat(c -> c.template("alpaca"));
                Generation generation = chat.send("Hei", saying("God dag.\n### Instruction:\nMore"))) {
            StringBuilder text = new StringBuilder();
            for (Token token : generation) {
                text.append(token.text());
                assertTrue("God dag.\n".startsWith(text.toString()), text.toString());
            }
            assertEquals("God dag.\n", text.toString());
            assertEquals(FinishReason.STOP, generation.result().reason());
            assertEquals(Message.assistant("God dag.\n"), chat.messages().getLast());
        }
    }

    @Test
    void aStopStringOverTokensIsNoPartOfTheMessage() {
        try (Chat chat = chat(c -> c.generation(g -> g.stop("STOP")))) {
            try (Generation generation = chat.send("a", saying("one STOR, two STOP three"))) {
                assertEquals("one STOR, two ", generation.text());
            }
            assertEquals(Message.assistant("one STOR, two "), chat.messages().getLast());
            say(chat, "b", "c");
            assertEquals(4, chat.messages().size());
        }
    }

    @Test
    void whiteSpaceBeforeAnAnswerIsNotShown() {
        try (Chat chat = chat(c -> {});
                Generation generation = chat.send("a", saying(" \n answer"))) {
            assertEquals("answer", generation.text());
            assertEquals(Message.assistant("answer"), chat.messages().getLast());
        }
    }

    // Ends

    @Test
    void anAnswerIsPartOfTheConversationWhenItHasEnded() {
        try (Chat chat = chat(c -> {});
                Generation generation = chat.send("a", saying("bc"))) {
            assertEquals(List.of(Message.user("a")), chat.messages());
            assertThrows(IllegalStateException.class, () -> chat.send("too early"));
            assertThrows(IllegalStateException.class, () -> chat.edit(0, "too early"));
            assertThrows(IllegalStateException.class, () -> chat.truncate(0));
            generation.text();
            assertEquals(List.of(Message.user("a"), Message.assistant("bc")), chat.messages());
        }
    }

    @Test
    void aCancelledAnswerStaysAsFarAsItCame() {
        try (Chat chat = chat(c -> {})) {
            try (Generation generation = chat.send("a", saying("bcd"))) {
                var tokens = generation.iterator();
                assertEquals("b", tokens.next().text());
                assertEquals("c", tokens.next().text());
            }
            assertEquals(List.of(Message.user("a"), Message.assistant("bc")), chat.messages());
            GenerationResult next = say(chat, "e", "f");
            // The whole turn except its last token, which had not been read.
            assertEquals(tokens("c" + turn("e")).length, next.promptTokens());
        }
    }

    @Test
    void aQuestionTellsHowFarItIsReadAndIsTakenBackIfNobodyWaitsAnyMore() {
        try (Chat chat = chat(c -> {})) {
            say(chat, "a", "b");
            List<Message> before = chat.messages();
            List<Integer> told = new ArrayList<>();
            try (Generation generation = chat.send(
                    "c",
                    saying("d")
                            .andThen(g -> g.progress((done, total) -> {
                                told.add(total - done);
                                if (done == total) {
                                    throw new IllegalStateException("nobody there");
                                }
                            })))) {
                assertThrows(IllegalStateException.class, generation::text);
            }
            assertEquals(List.of(tokens(turn("c")).length, 0), told);
            assertEquals(before, chat.messages());
            say(chat, "c", "d");
        }
    }

    @Test
    void anAnswerCancelledBeforeItBeganTakesItsQuestionBack() {
        try (Chat chat = chat(c -> {})) {
            say(chat, "a", "b");
            List<Message> before = chat.messages();
            chat.send("c").close();
            assertEquals(before, chat.messages());
            Generation generation = chat.send("d");
            generation.cancel();
            assertEquals("", generation.text());
            assertEquals(before, chat.messages());
            assertEquals(FinishReason.CANCELLED, generation.result().reason());
            say(chat, "e", "f");
        }
    }

    @Test
    void noTokensReadTheConversationOnly() {
        try (Chat chat = chat(c -> c.system("Svar kort."))) {
            try (Generation warm = chat.send("", g -> g.maxTokens(0))) {
                warm.text();
            }
            assertEquals(List.of(Message.system("Svar kort.")), chat.messages());
            int system = joined(new int[] {BOS}, tokens("<|im_start|>system\nSvar kort.<|im_end|>\n<|im_start|>user\n"))
                    .length;
            assertEquals(system, say(chat, "a", "b").cachedTokens());
        }
    }

    @Test
    void aFailedAnswerIsClosedLikeACancelledOne() {
        try (Chat chat = chat(c -> {})) {
            SamplerStep broken = (candidates, history) -> {
                throw new ArithmeticException("broken");
            };
            try (Generation generation = chat.send("a", g -> g.step(broken))) {
                assertThrows(ArithmeticException.class, generation::text);
            }
            assertEquals(List.of(), chat.messages());
            say(chat, "a", "b");
        }
    }

    @Test
    void systemAndResetChangeTheBeginning() {
        try (Chat chat = chat(c -> c.system("one"))) {
            say(chat, "a", "b");
            chat.system("two");
            assertEquals(List.of(Message.system("two"), Message.user("a"), Message.assistant("b")), chat.messages());
            chat.reset();
            assertEquals(List.of(Message.system("two")), chat.messages());
            chat.system(null);
            assertEquals(List.of(), chat.messages());
            say(chat, "c", "d");
        }
    }

    // A full context

    @Test
    void aConversationThatDoesNotFitIsRefusedWithTheNumbers() {
        try (Chat chat = chat(c -> c.contextLength(64))) {
            say(chat, "a", "b");
            List<Message> before = chat.messages();
            int used = chat.tokens();
            ContextOverflowException error =
                    assertThrows(ContextOverflowException.class, () -> chat.send("x".repeat(60)));
            assertEquals(64, error.contextLength());
            assertEquals(used, error.used());
            assertEquals(tokens(turn("x".repeat(60))).length, error.tokens());
            assertEquals(before, chat.messages());
            say(chat, "c", "d");
        }
    }

    @Test
    void anAnswerEndsWhereTheContextIsFull() {
        try (Chat chat = chat(c -> c.contextLength(48));
                Generation generation = chat.send("a", g -> g.ignoreEnd(true).seed(1))) {
            generation.text();
            assertEquals(FinishReason.CONTEXT_FULL, generation.result().reason());
            assertEquals(48, chat.tokens());
        }
    }

    @Test
    void theOldestTurnsAreDroppedAndTheSystemMessageStays() {
        try (Chat chat = chat(c -> c.system("Svar kort.").contextLength(200).overflow(Overflow.DROP_OLDEST))) {
            int most = 0;
            for (int i = 0; i < 30; i++) {
                say(chat, "question " + i, "answer " + i);
                most = Math.max(most, chat.tokens());
                assertTrue(chat.tokens() <= 200);
            }
            assertTrue(most > 100);
            assertEquals(61, chat.messages().size());
            assertTrue(chat.droppedMessages() > 40 && chat.droppedMessages() % 2 == 0);
            int[] prompt = prompt(chat, "the last");
            String text = model.tokenizer().decode(prompt, true);
            String first = "<|begin_of_text|><|im_start|>system\nSvar kort.<|im_end|>\n<|im_start|>user\nquestion ";
            assertTrue(text.startsWith(first), text);
            assertTrue(text.contains("answer 29"), text);
        }
    }

    @Test
    void droppingIsNotDoneAtEachTurn() {
        try (Chat chat = chat(c -> c.contextLength(240).overflow(Overflow.DROP_OLDEST))) {
            int times = 0;
            for (int i = 0; i < 20; i++) {
                int before = chat.droppedMessages();
                say(chat, "question " + i, "answer " + i);
                times += chat.droppedMessages() > before ? 1 : 0;
            }
            assertTrue(times >= 2 && times <= 10, () -> "dropped often");
        }
    }

    @Test
    void aLastTurnThatIsTooLongIsRefusedAlsoWhenTurnsAreDropped() {
        try (Chat chat = chat(c -> c.contextLength(64).overflow(Overflow.DROP_OLDEST))) {
            say(chat, "a", "b");
            assertThrows(ContextOverflowException.class, () -> chat.send("x".repeat(80)));
            assertEquals(0, chat.droppedMessages());
            say(chat, "c", "d");
        }
    }

    // Log-probabilities

    @Test
    void logprobsAreThoseOfTheLogits() {
        try (Chat chat = chat(c -> {});
                Session session = model.newSession()) {
            float[] logits = session.feed(prompt(chat, "a"));
            chat.truncate(0);
            double sum = 0;
            for (float logit : logits) {
                sum += Math.exp(logit);
            }
            int[] best = IntStream.range(0, logits.length)
                    .boxed()
                    .sorted((a, b) -> Float.compare(logits[b], logits[a]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            try (Generation generation =
                    chat.send("a", g -> g.greedy().logprobs(3).ignoreEnd(true).maxTokens(2))) {
                Token token = generation.iterator().next();
                var logprobs = token.logprobs().orElseThrow();
                assertEquals(best[0], logprobs.chosen().token());
                assertEquals(3, logprobs.top().size());
                for (int i = 0; i < 3; i++) {
                    assertEquals(best[i], logprobs.top().get(i).token());
                    assertEquals(
                            logits[best[i]] - Math.log(sum),
                            logprobs.top().get(i).logprob(),
                            1e-4);
                }
            }
            try (Generation generation = chat.send("a", g -> g.maxTokens(1))) {
                assertTrue(generation.iterator().next().logprobs().isEmpty());
            }
        }
    }
}
