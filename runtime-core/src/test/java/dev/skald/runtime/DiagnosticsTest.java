package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.machine.Refused;
import dev.skald.kernels.machine.RefusedAttention;
import dev.skald.runtime.Diagnostics.Flag;
import dev.skald.runtime.Diagnostics.State;
import dev.skald.runtime.ModelDiagnostics.WeightStorage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiagnosticsTest {
    private static final List<String> OWN_FLAGS =
            ManagementFactory.getRuntimeMXBean().getInputArguments();
    private static final boolean VECTORS =
            ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

    private static final boolean PACKS = KernelKind.best() != KernelKind.IN_PLACE;

    @TempDir
    static Path folder;

    private static Path file;

    @BeforeAll
    static void write() {
        file = new TestModel().type(GgmlType.Q8_0).write(folder.resolve("model.gguf"));
    }

    @Test
    void theMachineIsThisOne() {
        Diagnostics found = Diagnostics.report();
        assertTrue(found.java().startsWith(Runtime.version().toString()), found.java());
        assertEquals(Runtime.getRuntime().availableProcessors(), found.processors());
        assertEquals(Runtime.getRuntime().maxMemory(), found.heapBytes());
        assertTrue(found.memoryBytes() > 1 << 28, () -> found.memoryBytes() + " bytes");
    }

    @Test
    void vectorsAreThereWhenTheirModuleIs() {
        Diagnostics found = Diagnostics.report();
        Flag flag = found.flags().getFirst();
        assertEquals("--add-modules=jdk.incubator.vector", flag.flag());
        assertEquals(VECTORS ? State.SET : State.MISSING, flag.state());
        assertEquals(VECTORS, found.vectorBits() > 0);
        String vectors = VECTORS ? "Vector API, " + found.vectorBits() + " bits" : "plain Java";
        assertEquals(
                KernelKind.MACHINE_CODE
                        .refusal()
                        .map(why -> vectors + "; no machine code: " + why)
                        .orElseGet(() -> KernelKind.MACHINE_CODE.description() + "; " + vectors),
                found.kernels());
        assertEquals(!VECTORS, found.remedies().stream().anyMatch(text -> text.contains("jdk.incubator.vector")));
    }

    @Test
    void nativeAccessIsMissingUnlessAskedFor() {
        assumeTrue(Path.of("/proc/cpuinfo").toFile().exists(), "Linux only");
        String name = "--enable-native-access=ALL-UNNAMED";
        Flag flag = Diagnostics.report().flags().get(1);
        assertEquals(name, flag.flag());
        boolean asked = OWN_FLAGS.contains(name);
        assertTrue(flag.state() == State.UNAVAILABLE || (flag.state() == State.SET) == asked, flag::toString);
        assertEquals(
                flag.state() == State.MISSING,
                Diagnostics.report()
                        .remedies()
                        .contains(
                                "Start the JVM with " + name + ": products by machine code, which is faster than vector"
                                        + " kernels are, from the first token on."));
    }

    @Test
    void theWidthIsWhatTheJvmWasGiven() {
        OWN_FLAGS.stream()
                .filter(flag -> flag.startsWith("-XX:MaxVectorSize="))
                .map(flag -> 8 * Integer.parseInt(flag.substring(flag.indexOf('=') + 1)))
                .forEach(bits -> assertEquals(bits, Diagnostics.report().vectorBits()));
    }

    @Test
    void hugePagesAreMissingUnlessAskedFor() {
        Flag flag = Diagnostics.report().flags().get(2);
        boolean asked = OWN_FLAGS.contains("-XX:+UseTransparentHugePages");
        assertEquals("-XX:+UseTransparentHugePages", flag.flag());
        assertTrue(flag.state() == State.UNAVAILABLE || (flag.state() == State.SET) == asked, flag::toString);
    }

    @Test
    void aRemedyIsASentenceForWhatIsMissing() {
        Diagnostics made = new Diagnostics(
                "25",
                "Linux",
                "cpu",
                2,
                4L << 30,
                1L << 30,
                "plain Java",
                0,
                List.of(
                        new Flag("-XX:+A", State.MISSING, "a is faster"),
                        new Flag("-XX:+B", State.SET, "b is faster"),
                        new Flag("-XX:+C", State.UNAVAILABLE, "c is faster")));
        assertEquals(List.of("Start the JVM with -XX:+A: a is faster."), made.remedies());
        assertEquals("""
                java        25
                system      Linux
                processor   cpu, 2 of it for this process
                memory      4,096.0 MiB, Java heap at most 1,024.0 MiB
                kernels     plain Java
                flag        -XX:+A is missing
                flag        -XX:+B is set
                flag        -XX:+C is unavailable
                faster      Start the JVM with -XX:+A: a is faster.
                """, made.text());
        assertEquals(made.text(), made.toString());
    }

    @Test
    void aModelSaysHowItRuns() throws IOException {
        try (Model model = Model.open(file, o -> o.threads(2).batchSize(7))) {
            ModelDiagnostics found = model.diagnostics();
            assertEquals(Diagnostics.report().flags(), found.machine().flags());
            assertEquals(file, found.file());
            assertEquals("llama", found.architecture());
            assertEquals(2, found.threads());
            assertEquals(7, found.batchSize());
            assertEquals(PACKS ? WeightStorage.PACKED : WeightStorage.IN_PLACE_FOR_LACK_OF_KERNELS, found.weights());
            // Q8_0 takes 34 bytes for 32 weights; packing fills up rows and never leaves a weight out.
            assertTrue(PACKS ? found.packedBytes() >= 2 * model.weightBytes() / 3 : found.packedBytes() == 0);
            assertTrue(found.opening().total().compareTo(found.opening().weights()) >= 0);
            assertTrue(found.text().startsWith(found.machine().text()), found.text());
            assertTrue(found.text().contains("model       " + file + " (llama)\n"), found.text());
        }
    }

    /** If the kernels of one format fail their self-test, its weights get the next kernels, and other formats keep theirs. */
    @Test
    void aModelSaysWhichFormatsMachineCodeIsRefusedFor() throws IOException {
        assumeTrue(
                KernelKind.MACHINE_CODE.available(),
                () -> KernelKind.MACHINE_CODE.refusal().orElseThrow());
        try (Refused _ = new Refused(QuantFormats.of(GgmlType.Q8_0), "a kernel is wrong");
                Model model = Model.open(file)) {
            String vectors = VECTORS
                    ? "on Vector API, " + Diagnostics.report().vectorBits() + " bits"
                    : "in place on plain Java";
            assertEquals(
                    KernelKind.MACHINE_CODE.description() + "; Q8_0 " + vectors + ": a kernel is wrong",
                    model.diagnostics().kernels());
            model.complete("a", o -> o.maxTokens(2));
        }
        try (Model model = Model.open(file)) {
            assertEquals(
                    KernelKind.MACHINE_CODE.description(), model.diagnostics().kernels());
        }
    }

    /** If attention kernels fail their self-test, attention runs without machine code, and products still with it. */
    @Test
    void aModelSaysThatMachineCodeIsRefusedForAttention() throws IOException {
        assumeTrue(
                KernelKind.MACHINE_CODE.available(),
                () -> KernelKind.MACHINE_CODE.refusal().orElseThrow());
        try (RefusedAttention _ = new RefusedAttention(16, 16, "a kernel is wrong");
                Model model = Model.open(file)) {
            String instead = VECTORS ? "Vector API, " + Diagnostics.report().vectorBits() + " bits" : "plain Java";
            assertEquals(
                    KernelKind.MACHINE_CODE.description() + "; attention on " + instead + ": a kernel is wrong",
                    model.diagnostics().kernels());
            model.complete("a", o -> o.maxTokens(2));
        }
    }

    @Test
    void theMapOfKernelsNamesThoseOfAModel() throws IOException {
        try (Model model = Model.open(file)) {
            assertEquals(
                    model.diagnostics().kernels().startsWith("machine code"),
                    Diagnostics.kernelMap()
                            .lines()
                            .anyMatch(
                                    line -> line.matches(
                                            "0x[0-9a-f]{16}-0x[0-9a-f]{16} Q8_0: 1 groups x 1 tokens of 16 bits, from memory 256 bytes ahead")),
                    Diagnostics::kernelMap);
        }
    }

    @Test
    void weightsAreInPlaceWhenAsked() throws IOException {
        try (Model model = Model.open(file, o -> o.packed(false))) {
            assertEquals(WeightStorage.IN_PLACE_AS_ASKED, model.diagnostics().weights());
            assertEquals(0, model.diagnostics().packedBytes());
        }
    }

    @Test
    void anExactModelApproximatesNothing() throws IOException {
        try (Model model = Model.open(file, o -> o.exact(true))) {
            assertTrue(model.diagnostics().exact());
            assertEquals(List.of(), model.diagnostics().approximations());
            assertTrue(
                    model.diagnostics().text().contains("approximate nothing\n"),
                    model.diagnostics().text());
        }
    }

    @Test
    void aClosedModelSaysNothing() throws IOException {
        Model model = Model.open(file);
        model.close();
        assertThrows(IllegalStateException.class, model::diagnostics);
    }
}
