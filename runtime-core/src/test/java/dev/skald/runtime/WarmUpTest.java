package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.KvFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class WarmUpTest {
    @TempDir
    Path folder;

    static Stream<Arguments> models() {
        return Stream.of(
                Arguments.of("as it comes", new TestModel()),
                Arguments.of("Q8_0", new TestModel().type(GgmlType.Q8_0)),
                Arguments.of(
                        "Q4_0 of many heads",
                        new TestModel()
                                .type(GgmlType.Q4_0)
                                .width(512, 2560)
                                .heads(16, 8)
                                .headSize(32, 32)
                                .layers(1)),
                Arguments.of(
                        "biases and norms",
                        new TestModel()
                                .arch("qwen3")
                                .attentionBiases()
                                .headNorms()
                                .untied()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void itComputesAndEnds(String name, TestModel model) throws IOException {
        try (GgufFile file = GgufFile.open(model.write(folder.resolve("model.gguf")))) {
            WarmUp warmUp = WarmUp.start(file, KernelKind.best(), KvFormat.F16);
            warmUp.await();
            assertTrue(warmUp.passes() > 0);
            assertFalse(running());
        }
    }

    /** The small network for warming up is built by the same code as the whole one. */
    @ParameterizedTest
    @MethodSource("dev.skald.runtime.HostileArchitectureTest#models")
    void itComputesWithEachArchitecture(ArchitectureGoldenTest.Case c) throws IOException {
        try (GgufFile file = GgufFile.open(Golden.path("golden/arch/" + c.model()))) {
            WarmUp warmUp = WarmUp.start(file, KernelKind.best(), KvFormat.F16);
            warmUp.await();
            assertTrue(warmUp.passes() > 0);
        }
    }

    @Test
    void itComputesInPlaceWithAnExactCache() throws IOException {
        try (GgufFile file = GgufFile.open(new TestModel().write(folder.resolve("model.gguf")))) {
            WarmUp warmUp = WarmUp.start(file, KernelKind.IN_PLACE, KvFormat.F32);
            warmUp.await();
            assertTrue(warmUp.passes() > 0);
        }
    }

    @Test
    void closingEndsIt() throws IOException {
        try (GgufFile file = GgufFile.open(new TestModel().write(folder.resolve("model.gguf")))) {
            WarmUp.start(file, KernelKind.best(), KvFormat.F16).close();
            assertFalse(running());
        }
    }

    @Test
    void anInterruptedThreadDoesNotWaitAndStaysInterrupted() throws IOException {
        try (GgufFile file = GgufFile.open(new TestModel().write(folder.resolve("model.gguf")))) {
            Thread.currentThread().interrupt();
            WarmUp.start(file, KernelKind.best(), KvFormat.F16).await();
            assertTrue(Thread.interrupted());
            assertFalse(running());
        }
    }

    @Test
    void aFileThatCannotBeOpenedEndsItWithoutAWord() throws IOException {
        Path path = new TestModel().withoutTensor("blk.0.attn_q.weight").write(folder.resolve("model.gguf"));
        try (GgufFile file = GgufFile.open(path)) {
            WarmUp warmUp = WarmUp.start(file, KernelKind.best(), KvFormat.F16);
            warmUp.await();
            assertEquals(0, warmUp.passes());
        }
    }

    @Test
    void smallFilesAndThoseWhoSayNoGoWithout() {
        assertTrue(new ModelOptions().warmsUp(64 << 20));
        assertFalse(new ModelOptions().warmsUp((64 << 20) - 1));
        assertFalse(new ModelOptions().warmUp(false).warmsUp(1L << 40));
    }

    private static boolean running() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("skald-warm-up"));
    }
}
