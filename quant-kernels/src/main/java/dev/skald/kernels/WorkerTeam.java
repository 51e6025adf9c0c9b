package dev.skald.kernels;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed team of threads that works through a range of items together.
 *
 * <p>The calling thread is worker 0 and works too; the others are daemon threads. Each worker gets an equal share of
 * the items and takes pieces from its front, because memory is read fastest in order. The pieces become smaller towards
 * the end. A worker that has finished its share helps another, so that all finish together. Which thread does an item
 * varies from run to run, so a task must give the same result on any thread. Between two calls a worker spins for
 * some tens of microseconds, longer if nothing else uses the processors, and then parks: a chain of short steps causes
 * no wake-ups, and an idle team takes no time. Calls from several threads take turns.
 */
public final class WorkerTeam implements AutoCloseable {
    /** Work on a range of items. */
    @FunctionalInterface
    public interface Task {
        /**
         * Processes the items from {@code from} (inclusive) to {@code to} (exclusive).
         *
         * @param worker the calling worker, 0 to {@link WorkerTeam#threads()} - 1: an index for scratch space
         * @param from first item
         * @param to one past the last item
         */
        void run(int worker, int from, int to);
    }

    /** How long a worker spins before it parks. */
    private static final long SPIN_NANOS = 40_000;

    /**
     * How long a worker spins on a machine that has nothing else to do. The serial work between two steps of a token took up
     * to 95 microseconds on a virtual machine, and waking a parked thread 75 to 110.
     */
    private static final long PATIENT_SPIN_NANOS = 200_000;

    /**
     * Longer waits show that other programs use the processors. Then parking is better, because the system runs a thread
     * that has slept before one that has not.
     */
    private static final long LONG_WAIT_NANOS = 400_000;

    /** A worker spins patiently if that many of its last 32 waits were not long. */
    private static final int SHORT_WAITS = 28;

    /** How often a spinning worker looks at the epoch before it looks at the clock. */
    private static final int LOOKS = 16;

    /** What is taken at a time of what is left of a share: most, and the last pieces are small. */
    private static final double TAKEN_OF_SHARE = 0.75;

    /** Longs from one worker's share to the next: two lines of cache, which processors fetch in pairs. */
    private static final int SHARE_STRIDE = 16;

    private static final VarHandle EPOCH;

