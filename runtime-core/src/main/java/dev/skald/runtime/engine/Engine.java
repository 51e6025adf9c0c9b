package dev.skald.runtime.engine;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.arch.Network;
import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.engine.Job.Room;
import dev.skald.runtime.engine.Job.Rows;
import dev.skald.runtime.layer.Workspace;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** A network and those who compute with it. Only what computes waits for others that compute. */
public final class Engine {
    private final Network network;
    private final Workspace work;
    private final WorkerTeam team;
    private final int batchSize;
    private final Scheduler scheduler;
    private final Map<KvFormat, Boolean> rowsAlike = new ConcurrentHashMap<>();

    /** Held for writing by who frees what others, who hold it for reading, look at without computing. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    /**
     * An engine.
     *
     * @param name of the model, for messages
     * @param team stays the caller's to close
     * @param batchSize how many rows are computed together at most
     * @param listener hears of each step
     */
    public Engine(String name, Network network, Workspace work, WorkerTeam team, int batchSize, StepListener listener) {
        this.network = network;
        this.work = work;
        this.team = team;
        this.batchSize = batchSize;
        this.scheduler = new Scheduler(name, network, work, batchSize, listener);
    }

    public Network network() {
        return network;
    }

    public int batchSize() {
        return batchSize;
    }

    /**
     * A job, which does nothing before it is computed.
     *
     * @param listener gets what matrices are multiplied by; null if nobody wants it
     * @param cancelled asked between steps, and between layers where nobody else's rows are computed; by the caller's own thread
     */
    public Job newJob(Caller caller, Rows rows, Room room, InputListener listener, BooleanSupplier cancelled) {
        return new Job(caller, rows, room, listener, network.looksBothWays(), cancelled, scheduler.newCondition());
    }

    /**
     * Computes some of a job's rows, at least one, with what other callers want computed.
     *
     * @throws java.util.concurrent.CancellationException if the job is cancelled
     * @throws IllegalStateException if the model is closed
     */
    public void compute(Job job) {
        scheduler.compute(job);
    }

    /**
     * Computes something else between two steps.
     *
     * @throws IllegalStateException if the model is closed
     */
    public <T> T betweenSteps(Function<Workspace, T> body) {
        return scheduler.betweenSteps(() -> body.apply(work));
    }

    /** Takes back a job that waits; one that is being computed is computed. */
    public void withdraw(Job job) {
        scheduler.withdraw(job);
    }

    /** Says whether a caller generates text from now on: steps are then short, so that it does not wait long for its next token. */
    public void generates(Caller caller, boolean value) {
        scheduler.generates(caller, value);
    }

    /** Does something for each of some rows, on all threads. */
    public void eachRow(int rows, IntConsumer body) {
        whileOpen(() -> {
            team.run(rows, 1, (worker, from, to) -> {
                for (int row = from; row < to; row++) {
                    body.accept(row);
                }
            });
            return null;
        });
    }

    /**
     * Does something that does not compute, and during which nothing is freed.
     *
     * @throws IllegalStateException if the engine is closed
     */
    public <T> T whileOpen(Supplier<T> body) {
        checkOpen();
        use.readLock().lock();
        try {
            checkOpen();
            return body.get();
        } finally {
            use.readLock().unlock();
        }
    }

    /**
     * Fails if the engine is closed.
     *
     * @throws IllegalStateException if it is
     */
    public void checkOpen() {
        scheduler.checkOpen();
    }

    /** See {@link Network#rowsAlike}. */
    public boolean rowsAlike(KvFormat format) {
        return rowsAlike.computeIfAbsent(format, f -> network.rowsAlike(work, f));
    }

    /** Where prompts may be cut, see {@link Workspace#promptUnit}. */
    public int promptUnit() {
        return work.promptUnit();
    }

    /** Ends the step that is being computed, waits for that, and has nothing more computed. */
    public void stop() {
        scheduler.close();
    }

    /** Frees what others look at, once nobody does; behind {@link #stop}. */
    public void free(Runnable free) {
        use.writeLock().lock();
        try {
            free.run();
        } finally {
            use.writeLock().unlock();
        }
    }
}
