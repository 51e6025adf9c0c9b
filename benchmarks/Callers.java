import dev.skald.runtime.Model;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Measures how much callers slow each other down. It prints the tokens per second of one session, of eight sessions with a thread
 * each, and of a batch of eight that one thread computes. It also prints how long eight sessions wait for their next token while
 * the model reads a prompt of 8,000 tokens for another. Start it with the flags of {@code jvm.options} and {@code vectors.options},
 * and the modules' jars or classes on the class path: {@code java -cp ... benchmarks/Callers.java model.gguf}.
 */
public class Callers {
    private static final int CALLERS = 8;
    private static final int TOKENS = 128;

    public static void main(String[] args) throws Exception {
        try (Model model = Model.open(Path.of(args[0]), o -> o.prefixCache(0))) {
            for (int round = 0; round < 3; round++) {
                double one = threads(model, 1);
                double batch = batch(model);
                double eight = threads(model, CALLERS);
                System.out.printf(
                        "one %.1f, batch of eight %.1f, eight threads %.1f tokens/s: %.0f %% of the batch%n",
                        one, batch, eight, 100 * eight / batch);
            }
            besidePrompt(model);
        }
    }

    private static int[] prompt(int count) {
        int[] tokens = new int[count];
        Arrays.setAll(tokens, i -> 100 + i % 1000);
        return tokens;
    }

    private static double batch(Model model) {
        try (Session session = model.newSession(s -> s.sequences(CALLERS))) {
            int[] sequences = new int[CALLERS];
            for (int i = 0; i < CALLERS; i++) {
                sequences[i] = i;
                session.feedSequence(i, prompt(32));
            }
            long start = System.nanoTime();
            for (int i = 0; i < TOKENS; i++) {
                session.step(sequences, prompt(CALLERS));
            }
            return CALLERS * TOKENS * 1e9 / (System.nanoTime() - start);
        }
    }

    private static double threads(Model model, int count) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        CountDownLatch read = new CountDownLatch(count);
        long[] starts = new long[1];
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try (Session session = model.newSession();
                        Generation text = session.generate(
                                prompt(32), g -> g.greedy().ignoreEnd(true).maxTokens(TOKENS + 1))) {
                    var tokens = text.iterator();
                    tokens.next();
                    read.countDown();
                    read.await();
                    starts[0] = System.nanoTime();
                    while (tokens.hasNext()) {
                        tokens.next();
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return count * TOKENS * 1e9 / (System.nanoTime() - starts[0]);
    }

    private static void besidePrompt(Model model) throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch generating = new CountDownLatch(CALLERS);
        double[] longest = new double[CALLERS];
        int[] tokens = new int[CALLERS];
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            int caller = i;
            threads.add(Thread.ofPlatform().start(() -> {
                try (Session session = model.newSession();
                        Generation text = session.generate(prompt(32), g -> g.greedy().ignoreEnd(true))) {
                    long last = 0;
                    for (Token token : text) {
                        long now = System.nanoTime();
                        if (tokens[caller]++ == 20) {
                            generating.countDown();
                        }
                        if (generating.getCount() == 0 && last != 0) {
                            longest[caller] = Math.max(longest[caller], (now - last) * 1e-9);
                        }
                        last = now;
                        if (over.get()) {
                            break;
                        }
                    }
                }
            }));
        }
        generating.await();
        long start = System.nanoTime();
        try (Session session = model.newSession()) {
            session.feed(prompt(8000));
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        over.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.printf(
                "beside a prompt of 8,000 tokens, read in %.1f s: the longest wait for a token is %.3f s; %d tokens each%n",
                seconds, Arrays.stream(longest).max().orElseThrow(), Arrays.stream(tokens).sum() / CALLERS);
    }
}
