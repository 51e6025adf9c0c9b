package dev.skald.kernels.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.instruction.FieldInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The JVM's compilers accept every kernel. C1 refuses a method with too many vector operations, and a method that it refuses may
 * never reach C2. Its vectors are then objects, and a model runs at a hundredth of its speed. The test reads the compilers' messages
 * and measures no time.
 */
@Tag("once")
class KernelCompilationTest {
    /** Kernels that a JVM with such vectors has no use for: those for other widths, and products in half precision. */
    private static final Map<Integer, String> IDLE = Map.of(
            256,
            "HalfTile::.*|Packed(Super)?Dot::dotTable4.*|PackedPanel::(bound|largest)|Tile::multiply(8|12)"
                    + "|VectorAttention::(dotTile8|mixTile8|add4x4)|VectorKernels::vectorBits",
            512,
            "HalfTile::.*|Packed(Table|Panel)::(bound|largest|dot|row|superRow|codes|scale|scaleOfScales)|VectorAttention::(dotTile4|mixTile4|add4x2)"
                    + "|VectorKernels::vectorBits");

    /**
     * Bytes of machine code at tier 3, the tier with most of it. C1 counts virtual registers, which cannot be seen from
     * outside. The methods that it refused would have taken 255,000 bytes and more.
     */
    private static final int MOST_BYTES = 195_000;

    /** Runs the children, as many at a time as there are processors, because each mostly waits for its own compiler. */
    private static final ExecutorService POOL =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());

    private static final Map<String, Future<Report>> CHILDREN = new HashMap<>();

    @BeforeAll
    static void startAll(@TempDir Path root) throws Exception {
        Path options = Path.of(System.getProperty("skald.root"), "apps/command/src/main/resources/dev/skald/cli");
        for (int bits : new int[] {128, 256}) {
            int unrollLimit = bits == 128 ? 60 : 100;
            List<String> flags = patiently("-XX:MaxVectorSize=" + bits / 8, "-XX:LoopUnrollLimit=" + unrollLimit);
            start(root, "each tier, " + bits, flags, EachTier.class, "4");
        }
        for (int bits : new int[] {128, 256}) {
            List<String> flags = List.of(
                    "@" + options.resolve("jvm.options"),
                    "@" + options.resolve("vectors.options"),
                    "-XX:MaxVectorSize=" + bits / 8);
            start(root, "until fast, " + bits, flags, UntilFast.class);
        }
        Path directory = directory(root, "each tier, 512");
        patchWith512Bits(directory);
        start(root, "each tier, 512", patiently("-XX:TieredStopAtLevel=3"), EachTier.class, "3");
    }

    private static Path directory(Path root, String name) throws IOException {
        return Files.createDirectories(root.resolve(name.replaceAll("\\W+", "-")));
    }

    private static void start(Path root, String name, List<String> flags, Class<?> program, String... args)
            throws IOException {
        Path directory = directory(root, name);
        CHILDREN.put(name, POOL.submit(() -> Child.run(directory, flags, program, args)));
    }

    @AfterAll
    static void waitForAll() {
        POOL.close();
    }

    private static List<String> patiently(String... more) {
        List<String> flags = new ArrayList<>(List.of(
                "-XX:-BackgroundCompilation",
                "-XX:ReservedCodeCacheSize=400m",
                // C1 compiles every method that runs twice, and C2 only what it is asked to.
                "-XX:Tier0InvokeNotifyFreqLog=0",
                "-XX:Tier3InvocationThreshold=2",
                "-XX:Tier3MinInvocationThreshold=1",
                "-XX:Tier3CompileThreshold=2",
                "-XX:Tier4InvocationThreshold=1000000",
                "-XX:Tier4MinInvocationThreshold=1000000",
                "-XX:Tier4CompileThreshold=1000000",
                "-XX:Tier4BackEdgeThreshold=1000000000"));
        flags.addAll(List.of(more));
        return flags;
    }

    /** The unroll limit is that of the command, and the JVM's own. C1 knows no vectors: it takes 512 bits on any machine. */
    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void atEachTierWholeAndFromEachLoop(int bits) throws Exception {
        check(bits == 512 ? 512 : 256, CHILDREN.get("each tier, " + bits).get());
    }

    /** Has the kernels take vectors of 512 bits. */
    private static void patchWith512Bits(Path directory) throws IOException {
        String name = "dev.skald.kernels.platform.VectorKernels";
        Path patched = directory.resolve("patched").resolve(name.replace('.', '/') + ".class");
        Files.createDirectories(patched.getParent());
        ClassFile file = ClassFile.of();
        Files.write(
                patched,
                file.transformClass(
                        file.parse(Child.bytes(name)), ClassTransform.transformingMethodBodies((code, element) -> {
                            if (element instanceof FieldInstruction field
                                    && field.name().equalsString("SPECIES_PREFERRED")) {
                                code.getstatic(field.owner().asSymbol(), "SPECIES_512", field.typeSymbol());
                            } else {
                                code.with(element);
                            }
                        })));
    }

    private static void check(int bits, Report report) {
        assertEquals(List.of(), report.refused());
        assertEquals(
                List.of(),
                report.idle().stream()
                        .filter(kernel -> !kernel.matches(IDLE.get(bits)))
                        .toList(),
                "did not run, so that its calls were not compiled either");
        assertTrue(report.done() > 100, "only " + report.done() + " methods with vectors were found");
        assertEquals(
                List.of(),
                report.sizes().entrySet().stream()
                        .filter(size -> size.getValue() > MOST_BYTES)
                        .toList(),
                "C1 is about to refuse these");
    }

    /** With the command's flags, kernels are compiled after a few calls. */
    @ParameterizedTest
    @ValueSource(ints = {128, 256})
    void eachKernelThatIsUsedReachesC2(int bits) throws Exception {
        Report report = CHILDREN.get("until fast, " + bits).get();
        assertEquals(List.of(), report.refused());
        assertTrue(report.done() > 40, "only " + report.done() + " kernels ran");
    }
}
