package dev.skald.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.bench.MachineLimits.Rates;
import dev.skald.gguf.GgufFile;
import dev.skald.runtime.quantize.Mixture;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemandTest {
    /** 100 weights in the layers, 10 in the output matrix, 60 bytes; attention over all positions. */
    private static final ModelSize SMALL = new ModelSize(100, 10, 60, ModelSize.Experts.NONE, Integer.MAX_VALUE);

    /** 500 bytes and 4000 operations a second. */
    private static final Rates RATES = new Rates(500, 4000);

    @Test
    void aPromptReadsWeightsOnceAndMultipliesTheOutputOnce() {
        Demand demand = SMALL.demand(Workload.prompt(8, 0), 3);
        assertEquals(new Demand(8, 60, 2 * (100 * 8 + 10)), demand);
        // 60 / 500 s to read, 1620 / 4000 s to compute.
        assertFalse(demand.boundByMemory(RATES));
        assertEquals(8 / 0.405, demand.limit(RATES), 1e-9);
    }

    @Test
    void generationReadsWeightsAndCacheForEachToken() {
        Demand demand = SMALL.demand(Workload.generation(4, 20, 1), 3);
        // Positions 21 + 22 + 23 + 24 of 3 bytes each.
        assertEquals(new Demand(4, 4 * 60 + 90 * 3, 2 * 110 * 4), demand);
        // 510 / 500 s to read, 880 / 4000 s to compute.
        assertTrue(demand.boundByMemory(RATES));
        assertEquals(4 / 1.02, demand.limit(RATES), 1e-9);
    }

    @Test
    void sequencesShareTheWeightsButNotTheCache() {
        Demand demand = SMALL.demand(Workload.generation(4, 20, 3), 3);
        assertEquals(new Demand(12, 4 * 60 + 3 * 90 * 3, 2 * 110 * 12), demand);
    }

    @Test
    void manySequencesAreBoundByArithmetic() {
        Demand demand = SMALL.demand(Workload.generation(1, 0, 100), 0);
        // 60 / 500 s to read, 22000 / 4000 s to compute.
        assertFalse(demand.boundByMemory(RATES));
        assertEquals(100 / 5.5, demand.limit(RATES), 1e-9);
    }

    @Test
    void aTokenReadsTheExpertsThatItGoesThrough() {
        // Of 8 experts with 800 weights in 400 bytes a token goes through 2: 200 weights in 100 bytes.
        ModelSize.Experts experts = new ModelSize.Experts(800, 400, 8, 2);
        ModelSize size = new ModelSize(100, 10, 60, experts, Integer.MAX_VALUE);
        assertEquals(
                new Demand(4, 4 * (60 + 100) + 90 * 3, 2 * (110 + 200) * 4),
                size.demand(Workload.generation(4, 20, 1), 3));
        assertEquals(new Demand(8, 60 + 100, 2 * ((100 + 200) * 8 + 10)), size.demand(Workload.prompt(8, 0), 3));
        assertEquals(910, size.allWeights());
        assertEquals(460, size.allBytes());
    }

    @Test
    void theSizeOfAMixtureOfExpertsTellsWhatATokenUses(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("m.gguf");
        ModelShape shape = ModelShape.named("qwen3-30b-a3b").cutTo(1);
        new SyntheticModel(shape, Mixture.Q8_0, false).write(file, 1, bytes -> {});
        try (var gguf = GgufFile.open(file)) {
            ModelSize.Experts experts = ModelSize.of(gguf).experts();
            // 128 experts of three matrices of 2048 x 768; Q8_0 has 34 bytes for 32 weights. Eight are used.
            long weights = 128L * 3 * 2048 * 768;
            assertEquals(new ModelSize.Experts(weights, weights / 32 * 34, 128, 8), experts);
        }
    }

    @Test
    void aWindowLimitsWhatAttentionReads() {
        Demand demand = new ModelSize(100, 10, 60, ModelSize.Experts.NONE, 22).demand(Workload.generation(4, 20, 1), 3);
        // Positions 21 + 22 + 22 + 22.
        assertEquals(4 * 60 + 87 * 3, demand.bytes());
    }

    @Test
    void theHigherRatesAreNearerToTheLimit() {
        assertEquals(new Rates(5, 9), new Rates(5, 6).max(new Rates(4, 9)));
    }

    @Test
    void theSizeOfAModelIsThatOfItsMatrices(@TempDir Path folder) throws Exception {
        Path file = new SyntheticCache(folder).file(ModelShape.named("tiny"), Mixture.Q4_0, bytes -> {});
        // Two layers of q and o 256 x 256, k and v 256 x 128, three of 256 x 512; Q4_0 has 18 bytes for 32 weights, the
        // embedding of 256 x 512, which is the output too, is Q6_K with 210 bytes for 256.
        long layers = 2L * (2 * 256 * 256 + 2 * 256 * 128 + 3 * 256 * 512);
        try (var gguf = GgufFile.open(file)) {
            assertEquals(
                    new ModelSize(
                            layers, 256 * 512, layers / 32 * 18 + 512 * 210, ModelSize.Experts.NONE, Integer.MAX_VALUE),
                    ModelSize.of(gguf));
        }
    }

    @ParameterizedTest
    @CsvSource({"PROMPT,512,0,1,pp512", "GENERATION,128,4096,1,tg128 @ d4096", "GENERATION,128,64,8,tg128 x 8 @ d64"})
    void namesAreThoseOfLlamaBench(Workload.Kind kind, int tokens, int depth, int sequences, String name) {
        assertEquals(name, new Workload(kind, tokens, depth, sequences).name());
    }

    @ParameterizedTest
    @CsvSource({"PROMPT,0,0,1", "PROMPT,1,-1,1", "PROMPT,1,0,2", "GENERATION,1,0,0"})
    void aWorkloadHasSensibleNumbers(Workload.Kind kind, int tokens, int depth, int sequences) {
        assertThrows(IllegalArgumentException.class, () -> new Workload(kind, tokens, depth, sequences));
    }

    @Test
    void meanAndDeviationOfASample() {
        Samples samples = new Samples(List.of(1.0, 2.0, 3.0, 4.0));
        assertEquals(2.5, samples.mean());
        // Squares 2.25 + 0.25 + 0.25 + 2.25, over 3.
        assertEquals(Math.sqrt(5.0 / 3), samples.deviation(), 1e-15);
        assertEquals(0, new Samples(List.of(7.0)).deviation());
        assertTrue(Double.isNaN(new Samples(List.of()).mean()));
    }

    @Test
    void ratiosAreTakenPairByPair() {
        Samples ours = new Samples(List.of(6.0, 9.0));
        assertEquals(new Samples(List.of(2.0, 4.5)), ours.over(new Samples(List.of(3.0, 2.0))));
        assertThrows(IllegalArgumentException.class, () -> ours.over(new Samples(List.of(1.0))));
    }
}
