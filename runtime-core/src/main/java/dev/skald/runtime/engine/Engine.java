package dev.skald.runtime.engine;

import dev.skald.kernels.WorkerTeam;
import dev.skald.runtime.state.KvCache;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** A network and who computes with it: the only caller of {@link Network#forward}. */
public final class Engine implements AutoCloseable {
    private final String name;
    private final Network network;
    private final WorkerTeam team;
    private final int batchSize;

    /** Fair, so that no session waits for ever while others compute. */
    private final ReentrantLock computing = new ReentrantLock(true);

    private boolean closed;

    /**
     * An engine.
     *
     * @param name of the model, for messages
     * @param batchSize how many rows are computed together at most
     */
    public Engine(String name, Network network, WorkerTeam team, int batchSize) {
        this.name = name;
        this.network = network;
        this.team = team;
        this.batchSize = batchSize;
    }

    public Network network() {
        return network;
    }

    public int batchSize() {
        return batchSize;
    }

    /** One forward pass, by someone who runs {@link #exclusively}. */
    public boolean forward(Batch batch, KvCache cache, float[] logits, BooleanSupplier cancelled) {
        return network.forward(batch, cache, logits, cancelled);
    }

    /** Does something for each of some rows, on all threads. */
    public void eachRow(int rows, IntConsumer body) {
        exclusively(() -> {
            team.run(rows, 1, (worker, from, to) -> {
                for (int row = from; row < to; row++) {
                    body.accept(row);
                }
            });
            return null;
        });
    }

    /** Runs something while no forward pass runs and the engine is not closed. */
    public <T> T exclusively(Supplier<T> body) {
        computing.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the model " + name + " is closed");
            }
            return body.get();
        } finally {
            computing.unlock();
        }
    }

    /** Runs something while no forward pass runs, also when the engine is closed. */
    public void quietly(Runnable body) {
        computing.lock();
        try {
            body.run();
        } finally {
            computing.unlock();
        }
    }

    /** Waits for the step that is being computed. */
    @Override
    public void close() {
        quietly(() -> {
            closed = true;
            team.close();
        });
    }
}
