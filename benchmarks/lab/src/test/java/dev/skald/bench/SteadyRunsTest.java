package dev.skald.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SteadyRunsTest {
    @ParameterizedTest(name = "{0}: {1} s at least, runs of {2}")
    @CsvSource({
        "never measured as steady while it runs too shortly, 5, 1 1 1 1, false, false",
        "steady at equal speed, 3, 1 1 1 1, true, true",
        "steady within two per cent, 3, 1 0.99 0.985 0.99, true, true",
        "still faster by more, 3, 2 1.5 1.4 1.2, false, false",
        "steady after the jump, 3, 9 1.5 1 1 1 1, true, true",
        "noise is no progress, 3, 1 5 1 7 3 2 4, true, true",
        "given up after ten times as long, 1, 8 1 1.1, true, false",
        "one run is enough when no time is asked for, 0, 0.001, true, false",
    })
    void endsWhenItsRunsNoLongerBecomeFaster(
            String what, double leastSeconds, String runs, boolean over, boolean steady) {
        SteadyRuns runsSoFar = new SteadyRuns(leastSeconds);
        Arrays.stream(runs.split(" ")).mapToDouble(Double::parseDouble).forEach(runsSoFar::add);
        assertEquals(over, runsSoFar.isOver(), "over");
        assertEquals(steady, runsSoFar.isSteady(), "steady");
    }
}
