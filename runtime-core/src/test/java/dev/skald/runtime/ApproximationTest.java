package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Paths that round more than float32 lose less than 8-bit activations as in other programs do. Their KL divergence over some thousand
 * positions is below that of a reference which rounds activations as ggml does, even if some activations are a hundred or a
 * thousand times as large as the others.
 */
@Tag("kernels")
class ApproximationTest {
    private static final int TEXTS = 12;
    private static final int LENGTH = 256;

    /** Fewer positions for the wide model, because its references take most of this test's time. */
    private static final int WIDE_TEXTS = 4;

    @TempDir
    static Path folder;

    @ParameterizedTest
    @CsvSource({"F16, 1", "F16, 100", "F16, 1000", "Q8_0, 1", "Q8_0, 100", "Q8_0, 1000"})
    void roundedKeysAndValuesLoseLessThanEightBitActivations(KvFormat format, int outlier) throws IOException {
        TestModel shape = new TestModel().layers(3).outlier(outlier);
        Path file = shape.write(folder.resolve(format + "-" + outlier + ".gguf"));
        try (Model model = Model.open(file, o -> o.threads(2).exact(false))) {
            compare(shape, file, TEXTS, model, format, model, KvFormat.F32);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 1000})
    void halfPrecisionProductsLoseLessThanEightBitActivations(int outlier) throws IOException {
        // As wide as it must be for half precision to be chosen; one layer more would double the time of the
        // references.
        TestModel shape = new TestModel().width(512, 512).outlier(outlier);
        Path file = shape.write(folder.resolve("wide-" + outlier + ".gguf"));
        try (Model half = Model.open(file, o -> o.threads(2).cacheType(KvFormat.F32));
                Model exact = Model.open(file, o -> o.threads(2).exact(true))) {
            assumeTrue(
                    half.diagnostics().approximations().equals(List.of("products of long prompts in half precision")),
                    "needs a processor with AVX512-FP16");
            compare(shape, file, WIDE_TEXTS, half, KvFormat.F32, exact, KvFormat.F32);
        }
    }

    @ParameterizedTest
    @CsvSource({"16, 1", "16, 100", "16, 1000", "8, 1", "8, 100", "8, 1000"})
    void machineCodeLosesNoMoreThanEightBitActivations(int bits, int outlier) throws IOException {
        assumeTrue(
                KernelKind.MACHINE_CODE.available(),
                () -> KernelKind.MACHINE_CODE.refusal().orElseThrow());
        TestModel shape = new TestModel().layers(3).type(GgmlType.Q4_0).outlier(outlier);
        Path file = shape.write(folder.resolve("machine-" + bits + "-" + outlier + ".gguf"));
        try (Model machine = Model.open(
                        file, o -> o.threads(2).kernels(KernelKind.MACHINE_CODE).activationBits(bits));
                Model exact = Model.open(file, o -> o.threads(2).exact(true))) {
            assertTrue(machine.diagnostics().approximations().contains("activations of products in " + bits + " bits"));
            double share = compare(shape, file, TEXTS, machine, KvFormat.F32, exact, KvFormat.F32);
            // A rounding 256 times as fine has 256^2 times less of a divergence, but for what outliers saturate.
            assertTrue(bits == 8 || share < 0.01, "16 bits lose " + share + " of what 8 bits lose");
        }
    }

