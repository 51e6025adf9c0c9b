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

/** A network and its callers. Only calls that compute wait for others that compute. */
public final class Engine {
    private final Network network;
    private final Workspace work;
    private final WorkerTeam team;
    private final int batchSize;
    private final Scheduler scheduler;
    private final Map<KvFormat, Boolean> rowsAlike = new ConcurrentHashMap<>();

    /** Calls that look at shared data without computing hold it for reading; freeing that data holds it for writing. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    /**
     * Creates an engine.
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
     * Creates a job. It does nothing until it is computed.
     *
     * @param listener gets the inputs of matrices; null for none
     * @param cancelled asked between steps, and between layers if no other job is in the step; always on the caller's own
     *     thread
     */
    public Job newJob(Caller caller, Rows rows, Room room, InputListener listener, BooleanSupplier cancelled) {
        return new Job(caller, rows, room, listener, network.looksBothWays(), cancelled, scheduler.newCondition());
    }

    /**
     * Computes at least one of a job's rows, together with the rows of other callers.
     *
     * @throws java.util.concurrent.CancellationException if the job is cancelled
     * @throws IllegalStateException if the model is closed
     */
    public void compute(Job job) {
        scheduler.compute(job);
    }

    /**
     * Runs something else that computes, between two steps.
     *
     * @throws IllegalStateException if the model is closed
     */
    public <T> T betweenSteps(Function<Workspace, T> body) {
        return scheduler.betweenSteps(() -> body.apply(work));
    }

    /** Withdraws a job that waits; a job that is being computed is finished first. */
    public void withdraw(Job job) {
        scheduler.withdraw(job);
    }

    /** Says whether a caller generates text from now on. Steps are then short, so that it soon gets its next token. */
    public void generates(Caller caller, boolean value) {
        scheduler.generates(caller, value);
    }

    /** Runs something for each of some rows, on all threads. */
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
     * Runs something that does not compute, and during which nothing is freed.
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
     * Throws if the engine is closed.
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

    /** Returns where prompts may be cut, see {@link Workspace#promptUnit}. */
    public int promptUnit() {
        return work.promptUnit();
    }

    /** Cancels the step that is being computed, waits until it has ended, and refuses all further ones. */
    public void stop() {
        scheduler.close();
    }

    /** Runs something that frees shared data, once nobody looks at it; call after {@link #stop}. */
    public void free(Runnable free) {
        use.writeLock().lock();
        try {
            free.run();
        } finally {
            use.writeLock().unlock();
        }
    }
}
