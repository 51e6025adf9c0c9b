package dev.skald.bench;

import dev.skald.bench.MachineLimits.Rates;
import dev.skald.gguf.GgufFile;
import dev.skald.kernels.attention.KvLayout;
import dev.skald.runtime.Model;
import dev.skald.runtime.ModelDiagnostics;
import dev.skald.runtime.ModelOptions;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Times a model as llama-bench does: random tokens, generation without sampling, the mean of several repetitions after a
 * warm-up. The machine's limits are measured right before and right after each repetition.
 */
public final class ModelBenchmark implements AutoCloseable {
    /** Generated tokens in one piece of the warm-up. */
    private static final int PIECE = 8;

    private final Model model;
    private final ModelSize size;
    private final MachineLimits limits;

    /**
     * How a workload is timed.
     *
     * @param repeats how often, at least 1
     * @param warmUpSeconds the minimum time to warm up; up to ten times as long while the speed still grows
     * @param rival another program, timed alternately with Skald; null for none
     */
    public record Plan(int repeats, double warmUpSeconds, Rival rival) {
        /**
         * Checks the values.
         *
         * @throws IllegalArgumentException if one is out of range
         */
        public Plan {
            if (repeats < 1 || !(warmUpSeconds >= 0)) {
                throw new IllegalArgumentException(repeats + " repetitions, " + warmUpSeconds + " s of warm-up");
            }
        }
    }

    /**
     * Opens a model.
     *
     * @param file a GGUF file
     * @param options the model's options; they have as many threads as the limits
     * @param limits stay the caller's to close
     * @throws IOException if the file cannot be read
     */
    public ModelBenchmark(Path file, Consumer<ModelOptions> options, MachineLimits limits) throws IOException {
        this.limits = limits;
        try (GgufFile gguf = GgufFile.open(file)) {
            size = ModelSize.of(gguf);
        }
        model = Model.open(file, options);
    }

    /**
     * Returns the model's size.
     *
     * @return its size
     */
    public ModelSize size() {
        return size;
    }

    /**
     * Returns how the model runs here.
     *
     * @return the model's diagnostics
     */
    public ModelDiagnostics diagnostics() {
        return model.diagnostics();
    }

    /**
     * Times a workload.
     *
     * @param workload the workload
     * @param plan how to time it
     * @param progress gets the number of repetitions that are done: 0 after the warm-up
     * @return its speed
     * @throws IOException if the rival fails
     * @throws InterruptedException if the thread is interrupted
     */
    public Measurement measure(Workload workload, Plan plan, IntConsumer progress)
            throws IOException, InterruptedException {
        try (Session session = model.newSession(options -> options.sequences(workload.sequences())
                .contextLength(workload.contextLength())
                .prefixCache(false))) {
            Run run = new Run(session, workload);
            run.fill();
            boolean steady = run.warmUp(plan.warmUpSeconds());
            progress.accept(0);
            boolean rivalry = plan.rival() != null && plan.rival().can(workload);
            List<Double> ours = new ArrayList<>();
            List<Double> theirs = new ArrayList<>();
            List<Rates> rates = new ArrayList<>();
            while (ours.size() < plan.repeats()) {
                Rates before = limits.measure();
                ours.add(workload.totalTokens() / run.seconds(workload.tokens()));
                rates.add(before.max(limits.measure()));
                if (rivalry) {
                    theirs.add(plan.rival().tokensPerSecond(workload));
                }
                progress.accept(ours.size());
            }
            return new Measurement(
                    workload,
                    new Samples(ours),
                    new Samples(theirs),
                    size.demand(workload, run.cacheBytesPerPosition()),
                    rates,
                    steady);
        }
    }

    /** A workload in a session. */
    private final class Run {
        private final Session session;
        private final Workload workload;
        private final int[] sequences;
        private final SplittableRandom random = new SplittableRandom(1);

        Run(Session session, Workload workload) {
            this.session = session;
            this.workload = workload;
            sequences = new int[workload.sequences()];
            Arrays.setAll(sequences, i -> i);
        }

        void fill() throws InterruptedException {
            for (int sequence : sequences) {
                for (int done = 0; done < workload.depth(); done += 256) {
                    session.feedSequence(sequence, tokens(Math.min(256, workload.depth() - done)));
                    checkInterrupted();
                }
            }
        }

        boolean warmUp(double seconds) throws InterruptedException {
            int piece =
                    workload.kind() == Workload.Kind.PROMPT ? workload.tokens() : Math.min(PIECE, workload.tokens());
            SteadyRuns steady = new SteadyRuns(seconds);
            do {
                steady.add(seconds(piece));
            } while (!steady.isOver());
            return steady.isSteady();
        }

        /** Goes back to the depth, and from there times so many tokens of each sequence. */
        double seconds(int tokens) throws InterruptedException {
            for (int sequence : sequences) {
                session.truncate(sequence, workload.depth());
            }
            float[] logits;
            long start;
            if (workload.kind() == Workload.Kind.PROMPT) {
                int[] prompt = tokens(tokens);
                start = System.nanoTime();
                logits = session.feed(prompt);
            } else {
                start = System.nanoTime();
                int step = 0;
                do {
                    checkInterrupted();
                    logits = session.step(sequences, tokens(sequences.length));
                } while (++step < tokens);
            }
            long end = System.nanoTime();
            check(logits);
            checkInterrupted();
            return (end - start) * 1e-9;
        }

        /** Returns the bytes of a cache that holds, in each sequence, the pages of its greatest length. */
        double cacheBytesPerPosition() {
            int pages = Math.ceilDiv(workload.contextLength(), KvLayout.POSITIONS);
            return (double) session.cacheBytes() / ((long) pages * KvLayout.POSITIONS * sequences.length);
        }

        private int[] tokens(int count) {
            return random.ints(count, 0, model.vocabularySize()).toArray();
        }

        private void check(float[] logits) {
            for (float logit : logits) {
                if (!Float.isFinite(logit)) {
                    throw new IllegalStateException("a logit after " + workload.name() + " is " + logit);
                }
            }
        }
    }

    private static void checkInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /** Closes the model. */
    @Override
    public void close() {
        model.close();
    }
}