    static {
        try {
            EPOCH = MethodHandles.lookup().findVarHandle(WorkerTeam.class, "epoch", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ReentrantLock turn = new ReentrantLock(true);
    private final Worker[] workers;
    private final boolean spins;

    /** What is left of each worker's share: the first item in the upper half, one past the last in the lower. */
    private final AtomicLongArray shares;

    /** Open during a call, for all workers but the calling one. */
    private final Gate gate;

    // Written by the caller before it lets workers in, and read by them when they are inside.
    private Task task;
    private int grain;
    private volatile Throwable failure;
    private volatile boolean closed;

    @SuppressWarnings("unused") // through EPOCH
    private volatile int epoch;

    /**
     * Starts a team.
     *
     * @param threads the number of threads, including the calling one; 1 to 1024
     * @throws IllegalArgumentException if {@code threads} is out of range
     */
    public WorkerTeam(int threads) {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads must be 1 to 1024, not " + threads);
        }
        // With more threads than processors a spinning thread keeps a working one from running.
        spins = threads <= Runtime.getRuntime().availableProcessors();
        gate = new Gate(spins);
        shares = new AtomicLongArray((threads + 1) * SHARE_STRIDE);
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
        }
        try {
            for (Worker worker : workers) {
                worker.start();
            }
        } catch (Throwable t) {
            // The system has no thread left; those that it had are not to wait for ever.
            close();
            throw t;
        }
    }

    /**
     * Returns the size of the team.
     *
     * @return the number of threads, including the calling one
     */
    public int threads() {
        return workers.length + 1;
    }

    /**
     * Processes all items and returns when the last is done. What the task wrote is then visible to the caller.
     *
     * @param items the number of items, numbered from 0; with 0, nothing happens
     * @param grain the smallest number of items in a range, 1 or more; ranges start at multiples of it
     * @param task the work
     * @throws IllegalArgumentException if {@code items} is negative or {@code grain} less than 1
     * @throws IllegalStateException if the team is closed
     * @throws RuntimeException the first exception that the task threw; the other items may or may not have been
     *     processed
     */
    public void run(int items, int grain, Task task) {
        if (items < 0 || grain < 1) {
            throw new IllegalArgumentException("items=" + items + " grain=" + grain);
        }
        turn.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the worker team is closed");
            }
            if (workers.length == 0 || items <= grain) {
                if (items > 0) {
                    task.run(0, 0, items);
                }
                return;
            }
            this.task = task;
            this.grain = grain;
            failure = null;
            long grains = (items + grain - 1L) / grain;
            for (int i = 0; i < threads(); i++) {
                long from = grains * i / threads() * grain;
                long to = Math.min(items, grains * (i + 1) / threads() * grain);
                shares.set(at(i), from << 32 | to);
            }
            gate.open();
            wake();
            work(0);
            // A worker that has not come by now finds nothing to do, and is not waited for.
            gate.shut();
            this.task = null;
            rethrow(failure);
        } finally {
            turn.unlock();
        }
    }

    /** Ends the threads and waits for them; a running call is finished first. Closing a second time does nothing. */
    @Override
    public void close() {
        turn.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            wake();
        } finally {
            turn.unlock();
        }
        boolean interrupted = false;
        for (Worker worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake() {
        EPOCH.getAndAdd(this, 1);
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker);
            }
        }
    }

    private void work(int worker) {
        try {
            for (int i = 0; i < threads(); i++) {
                int owner = (worker + i) % threads();
                for (long share = shares.get(at(owner)); left(share) > 0; share = shares.get(at(owner))) {
                    int from = (int) (share >> 32);
                    int to = from + piece(left(share));
                    if (shares.compareAndSet(at(owner), share, (long) to << 32 | (int) share)) {
                        task.run(worker, from, to);
                    }
                }
            }
        } catch (Throwable t) {
            for (int i = 0; i < threads(); i++) {
                shares.set(at(i), 0);
            }
            failure = t;
        }
    }

    private static int at(int worker) {
        return (worker + 1) * SHARE_STRIDE;
    }

    private static int left(long share) {
        return (int) share - (int) (share >> 32);
    }

    /** How many items are taken of so many. */
    private int piece(int left) {
        long grains = Math.max(1, (long) (TAKEN_OF_SHARE * left) / grain);
        return (int) Math.min(left, grains * grain);
    }

    private static void rethrow(Throwable failure) {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError("a Task cannot throw a checked exception", failure);
        }
    }

    private final class Worker extends Thread {
        private final int index;
        private volatile boolean parked;

        /** A bit for each of the last waits, 1 if it was not long. */
        private int shortWaits;

        Worker(int index) {
            super("skald-worker-" + index);
            this.index = index;
            setDaemon(true);
        }

        @Override
        public void run() {
            for (int seen = 0; ; ) {
                await(seen);
                // A call that begins after this is entered here or found at the next look.
                seen = epoch;
                if (closed) {
                    return;
                }
                if (gate.enter()) {
                    work(index);
                    gate.leave();
                }
            }
        }

        /** Returns once the epoch has left {@code seen}. */
        private void await(int seen) {
            long start = System.nanoTime();
            boolean patient = Integer.bitCount(shortWaits) >= SHORT_WAITS;
            if (!spins || !spin(seen, start + (patient ? PATIENT_SPIN_NANOS : SPIN_NANOS))) {
                park(seen);
            }
            shortWaits = shortWaits << 1 | (System.nanoTime() - start < LONG_WAIT_NANOS ? 1 : 0);
        }

        /** Spins until a time, and returns whether the epoch has left {@code seen}. */
        private boolean spin(int seen, long until) {
            do {
                for (int i = 0; i < LOOKS; i++) {
                    if (epoch != seen) {
                        return true;
                    }
                    Thread.onSpinWait();
                }
            } while (System.nanoTime() - until < 0);
            return false;
        }

        private void park(int seen) {
            // The flag is set before the epoch is looked at again, and the caller advances the epoch before it looks at
            // the flag: one of the two sees the other, so no wake-up is lost.
            parked = true;
            while (epoch == seen) {
                LockSupport.park(WorkerTeam.this);
            }
            parked = false;
        }
    }
}
