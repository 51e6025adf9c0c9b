package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.kernels.KernelKind;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only a process of its own shows: starting again with flags, exit codes, closed pipes, signals. */
@Timeout(300)
class ProcessTest {
    @TempDir
    static Path models;

    static String tiny;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeModel() {
        tiny = models.resolve("tiny.gguf").toString();
        Ran.skald("synth", "--shape", "tiny", "--type", "Q8_0", tiny).succeeded();
    }

    @Test
    void withoutFlagsACommandThatComputesStartsItselfAgainWithThem() throws Exception {
        Process process =
                skald("complete", "-m", tiny, "-p", "er", "-n", "2", "--tokens").start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), err);
        assertTrue(out.strip().matches("\\d+ \\d+"), out);
        assertTrue(err.contains("jdk.incubator.vector"), err);
    }

    /** The launcher leaves vectors out where machine code is all that most models need. */
    @ParameterizedTest
    @ValueSource(strings = {"", "--kernels machine"})
    void withoutVectorsALlamaRunsOnMachineCodeAlone(String options) throws Exception {
        assumeTrue(
                KernelKind.MACHINE_CODE.available(),
                () -> KernelKind.MACHINE_CODE.refusal().orElseThrow());
        assertFalse(errorsWithoutVectors(tiny, options).contains("jdk.incubator.vector"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--exact", "--in-place", "--kernels vector"})
    void withoutVectorsACommandThatWantsThemStartsAgain(String options) throws Exception {
        String err = errorsWithoutVectors(tiny, options);
        assertTrue(err.contains("Using incubator modules: jdk.incubator.vector"), err);
    }

    @Test
    void withoutVectorsAModelThatWantsThemStartsAgain() throws Exception {
        String err =
                errorsWithoutVectors(GoldenFiles.file("golden/arch/gemma2.gguf").toString(), "");
        assertTrue(err.contains("Using incubator modules: jdk.incubator.vector"), err);
    }

    private static String errorsWithoutVectors(String model, String options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("complete", "-m", model, "-n", "2", "--tokens"));
        arguments.addAll(List.of("--prompt-tokens", "5,6"));
        arguments.addAll(Stream.of(options.split(" ")).filter(o -> !o.isEmpty()).toList());
        ProcessBuilder builder = skald(arguments.toArray(String[]::new));
        builder.command().addAll(1, List.of("--enable-native-access=ALL-UNNAMED", "-Ddev.skald.cli.spared=true"));
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), err);
        assertTrue(out.strip().matches("\\d+ \\d+"), out);
        return err;
    }

    @Test
    void theExitCodeOfTheSecondProcessIsTheFirstOnes() throws Exception {
        Process process = skald("complete", "-m", folder.resolve("nowhere").toString(), "-p", "er")
                .start();
        assertEquals(1, process.waitFor());
    }

    @Test
    void aCommandThatDoesNotComputeRunsAtOnce() throws Exception {
        Process process = skald("inspect", tiny).redirectOutput(discard()).start();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        assertEquals("", err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "This is no cache of classes."})
    void aBrokenCacheOfClassesIsLeftAside(String content) throws Exception {
        Path jar = folder.resolve("skald.jar");
        assertEquals(List.of(), Restart.classCache(jar.toString()));
        Files.writeString(folder.resolve("skald.aot"), content);
        ProcessBuilder builder = skald("--version");
        builder.command().addAll(1, Restart.classCache(jar.toString()));
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), err);
        assertTrue(out.startsWith("skald "), out);
        assertEquals("", err);
    }

    @Test
    void severalPlacesOfClassesHaveNoCache() {
        assertEquals(List.of(), Restart.classCache("a.jar" + File.pathSeparator + "b.jar"));
    }

    @Test
    void aReaderThatEndsIsNoError() throws Exception {
        Process process = skald("inspect", tiny).start();
        process.getInputStream().close();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        assertEquals("", err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "chat --help", "generate-completion"})
    @EnabledOnOs(OS.LINUX)
    void anOutputThatIsFullIsOneLine(String line) throws Exception {
        Process process =
                skald(line.split(" ")).redirectOutput(new File("/dev/full")).start();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, process.waitFor());
        assertEquals(
                List.of("skald: cannot write to standard output: No space left on device"),
                err.lines().toList());
    }

    /** A shell's home, which need not be what the system knows of the user. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void filesGoToHome() throws Exception {
        ProcessBuilder builder = skald("complete", "-p", "Oslo er", "-n", "1");
        builder.environment().remove("XDG_CACHE_HOME");
        builder.environment().put("HOME", folder.toString());
        Process process =
                builder.redirectOutput(discard()).redirectError(discard()).start();
        assertEquals(0, process.waitFor());
        try (Stream<Path> files = Files.list(folder.resolve(".cache").resolve("skald"))) {
            assertTrue(files.anyMatch(file -> file.getFileName().toString().startsWith("skald-tiny-")));
        }
    }

    /** On a terminal of the system: what is typed before there is a prompt is there when it comes. */
    @ParameterizedTest
    @ValueSource(strings = {"xterm", "no-such-terminal", ""})
    @EnabledOnOs(OS.LINUX)
    void keysTypedWhileAModelOpensAreKept(String term) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no script(1) here");
        ProcessBuilder java = skald("chat", "--no-history", "--temp", "0");
        ProcessBuilder builder =
                new ProcessBuilder("/usr/bin/script", "-qec", String.join(" ", java.command()), "/dev/null");
        builder.environment().put("TERM", term);
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().write("Hva er hovedstaden i Norge?\nexit\n".getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        String shown = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), shown);
        assertTrue(shown.contains("Oslo er hovedstaden"), shown);
        assertFalse(shown.contains("Exception"), shown);
    }

    @Test
    void aTerminatedCommandLeavesNoFile() throws Exception {
        assumeTrue(ProcessHandle.current().supportsNormalTermination(), "here a process can only be killed");
        Path out = folder.resolve("big.gguf");
        Process process = skald("synth", "--shape", "normistral-7b", "--type", "F16", out.toString())
                .start();
        while (files().isEmpty()) {
            assertTrue(process.isAlive(), "synth ended before it wrote anything");
            Thread.sleep(20);
        }
        process.destroy();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertFalse(process.exitValue() == 0);
        assertEquals(List.of(), files());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    static ProcessBuilder skald(String... args) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Skald.class.getName()));
        line.addAll(List.of(args));
        return new ProcessBuilder(line);
    }

    private static ProcessBuilder.Redirect discard() {
        return ProcessBuilder.Redirect.DISCARD;
    }
}
