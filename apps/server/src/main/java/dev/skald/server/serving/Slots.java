package dev.skald.server.serving;

import dev.skald.server.http.ApiError;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A fixed number of threads that generate, with a queue for waiting requests. They are platform threads, not virtual
 * ones, because a step of a model computes for a long time without a pause.
 */
public final class Slots {
    /** The state of a slot. Its thread writes it, and other threads read it. */
    public static final class Slot {
        private final int id;
        private boolean taken;
        private volatile long task = -1;
        private volatile boolean busy;
        private volatile int generated;

        private Slot(int id) {
            this.id = id;
        }

        public int id() {
            return id;
        }

        /** Returns the number of the request that it answers, or answered last; -1 before the first. */
        public long task() {
            return task;
        }

        public boolean isBusy() {
            return busy;
        }

        /** Returns how many tokens it has generated for that request. */
        public int generated() {
            return generated;
        }

        /** Counts a generated token. */
        void count() {
            // Only the slot's own thread writes this.
            generated = generated + 1;
        }
    }

    private final ThreadPoolExecutor threads;
    private final List<Slot> slots;
    private final AtomicLong tasks = new AtomicLong();

    /**
     * Creates the slots. Threads start with the first requests.
     *
     * @param name the name of the threads
     * @param parallel the number of threads
     * @param queue the maximum number of waiting requests
     */
    public Slots(String name, int parallel, int queue) {
        AtomicInteger number = new AtomicInteger();
        // The queue of a pool needs at least one place.
        threads = new ThreadPoolExecutor(
                parallel, parallel, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(Math.max(1, queue)), task -> {
                    Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        slots = IntStream.range(0, parallel).mapToObj(Slot::new).toList();
    }

    private void inSlot(Consumer<Slot> task) {
        Slot own = take();
        try {
            task.accept(own);
        } finally {
            own.busy = false;
            synchronized (slots) {
                own.taken = false;
            }
        }
    }

    /** Takes a free slot. There is one, since there are as many slots as threads. */
    private Slot take() {
        synchronized (slots) {
            Slot free = slots.stream().filter(slot -> !slot.taken).findFirst().orElseThrow();
            free.taken = true;
            free.task = tasks.getAndIncrement();
            free.generated = 0;
            free.busy = true;
            return free;
        }
    }

    /**
     * Runs a task in a slot, and waits for it.
     *
     * @throws ApiError if too many requests are waiting, or if the server is closing
     */
    public void run(Consumer<Slot> task) {
        Future<?> future;
        try {
            future = threads.submit(() -> inSlot(task));
        } catch (RejectedExecutionException e) {
            throw threads.isShutdown() ? ending() : busy();
        }
        try {
            future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (CancellationException e) {
            throw ending();
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw ending();
        }
    }

    private ApiError busy() {
        return ApiError.of(
                ApiError.Kind.BUSY,
                "the server is busy: " + threads.getMaximumPoolSize() + " requests are being answered and "
                        + threads.getQueue().size() + " wait; try again later");
    }

    /** Returns the error for requests that the server can no longer answer. */
    public static ApiError ending() {
        return ApiError.of(ApiError.Kind.UNAVAILABLE, "the server is shutting down");
    }

    /** Returns all slots, busy or not. */
    public List<Slot> all() {
        return slots;
    }

    /** Returns how many requests may generate at a time. */
    public int size() {
        return threads.getMaximumPoolSize();
    }

    /** Returns how many requests generate now. */
    public int busySlots() {
        return threads.getActiveCount();
    }

    /** Returns how many requests wait. */
    public int waiting() {
        return threads.getQueue().size();
    }

    /** Accepts no more tasks. Running tasks may end within the grace time; after that they are interrupted. */
    public void close(Duration grace) {
        threads.shutdown();
        threads.getQueue().forEach(task -> {
            if (threads.remove(task) && task instanceof Future<?> future) {
                future.cancel(false);
            }
        });
        boolean interrupted = false;
        try {
            if (!threads.awaitTermination(grace.toNanos(), TimeUnit.NANOSECONDS)) {
                threads.shutdownNow();
                threads.awaitTermination(grace.toNanos() + TimeUnit.SECONDS.toNanos(5), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
