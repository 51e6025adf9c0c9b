package dev.skald.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.machine.Crash;
import dev.skald.kernels.machine.Refused;
import dev.skald.kernels.machine.WithoutExecution;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels that are used in JVMs with other flags or fewer rights. */
@Tag("once")
class OtherJvmsTest {
    private static final String NATIVE = "--enable-native-access=ALL-UNNAMED";

    /** Whether the JVM has the Vector API. */
    enum Vectors {
        PRESENT,
        ABSENT;

        private List<String> with(String... flags) {
            List<String> all = new ArrayList<>(List.of(flags));
            if (this == PRESENT) {
                all.add("--add-modules=jdk.incubator.vector");
            }
            return all;
        }

        private KernelKind best() {
            return this == PRESENT ? KernelKind.VECTOR_API : KernelKind.IN_PLACE;
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterpreterGetsTheSameBits(Vectors vectors) throws Exception {
        assumeTrue(
                KernelKind.MACHINE_CODE.available(),
                () -> KernelKind.MACHINE_CODE.refusal().orElseThrow());
        ChildJvm child = ChildJvm.run(KernelReport.class, vectors.with(NATIVE, "-Xint"));
        List<String> expected = new ArrayList<>(List.of(
                "best: MACHINE_CODE",
                "refusal: none",
                "remedy: none",
                "description: " + KernelKind.MACHINE_CODE.description()));
        for (QuantFormat format : QuantFormats.all()) {
            expected.add(format + ": MACHINE_CODE " + KernelReport.checksum(format));
        }
        assertEquals(String.join("\n", expected), String.join("\n", child.out()));
        assertEquals(List.of(), child.warnings());
    }

    @ParameterizedTest
    @EnumSource
    void withoutNativeAccessNobodyIsWarned(Vectors vectors) throws Exception {
        assumeLinux();
        assertFallsBack(
                vectors, "native access is not enabled", NATIVE, ChildJvm.run(KernelReport.class, vectors.with()));
    }

    @ParameterizedTest
    @EnumSource
    void whereNativeAccessIsDeniedNothingIsThrown(Vectors vectors) throws Exception {
        assumeLinux();
        assertFallsBack(
                vectors,
                "native access is not enabled",
                NATIVE,
                ChildJvm.run(KernelReport.class, vectors.with("--illegal-native-access=deny")));
    }

    /** The JVM reserves its own code memory before the system is asked to refuse more. */
    @ParameterizedTest
    @EnumSource
    void whereMemoryMayNotBecomeExecutableNothingIsLeftBehind(Vectors vectors) throws Exception {
        assumeLinux();
        ChildJvm child = ChildJvm.run(
                WithoutExecution.class,
                vectors.with(
                        NATIVE,
                        "-XX:-SegmentedCodeCache",
                        "-XX:InitialCodeCacheSize=32m",
                        "-XX:ReservedCodeCacheSize=32m"));
        assumeFalse(child.out().contains("prctl: -1"), "needs Linux 6.3");
        assertEquals("prctl: 0", child.out().removeFirst(), child::toString);
        assertEquals("leaked: false", child.out().removeLast(), child::toString);
        assertFallsBack(
                vectors,
                "the system lets no memory become executable: mprotect failed with errno 13, EACCES",
                "none",
                child);
    }

    /** Without a compiler that makes instructions of them, vectors are objects. */
    @ParameterizedTest
    @CsvSource({
        "-Xint, this JVM compiles nothing, -Xmixed",
        "-XX:TieredStopAtLevel=1, this JVM does not use its optimizing compiler, -XX:TieredStopAtLevel=4"
    })
    void withoutTheOptimizingCompilerPlainLoopsRun(String flag, String refusal, String remedy) throws Exception {
        ChildJvm child = ChildJvm.run(VectorReport.class, Vectors.PRESENT.with(flag));
        assertEquals(
                List.of("refusal: " + refusal, "remedy: " + remedy, "best: IN_PLACE", "plain Java: 1.0"),
                child.out(),
                child::toString);
        assertEquals(List.of(), child.warnings());
        assertEquals(
                List.of("refusal: none", "remedy: none", "best: VECTOR_API"),
                ChildJvm.run(VectorReport.class, Vectors.PRESENT.with(flag, remedy))
                        .out()
                        .subList(0, 3));
    }

    /** The line holds for machine code too, which runs without the Vector API. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMissingVectorApiIsSaidOnceWithTheRemedy(boolean machineCode) throws Exception {
        ChildJvm child = ChildJvm.run(KernelReport.class, Vectors.ABSENT.with(machineCode ? NATIVE : "-Xshare:auto"));
        assertEquals(
                List.of(
                        "INFO: Skald computes without the Vector API, so whatever has no machine code runs as plain Java:"
                                + " the JVM runs without the module jdk.incubator.vector; start the JVM with"
                                + " --add-modules=jdk.incubator.vector to make it faster."),
                child.err().stream().filter(line -> line.startsWith("INFO")).toList(),
                child::toString);
    }

    @Test
    void aRefusalIsLoggedOnce() throws Exception {
        assumeTrue(
                KernelKind.MACHINE_CODE.available(),
                () -> KernelKind.MACHINE_CODE.refusal().orElseThrow());
        ChildJvm child = ChildJvm.run(Refused.class, Vectors.PRESENT.with(NATIVE));
        assertEquals(List.of("VECTOR_API", "VECTOR_API"), child.out(), child::toString);
        assertEquals(
                List.of("WARNING: weights of Q5_1 are not multiplied by machine code: a kernel is wrong"),
                child.warnings().stream()
                        .filter(line -> line.startsWith("WARNING"))
                        .toList(),
                child::toString);
    }

    /** The JVM's crash report has only the address of the instruction. */
    @Test
    void theAddressOfACrashIsThatOfAKernel(@TempDir Path folder) throws Exception {
        assumeTrue(
                KernelKind.MACHINE_CODE.available(),
                () -> KernelKind.MACHINE_CODE.refusal().orElseThrow());
        Path report = folder.resolve("report");
        ChildJvm child = ChildJvm.run(
                Crash.class, Vectors.ABSENT.with(NATIVE, "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + report));
        Matcher pc = Pattern.compile("SIGSEGV .* at pc=0x([0-9a-f]{16})").matcher(Files.readString(report));
        assertTrue(pc.find(), child::toString);
        long address = Long.parseUnsignedLong(pc.group(1), 16);
        List<String> names = child.out().stream()
                .filter(line -> line.matches("0x[0-9a-f]{16}-0x[0-9a-f]{16} .*"))
                .filter(line -> Long.parseUnsignedLong(line.substring(2, 18), 16) <= address
                        && address < Long.parseUnsignedLong(line.substring(21, 37), 16))
                .map(line -> line.substring(38))
                .toList();
        assertEquals(List.of(Crash.KERNEL), names);
    }

    private static void assumeLinux() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "Linux only");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "x86-64 only");
    }

    /** Asserts that the remaining kernels multiply with all formats, and that no warning is printed. */
    private static void assertFallsBack(Vectors vectors, String refusal, String remedy, ChildJvm child) {
        List<String> expected = new ArrayList<>(List.of(
                "best: " + vectors.best(), "refusal: " + refusal, "remedy: " + remedy, "description: no machine code"));
        for (QuantFormat format : QuantFormats.all()) {
            expected.add(format + ": " + vectors.best() + " right");
        }
        assertEquals(String.join("\n", expected), String.join("\n", child.out()), child::toString);
        assertEquals(List.of(), child.warnings());
        assertEquals(0, child.exit(), child::toString);
    }
}
