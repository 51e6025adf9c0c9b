package dev.skald.server.serving;

import dev.skald.server.http.ApiError;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fixed number of threads that generate, and a queue of requests that wait for one. They are platform threads, not virtual
 * ones, because a step of a model computes for a long time without a pause.
 */
public final class Slots {
    private final ThreadPoolExecutor threads;

    /**
     * Creates the slots. Threads start with the first requests.
     *
     * @param name of the threads
     * @param parallel how many generate at a time
     * @param queue how many may wait
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
    }

    /**
     * Runs a task in a slot, and waits for it.
     *
     * @throws ApiError if too many wait already, or the server ends
     */
    public void run(Runnable task) {
        Future<?> future;
        try {
            future = threads.submit(task);
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

    /** Accepts no more tasks. Running tasks may end within the grace time and are then interrupted. */
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
