package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference of {@link ForwardTest} is correct: llama.cpp has the same logits. */
class ReferenceForwardTest {
    /** The error that the golden files' README states for a float64 computation. */
    private static final double TOLERANCE = 2e-5;

    static Stream<GoldenLogitsTest.Case> models() {
        return GoldenLogitsTest.models();
    }

    @ParameterizedTest
    @MethodSource("models")
    void givesTheLogitsOfLlamaCpp(GoldenLogitsTest.Case c) {
        double[][] logits = new ReferenceForward(Golden.path("golden/logits/" + c.model())).logits(c.tokens());
        for (int t = 0; t < logits.length; t++) {
            assertEquals(c.vocabulary(), logits[t].length);
            for (int i = 0; i < c.vocabulary(); i++) {
                assertEquals(c.logits()[t * c.vocabulary() + i], logits[t][i], TOLERANCE);
            }
        }
    }
}
