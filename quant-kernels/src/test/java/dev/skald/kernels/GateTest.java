package dev.skald.kernels;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GateTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWorkerThatComesLateIsNotWaitedForAndDoesNotEnter(boolean spins) throws Exception {
        Gate gate = new Gate(spins);
        CountDownLatch shut = new CountDownLatch(1);
        FutureTask<Boolean> late = start(() -> {
            shut.await();
            return gate.enter();
        });
        gate.open();
        // Would never return if it waited for the worker, who waits for the latch.
        gate.shut();
        shut.countDown();
        assertFalse(late.get());
        gate.open();
        assertTrue(gate.enter());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWorkerThatIsInsideIsWaitedFor(boolean spins) throws Exception {
        Gate gate = new Gate(spins);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        AtomicBoolean done = new AtomicBoolean();
        gate.open();
        FutureTask<Boolean> worker = start(() -> {
            boolean inside = gate.enter();
            entered.countDown();
            held.await();
            done.set(true);
            gate.leave();
            return inside;
        });
        entered.await();
        FutureTask<Boolean> caller = start(() -> {
            gate.shut();
            return done.get();
        });
        // Once nobody enters any more, the caller waits.
        while (gate.enter()) {
            gate.leave();
        }
        assertFalse(caller.isDone());
        held.countDown();
        assertTrue(worker.get());
        assertTrue(caller.get());
    }

    @Test
    void isShutAtFirst() {
        assertFalse(new Gate(true).enter());
    }

    private static FutureTask<Boolean> start(Callable<Boolean> body) {
        FutureTask<Boolean> task = new FutureTask<>(body);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }
}
