package dev.skald.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.bench.MachineLimits.Rates;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MachineLimitsTest {
    static Stream<LimitKernels> kernels() {
        return Stream.of(new ScalarLimitKernels(), LimitKernels.best());
    }

    static Stream<Arguments> streams() {
        return kernels()
                .flatMap(kernels ->
                        Arrays.stream(LimitKernels.STREAMS).mapToObj(streams -> Arguments.of(kernels, streams)));
    }

    static Stream<Arguments> chains() {
        return kernels()
                .flatMap(kernels -> Arrays.stream(kernels.chains()).mapToObj(chains -> Arguments.of(kernels, chains)));
    }

    @ParameterizedTest
    @MethodSource("streams")
    void everyElementIsRead(LimitKernels kernels, int streams) {
        long[] chunk = new SplittableRandom(1).longs(8192).toArray();
        assertEquals(Arrays.stream(chunk).sum(), kernels.sum(chunk, streams));
    }

    @ParameterizedTest
    @MethodSource("chains")
    void everyChainTakesEveryStep(LimitKernels kernels, int chains) {
        // x = x / 2 + 1 from 0: 2 - 2 / 2^8 after 8 steps.
        assertEquals((2 - 2 / 256.0) * chains * kernels.lanes(), kernels.advance(chains, 8));
        double longer = kernels.advance(chains, 64);
        assertEquals(2.0 * chains * kernels.lanes(), longer);
        assertEquals(Optional.empty(), kernels.wrong(longer, chains));
        assertTrue(kernels.wrong(longer - 1, chains).isPresent());
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void ratesAreThoseOfAComputer(LimitKernels kernels) {
        try (MachineLimits limits = new MachineLimits(2, 16 << 20, kernels)) {
            Rates rates = limits.measure();
            assertTrue(rates.bytesPerSecond() > 1e7 && rates.bytesPerSecond() < 1e13, rates.toString());
            assertTrue(rates.flopsPerSecond() > 1e7 && rates.flopsPerSecond() < 1e14, rates.toString());
        }
    }

    @Test
    void moreMemoryThanThereIsIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new MachineLimits(1, Long.MAX_VALUE));
    }
}
