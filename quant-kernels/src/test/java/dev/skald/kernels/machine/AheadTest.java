package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("once")
class AheadTest {
    /** Calls try the distances in turn, and the faster one is kept, even if some of its calls were delayed for long. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void theFasterDistanceStays(int faster) {
        Ahead ahead = new Ahead();
        Map<Integer, Integer> calls = new HashMap<>();
        for (int call = 0; !ahead.isChosen(); call++) {
            assertTrue(call < Ahead.CALLS * Ahead.DISTANCES.length, "no choice after " + call + " calls");
            int distance = ahead.distance(1);
            boolean heldUp = calls.merge(distance, 1, Integer::sum) % 3 == 0;
            long nanos = distance == Ahead.DISTANCES[faster] ? 20_000 : 25_000;
            ahead.took(distance, 1 << 20, heldUp ? 100 * nanos : nanos);
        }
        assertEquals(Ahead.DISTANCES[faster], ahead.distance(1));
        assertEquals(Map.of(Ahead.DISTANCES[0], Ahead.CALLS, Ahead.DISTANCES[1], Ahead.CALLS), calls);
    }

    /** A call of a few bytes is not measured, and several tokens have only one kernel. */
    @ParameterizedTest
    @ValueSource(longs = {1, Ahead.LEAST_BYTES - 1})
    void shortCallsDoNotCount(long bytes) {
        Ahead ahead = new Ahead();
        for (int call = 0; call < 1000; call++) {
            ahead.took(ahead.distance(1), bytes, 1);
        }
        assertFalse(ahead.isChosen());
        assertEquals(Ahead.DISTANCES[0], ahead.distance(2));
    }
}