    /** Returns our divergence as a share of the reference's. */
    private static double compare(
            TestModel shape, Path file, int texts, Model rough, KvFormat roughCache, Model exact, KvFormat exactCache)
            throws IOException {
        ReferenceForward reference = new ReferenceForward(file);
        ReferenceForward eightBits = new ReferenceForward(file).withEightBitActivations();
        double ours = 0;
        double theirs = 0;
        try (Session roughly = rough.newSession(o -> o.cacheType(roughCache));
                Session exactly = exact.newSession(o -> o.cacheType(exactCache))) {
            for (int text = 0; text < texts; text++) {
                int[] tokens =
                        Arrays.copyOfRange(shape.randomTokens(TEXTS * LENGTH), text * LENGTH, (text + 1) * LENGTH);
                roughly.truncate(0, 0);
                exactly.truncate(0, 0);
                float[] rounded = roughly.logits(tokens);
                float[] floats = exactly.logits(tokens);
                double[][] real = reference.logits(tokens);
                double[][] coarse = eightBits.logits(tokens);
                for (int t = 0; t < LENGTH; t++) {
                    ours += divergence(row(floats, t, shape.tokens()), row(rounded, t, shape.tokens()));
                    theirs += divergence(real[t], coarse[t]);
                }
            }
        }
        double positions = texts * LENGTH;
        String found = "KL " + ours / positions + " against " + theirs / positions;
        assertTrue(ours > 0, found);
        assertTrue(ours < theirs, found);
        System.getLogger("dev.skald.test").log(System.Logger.Level.INFO, found);
        return ours / theirs;
    }

    private static double[] row(float[] logits, int t, int vocabulary) {
        double[] row = new double[vocabulary];
        Arrays.setAll(row, i -> logits[t * vocabulary + i]);
        return row;
    }

    /** KL(p || q) in nats, of logits. */
    private static double divergence(double[] p, double[] q) {
        double normP = logSum(p);
        double normQ = logSum(q);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            double log = p[i] - normP;
            sum += Math.exp(log) * (log - (q[i] - normQ));
        }
        return sum;
    }

    private static double logSum(double[] x) {
        double max = Arrays.stream(x).max().orElseThrow();
        return max + Math.log(Arrays.stream(x).map(v -> Math.exp(v - max)).sum());
    }

    /** If nothing is rounded, an outlier changes no result. */
    @Test
    void theOutlierAloneChangesNothing() {
        int[] tokens = new TestModel().randomTokens(40);
        double[][] plain = new ReferenceForward(new TestModel().write(folder.resolve("without.gguf"))).logits(tokens);
        double[][] with =
                new ReferenceForward(new TestModel().outlier(1000).write(folder.resolve("with.gguf"))).logits(tokens);
        for (int t = 0; t < tokens.length; t++) {
            for (int i = 0; i < plain[t].length; i++) {
                assertEquals(plain[t][i], with[t][i], 1e-4);
            }
        }
    }

    /** Diagnostics name weights whose codes are made floats by their place in a word, but not weights that are floats. */
    @ParameterizedTest
    @CsvSource({"Q4_0, true", "Q6_K, true", "F16, false", "F32, false"})
    void singleTokensOfTheVectorApiAreNamedUnlessTheModelIsExact(GgmlType type, boolean named) throws IOException {
        assumeTrue(KernelKind.VECTOR_API.available());
        Path file = new TestModel()
                .width(256, 256)
                .heads(4, 2)
                .headSize(64, 64)
                .type(type)
                .write(folder.resolve("single-" + type + ".gguf"));
        String name = "products of single tokens in float32, rounded up to ten times as much as plain sums";
        try (Model model = Model.open(file, o -> o.kernels(KernelKind.VECTOR_API))) {
            assertEquals(named, model.diagnostics().approximations().contains(name));
        }
        try (Model model = Model.open(file, o -> o.exact(true))) {
            assertEquals(List.of(), model.diagnostics().approximations());
        }
    }

    @Test
    void theCacheIsNamedUnlessTheModelIsExact() throws IOException {
        Path file = new TestModel().write(folder.resolve("named.gguf"));
        String name = "keys and values in half precision";
        try (Model model = Model.open(file)) {
            assertTrue(model.diagnostics().approximations().contains(name));
            assertEquals("half precision", model.diagnostics().kvCache());
        }
        try (Model model = Model.open(file, o -> o.exact(true))) {
            assertEquals(List.of(), model.diagnostics().approximations());
            assertEquals("float32", model.diagnostics().kvCache());
        }
    }
}
