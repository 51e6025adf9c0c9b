package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;

/** A fixed series of calls on a session. Its result is all logits that they return. */
record SessionScript(long seed, int depth) {
    private static final int MOST_TOKENS = 90;

    /** A text that several sessions read from. */
    private static final int[] BOOK = new SplittableRandom(1).ints(1000, 0, 300).toArray();

    List<float[]> run(Session session) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<float[]> results = new ArrayList<>();
        List<FutureTask<List<float[]>>> forks = new ArrayList<>();
        for (int i = random.nextInt(2, 7); i > 0; i--) {
            Thread.sleep(random.nextInt(3));
            int length = session.length(0);
            int count = random.nextBoolean() ? random.nextInt(1, 10) : MOST_TOKENS;
            int[] tokens =
                    random.nextInt(4) > 0 ? Arrays.copyOfRange(BOOK, length, length + count) : tokens(random, count);
            switch (random.nextInt(7)) {
                case 0 -> results.add(session.feed(tokens));
                case 1 -> results.add(session.logits(tokens));
                case 2 -> results.add(session.step(new int[] {0, 1}, tokens(random, 2)));
                case 3 -> results.add(generate(session, tokens, random.nextInt(1, 8)));
                case 4 -> cancel(session, tokens);
                case 5 -> session.truncate(0, random.nextInt(length + 1));
                default -> {
                    if (depth > 0) {
                        forks.add(fork(session, new SessionScript(random.nextLong(), depth - 1)));
                    }
                }
            }
        }
        for (FutureTask<List<float[]>> fork : forks) {
            results.addAll(fork.get());
        }
        return results;
    }

    private static int[] tokens(SplittableRandom random, int count) {
        return random.ints(count, 0, 300).toArray();
    }

    /** The tokens, as numbers. */
    private static float[] generate(Session session, int[] prompt, int count) {
        float[] ids = new float[count];
        int done = 0;
        try (Generation text = session.generate(
                prompt, g -> g.temperature(1).seed(5).ignoreEnd(true).maxTokens(count))) {
            for (Token token : text) {
                ids[done++] = token.id();
            }
        }
        return ids;
    }

    private static void cancel(Session session, int[] prompt) {
        int length = session.length(0);
        Generation[] cancelled = new Generation[1];
        try (Generation text = session.generate(prompt, g -> g.progress((done, total) -> cancelled[0].cancel()))) {
            cancelled[0] = text;
            assertEquals("", text.text());
            assertEquals(FinishReason.CANCELLED, text.result().reason());
        }
        assertEquals(length, session.length(0));
    }

    private static FutureTask<List<float[]>> fork(Session session, SessionScript script) {
        Session child = session.fork();
        FutureTask<List<float[]>> task = new FutureTask<>(() -> {
            try (child) {
                return script.run(child);
            }
        });
        Thread.ofPlatform().start(task);
        return task;
    }
}
