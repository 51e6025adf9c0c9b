package dev.skald.runtime;

import dev.skald.gguf.GgufFile;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.attention.KvLayout;
import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.product.KernelGuard;
import dev.skald.runtime.arch.Architectures;
import dev.skald.runtime.arch.Network;
import dev.skald.runtime.layer.Batch;
import dev.skald.runtime.layer.Packer;
import dev.skald.runtime.layer.Results;
import dev.skald.runtime.layer.Want;
import dev.skald.runtime.layer.Weights;
import dev.skald.runtime.layer.Workspace;
import dev.skald.runtime.state.PagePool;
import dev.skald.runtime.state.SequenceState;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the JVM compile a model's code while the model is being read: a thread computes with a small network of the same
 * formats. Vector code is a hundred times slower before it is compiled, so without this the first tokens would take seconds.
 *
 * <p>First, the thread calls each kernel of the weights until it is fast. Then it runs passes, and ends when these have the
 * speed of compiled code. If code is compiled already, as after opening a model of the same formats, that takes some
 * milliseconds.
 */
final class WarmUp implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.skald.runtime");

    /** Smaller files are read and computed so fast that waiting for a compiler gains nothing. */
    static final long SMALLEST_FILE = 64L << 20;

    private static final long LIMIT_NANOS = 3_000_000_000L;

    /** How long passes may stay equally slow while they wait for a busy compiler. */
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    private static final int STEADY_PASSES = 8;

    /** Operations per second that only compiled vector code reaches, even in passes as small as these. */
    private static final double COMPILED_OPERATIONS = 3e9;

    /** The tokens of a prompt that are computed together; they need tiles of two sizes. */
    private static final int PROMPT = 16;

    /** The position of the single token: so far that its keys and values are read as in a long text. */
    private static final int LATER = 2 * KvLayout.POSITIONS;

    private static final int CONTEXT = 256;

    private final Thread thread;
    private volatile boolean ended;
    private volatile int passes;
    private volatile List<String> slowKernels = List.of();

    private WarmUp(GgufFile file, KernelKind kernels, KvFormat cacheType) {
        thread = Thread.ofPlatform().daemon().name("skald-warm-up").unstarted(() -> run(file, kernels, cacheType));
    }

    /** Starts the thread, for some kernels and a format of keys and values. */
    static WarmUp start(GgufFile file, KernelKind kernels, KvFormat cacheType) {
        WarmUp warmUp = new WarmUp(file, kernels, cacheType);
        warmUp.thread.start();
        return warmUp;
    }

    private void run(GgufFile file, KernelKind kernels, KvFormat cacheType) {
        try (WorkerTeam alone = new WorkerTeam(1);
                Packer packer = Packer.of(kernels, alone, share -> {})) {
            Network network = Architectures.sample(new Weights(file, packer));
            if (kernels == KernelKind.VECTOR_API) {
                slowKernels = slowKernels(network);
            }
            Workspace workspace = new Workspace(alone, kernels);
            try (PagePool pool = new PagePool(network.stateShape(CONTEXT), cacheType)) {
                new Passes(network, workspace, new SequenceState(pool, CONTEXT)).untilCompiled();
            }
        } catch (Throwable unusual) {
            // The thread that opens the model reports what is wrong with the file or the memory.
            LOG.log(System.Logger.Level.DEBUG, "no warm-up", unusual);
        }
    }

    /** Runs forward passes, each of a prompt and of a single token far behind it, which use different kernels. */
    private final class Passes {
        private final Network network;
        private final Workspace workspace;
        private final SequenceState state;
        private final Results results;

        Passes(Network network, Workspace workspace, SequenceState state) {
            this.network = network;
            this.workspace = workspace;
            this.state = state;
            results = network.makesLogits()
                    ? Results.logits(new float[network.vocabularySize()])
                    : new Results(new float[0], new float[network.width()]);
        }

        /**
         * Runs until several passes in a row have the speed of compiled vector code and do not get faster. Slower code that
         * does not get faster for a long time, such as plain Java kernels, has been compiled too.
         */
        void untilCompiled() {
            double compiled = 2.0 * network.weightBytes() * (PROMPT + 1) / COMPILED_OPERATIONS;
            long start = System.nanoTime();
            long bestAt = start;
            double best = Double.MAX_VALUE;
            int steady = 0;
            while (!ended) {
                long before = System.nanoTime();
                state.rollback(0);
                pass(0, PROMPT);
                if (network.makesLogits()) {
                    // Recurrent layers can only continue from where they are.
                    pass(state.recurrent().isEmpty() ? LATER : PROMPT, 1);
                }
                passes = passes + 1;
                long now = System.nanoTime();
                double seconds = (now - before) * 1e-9;
                if (seconds < 0.9 * best) {
                    best = seconds;
                    bestAt = now;
                    steady = 0;
                } else {
                    steady++;
                }
                boolean slow = now - bestAt > PATIENCE_NANOS || now - start > LIMIT_NANOS;
                if (steady >= STEADY_PASSES && best < compiled || slow) {
                    return;
                }
            }
        }

        private void pass(int first, int tokens) {
            Batch batch = new Batch(tokens);
            for (int i = 0; i < tokens; i++) {
                Want want = i < tokens - 1 ? Want.NOTHING : network.makesLogits() ? Want.LOGITS : Want.HIDDEN;
                if (tokens == 1) {
                    batch.addSingle(i, state, first + i, want);
                } else {
                    batch.add(i, state, first + i, want);
                }
            }
            state.extend(first + tokens);
            network.forward(workspace, batch, results, () -> ended);
        }
    }

    /** Makes the JVM compile the kernels of weights, and returns those that are slow nevertheless. */
    private List<String> slowKernels(Network network) {
        List<QuantFormat> formats = network.linears().stream()
                .map(linear -> linear.matrix().format())
                .distinct()
                .toList();
        List<String> slow = new ArrayList<>();
        for (QuantFormat format : formats) {
            if (!ended) {
                slow.addAll(KernelGuard.check(format));
            }
        }
        return slow;
    }

    /** Returns a sentence for each slow kernel; call after the thread has ended. */
    List<String> slowKernels() {
        return slowKernels;
    }

    /** Returns how many passes have been computed. */
    int passes() {
        return passes;
    }

    /** Waits until the thread has ended. */
    void await() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                ended = true;
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives up, and waits until the thread has ended. */
    @Override
    public void close() {
        ended = true;
        await();
    }
}
