package dev.skald.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.product.MatMul;
import dev.skald.kernels.product.MatMul.Product;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The benchmarks' own checks: they accept what the kernels compute, and nothing else. */
class ChecksTest {
    private static final int ROWS = 70;
    private static final int COLUMNS = 512;
    private static final int TOKENS = 3;

    static Stream<GgmlType> formats() {
        return QuantFormats.all().stream().map(QuantFormat::type);
    }

    static Stream<GgmlType> written() {
        return QuantFormats.all().stream().filter(QuantFormat::canEncode).map(QuantFormat::type);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aProductIsAcceptedUntilItIsWrong(GgmlType type) {
        float[] x = BenchmarkWeights.activations(COLUMNS * TOKENS);
        float[] y = new float[ROWS * TOKENS];
        try (WorkerTeam team = new WorkerTeam(2);
                BenchmarkWeights weights = new BenchmarkWeights(type.name(), ROWS, COLUMNS, null, 1)) {
            new MatMul(team).multiply(x, TOKENS, new Product(weights.next(), y));
            weights.check(x, TOKENS, y);
            // Changes the last row of the last token by the product of one activation (about 1) and one weight (about
            // 0.02).
            y[y.length - 1] += 0.02f;
            assertThrows(IllegalStateException.class, () -> weights.check(x, TOKENS, y));
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void decodedWeightsAreAccepted(GgmlType type) {
        FormatBenchmark.Decoding state = new FormatBenchmark.Decoding();
        state.format = type.name();
        assertDoesNotThrow(state::prepare);
        state.finish();
    }

    @ParameterizedTest
    @MethodSource("written")
    void encodedWeightsAreAccepted(GgmlType type) {
        FormatBenchmark.Encoding state = new FormatBenchmark.Encoding();
        state.encoded = type.name();
        assertDoesNotThrow(state::prepare);
        state.finish();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void packedWeightsAreAccepted(GgmlType type) {
        assumeTrue(KernelKind.best() != KernelKind.IN_PLACE, "there are no packed kernels in plain Java");
        PackingBenchmark state = new PackingBenchmark();
        state.format = type.name();
        assertDoesNotThrow(state::prepare);
        state.finish();
    }

    @ParameterizedTest
    @CsvSource({"1, F16", "40, F16", "1, F32", "1, Q8_0", "40, Q8_0"})
    void attentionIsAccepted(int rows, KvFormat format) {
        AttentionBenchmark state = new AttentionBenchmark();
        state.depth = 70;
        state.rows = rows;
        state.format = format;
        assertDoesNotThrow(state::prepare);
        state.finish();
    }

    @ParameterizedTest
    @EnumSource
    void sampledTokensAreAccepted(SamplerBenchmark.Chain chain) {
        SamplerBenchmark state = new SamplerBenchmark();
        state.chain = chain;
        assertDoesNotThrow(state::prepare);
        state.finish();
    }
}
