package dev.skald.runtime.engine;

import dev.skald.runtime.arch.Network;
import dev.skald.runtime.layer.Workspace;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Brings the rows of many callers together, and is the only caller of {@link Network#forward}. It has no thread of its own: the
 * caller that has waited longest computes a step for all who wait, on its own thread, and the others are parked until their
 * rows are ready. For a lone caller this costs one uncontended lock.
 *
 * <p>A step takes all single rows that wait, and as many rows of prompts as the {@link Pace} allows while others generate.
 * Callers of single rows return at about the same time. A step waits for them a little ({@link #GRACE}); otherwise they would
 * fall into two halves that take turns.
 */
final class Scheduler {
    /** How long a step waits for expected callers, as a share of the step before. */
    private static final double GRACE = 0.1;

    /** Waking a thread takes some tens of microseconds. */
    private static final long LEAST_GRACE_NANOS = 200_000;

    /** A caller that has taken no token for this long does not delay prompts. */
    private static final long ABANDONED_NANOS = 1_000_000_000;

    private final String name;
    private final Network network;
    private final Workspace work;
    private final int batchSize;
    private final StepListener listener;
    private final Pace pace = new Pace();
    private final Step.Shared shared = new Step.Shared();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition gathered = lock.newCondition();
    private final Condition idle = lock.newCondition();
    private final Deque<Job> waiting = new ArrayDeque<>();
    private boolean computing;

    /** How many callers wait for the end of a step to run something else; the next step waits for them. */
    private int between;

    private final Set<Caller> expected = new HashSet<>();
    private final Set<Caller> generating = new HashSet<>();
    private long graceNanos;
    private volatile boolean closed;

    Scheduler(String name, Network network, Workspace work, int batchSize, StepListener listener) {
        this.name = name;
        this.network = network;
        this.work = work;
        this.batchSize = batchSize;
        this.listener = listener;
    }

    /** Signals a new job. */
    Condition newCondition() {
        return lock.newCondition();
    }

    /**
     * Computes at least one of a job's rows, on this thread or on another caller's.
     *
     * @throws CancellationException if the job is cancelled
     * @throws IllegalStateException if the model is closed
     */
    void compute(Job job) {
        lock.lock();
        try {
            returned(job.caller);
            job.renew();
            checkOpen();
            waiting.addLast(job);
            while (!job.isSettled()) {
                if (computing || between > 0 || waiting.peekFirst() != job) {
                    job.changed.awaitUninterruptibly();
                } else {
                    lead(job);
                }
            }
        } finally {
            lock.unlock();
        }
        job.rethrow();
    }

    /**
     * Runs something on this thread while no step is computed.
     *
     * @throws IllegalStateException if the model is closed
     */
    <T> T betweenSteps(Supplier<T> body) {
        lock.lock();
        between++;
        try {
            while (computing) {
                idle.awaitUninterruptibly();
            }
            checkOpen();
            computing = true;
        } finally {
            between--;
            wakeFirst();
            lock.unlock();
        }
        try {
            return body.get();
        } finally {
            lock.lock();
            try {
                computing = false;
                wakeFirst();
                idle.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Withdraws a job that waits; a job that is being computed is finished first. */
    void withdraw(Job job) {
        lock.lock();
        try {
            if (job != null && waiting.remove(job)) {
                job.settle(null, new CancellationException("cancelled"));
                wakeFirst();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Says whether a caller generates text from now on. */
    void generates(Caller caller, boolean value) {
        lock.lock();
        try {
            if (value) {
                generating.add(caller);
            } else {
                generating.remove(caller);
                unexpect(caller);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Computes the next step; the job is the first that waits. */
    private void lead(Job job) {
        computing = true;
        try {
            gather();
            if (!job.isSettled()) {
                step(job);
            }
        } finally {
            computing = false;
            wakeFirst();
            idle.signalAll();
        }
    }

    private void step(Job leader) {
        Step step = new Step(waiting, batchSize, mostOfPrompts(), work.promptUnit());
        List<float[]> results = null;
        Throwable failure = null;
        lock.unlock();
        try {
            BooleanSupplier cancelled = step.jobs().size() == 1 ? () -> closed || leader.cancelled() : () -> closed;
            Object begun = listener.begin();
            results = step.run(network, work, shared, cancelled);
            if (results != null) {
                listener.computed(begun, step.jobs().size(), step.singles(), step.promptRows(), step.seconds());
            }
        } catch (Throwable t) {
            failure = t;
        } finally {
            lock.lock();
        }
        if (results == null && failure == null) {
            failure = closed ? closed() : new CancellationException("cancelled");
        } else if (failure != null && step.jobs().size() > 1 && !closed) {
            // Each job is computed alone to find out which one failed.
            for (Job job : step.jobs().reversed()) {
                job.untake();
                job.alone = true;
                waiting.addFirst(job);
            }
            return;
        } else if (failure == null) {
            pace.add(step.singles(), step.promptRows(), step.seconds());
            graceNanos = Math.max(LEAST_GRACE_NANOS, (long) (GRACE * 1e9 * step.seconds()));
        }
        long now = System.nanoTime();
        for (int i = 0; i < step.jobs().size(); i++) {
            Job job = step.jobs().get(i);
            job.settle(failure == null ? results.get(i) : null, failure);
            if (job.rows.single()) {
                expect(job.caller, now);
            }
        }
    }

    private int mostOfPrompts() {
        long now = System.nanoTime();
        boolean shared = generating.stream().anyMatch(caller -> now - caller.ready < ABANDONED_NANOS)
                || waiting.stream().anyMatch(job -> job.rows.single());
        return shared ? Math.min(batchSize, pace.sharedRows()) : batchSize;
    }

    private void wakeFirst() {
        if (!computing && between == 0 && !waiting.isEmpty()) {
            waiting.peekFirst().changed.signal();
        }
    }

    /** Waits for expected callers, for a short time. */
    private void gather() {
        long until = System.nanoTime() + graceNanos;
        boolean interrupted = false;
        while (!expected.isEmpty() && !closed) {
            long left = until - System.nanoTime();
            if (left <= 0) {
                break;
            }
            try {
                gathered.awaitNanos(left);
            } catch (InterruptedException e) {
                interrupted = true;
                break;
            }
        }
        expected.forEach(caller -> caller.quick = false);
        expected.clear();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void expect(Caller caller, long now) {
        caller.ready = now;
        if (caller.quick) {
            expected.add(caller);
        }
    }

    private void returned(Caller caller) {
        caller.quick = System.nanoTime() - caller.ready <= 2 * graceNanos || caller.ready == 0;
        unexpect(caller);
    }

    private void unexpect(Caller caller) {
        if (expected.remove(caller) && expected.isEmpty()) {
            gathered.signal();
        }
    }

    void checkOpen() {
        if (closed) {
            throw closed();
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException("the model " + name + " is closed");
    }

    /** Cancels the step that is being computed between two layers, waits until it has ended, and refuses all further ones. */
    void close() {
        lock.lock();
        try {
            closed = true;
            for (Job job : waiting) {
                job.settle(null, closed());
            }
            waiting.clear();
            gathered.signal();
            while (computing) {
                idle.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
