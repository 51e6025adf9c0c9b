package dev.skald.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerTeamTest {
    @ParameterizedTest
    @CsvSource({"1,10,1", "2,0,1", "2,1,1", "2,7,3", "3,1000,1", "4,1000,7", "7,13,5"})
    void doesEveryItemOnce(int threads, int items, int grain) {
        try (WorkerTeam team = new WorkerTeam(threads)) {
            int[] once = new int[items];
            Arrays.fill(once, 1);
            for (int repeat = 0; repeat < 200; repeat++) {
                AtomicIntegerArray done = new AtomicIntegerArray(items);
                team.run(items, grain, (worker, from, to) -> {
                    assertTrue(worker >= 0 && worker < threads);
                    assertEquals(0, from % grain);
                    for (int i = from; i < to; i++) {
                        done.getAndIncrement(i);
                    }
                });
                int[] counts = new int[items];
                for (int i = 0; i < items; i++) {
                    counts[i] = done.get(i);
                }
                assertArrayEquals(once, counts);
            }
        }
    }

    @Test
    void othersDoTheShareOfWhoIsHeldUp() {
        try (WorkerTeam team = new WorkerTeam(3)) {
            AtomicInteger done = new AtomicInteger();
            long end = System.nanoTime() + 60_000_000_000L;
            team.run(300, 1, (worker, from, to) -> {
                // The thread with the first items waits until the other threads have done all other items.
                while (from == 0 && done.get() < 300 - to) {
                    assertTrue(System.nanoTime() < end, "nobody helps");
                    Thread.onSpinWait();
                }
                done.getAndAdd(to - from);
            });
            assertEquals(300, done.get());
        }
    }

    @Test
    void wakesAfterItHasParked() throws InterruptedException {
        try (WorkerTeam team = new WorkerTeam(3)) {
            for (int repeat = 0; repeat < 5; repeat++) {
                AtomicIntegerArray done = new AtomicIntegerArray(100);
                team.run(100, 1, (worker, from, to) -> {
                    for (int i = from; i < to; i++) {
                        done.getAndIncrement(i);
                    }
                });
                for (int i = 0; i < 100; i++) {
                    assertEquals(1, done.get(i));
                }
                Thread.sleep(20);
            }
        }
    }

    @Test
    void severalCallersTakeTurns() throws InterruptedException {
        try (WorkerTeam team = new WorkerTeam(2)) {
            AtomicIntegerArray inside = new AtomicIntegerArray(4);
            Thread[] callers = new Thread[4];
            for (int c = 0; c < callers.length; c++) {
                int caller = c;
                callers[c] = new Thread(() -> {
                    for (int i = 0; i < 100; i++) {
                        team.run(10, 1, (worker, from, to) -> inside.getAndAdd(caller, to - from));
                    }
                });
                callers[c].start();
            }
            for (Thread caller : callers) {
                caller.join();
            }
            for (int c = 0; c < callers.length; c++) {
                assertEquals(1000, inside.get(c));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void throwsWhatATaskThrowsAndGoesOn(int threads) {
        try (WorkerTeam team = new WorkerTeam(threads)) {
            RuntimeException thrown = new RuntimeException("item 5");
            assertSame(
                    thrown,
                    assertThrows(
                            RuntimeException.class,
                            () -> team.run(10, 1, (worker, from, to) -> {
                                if (from <= 5 && 5 < to) {
                                    throw thrown;
                                }
                            })));
            AtomicIntegerArray done = new AtomicIntegerArray(10);
            team.run(10, 1, (worker, from, to) -> {
                for (int i = from; i < to; i++) {
                    done.getAndIncrement(i);
                }
            });
            assertEquals(1, done.get(9));
        }
    }

    @Test
    void leavesNoThreadBehind() {
        WorkerTeam team = new WorkerTeam(4);
        team.run(100, 1, (worker, from, to) -> {});
        team.close();
        team.close();
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(t -> t.getName().startsWith("skald-worker")));
        assertThrows(IllegalStateException.class, () -> team.run(1, 1, (worker, from, to) -> {}));
    }

    @Test
    void refusesBadArguments() {
        assertThrows(IllegalArgumentException.class, () -> new WorkerTeam(0));
        try (WorkerTeam team = new WorkerTeam(1)) {
            assertThrows(IllegalArgumentException.class, () -> team.run(-1, 1, (worker, from, to) -> {}));
            assertThrows(IllegalArgumentException.class, () -> team.run(1, 0, (worker, from, to) -> {}));
        }
    }
}
