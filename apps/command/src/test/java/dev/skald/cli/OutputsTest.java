package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command writes destroys nothing. */
class OutputsTest {
    private static final byte[] PRECIOUS = "what took days".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    static Path model;
    static Path text;

    /** The commands that write a file, as their arguments but for the file. */
    enum Writer {
        LOGITS("logits", "-m", "MODEL", "--prompt-tokens", "1,2,3", "-o"),
        IMATRIX("imatrix", "-m", "MODEL", "-f", "TEXT", "-c", "16", "--chunks", "2", "--save-every", "1", "-o"),
        IMATRIX_DAT(
                "imatrix", "-m", "MODEL", "-f", "TEXT", "-c", "16", "--chunks", "2", "--output-format", "dat", "-o"),
        BASE("perplexity", "-m", "MODEL", "-f", "TEXT", "-c", "16", "--chunks", "2", "--save-base"),
        CHAT("chat", "-m", "MODEL", "--template", "chatml", "--temperature", "0", "-n", "2", "-p", "er", "--save"),
        SYNTH("synth", "--shape", "tiny", "--type", "Q4_0"),
        QUANTIZE("quantize", "--allow-requantize", "MODEL", "", "Q4_0");

        private final List<String> words;

        Writer(String... words) {
            this.words = List.of(words);
        }

        Ran to(Path out, String... more) {
            List<String> line = line(out);
            line.addAll(Arrays.asList(more));
            return Ran.skald(line.toArray(String[]::new));
        }

        List<String> line(Path out) {
            List<String> line = new ArrayList<>();
            for (String word : words) {
                line.add(
                        switch (word) {
                            case "MODEL" -> model.toString();
                            case "TEXT" -> text.toString();
                            case "" -> out.toString();
                            default -> word;
                        });
            }
            if (!words.contains("")) {
                line.add(out.toString());
            }
            return line;
        }

        /** Saving a conversation has no {@code --force}: it replaces one of its kind, and nothing else. */
        String[] force() {
            return this == CHAT ? new String[0] : new String[] {"--force"};
        }
    }

    @BeforeAll
    static void makeInputs() throws IOException {
        model = shared.resolve("model.gguf");
        text = Files.writeString(shared.resolve("text"), "er er ".repeat(40));
        Ran.skald("synth", "--shape", "tiny", "--type", "Q8_0", model.toString())
                .succeeded();
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatIsThereIsRefused(Writer writer) throws IOException {
        Path out = Files.write(folder.resolve("out"), PRECIOUS);
        refused(writer.to(out), out);
        assertArrayEquals(PRECIOUS, Files.readAllBytes(out));
        assertEquals(List.of("out"), names());
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyFileIsNoLoss(Writer writer) throws IOException {
        Path out = Files.createFile(folder.resolve("out"));
        writer.to(out).succeeded();
        assertTrue(Files.size(out) > 0);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CHAT")
    void forceReplacesIt(Writer writer) throws IOException {
        Path out = Files.write(folder.resolve("out"), PRECIOUS);
        writer.to(out, "--force").succeeded();
        assertNotEquals(PRECIOUS.length, Files.size(out));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SYNTH")
    void theModelIsNeverWrittenOver(Writer writer) throws IOException {
        byte[] before = Files.readAllBytes(model);
        refused(writer.to(model, writer.force()), model);
        Path link = Files.createLink(folder.resolve("hard link.gguf"), model);
        refused(writer.to(link, writer.force()), link);
        assertArrayEquals(before, Files.readAllBytes(model));
    }

    @ParameterizedTest
    @EnumSource(names = {"IMATRIX", "IMATRIX_DAT", "BASE"})
    void theTextIsNeverWrittenOver(Writer writer) throws IOException {
        byte[] before = Files.readAllBytes(text);
        refused(writer.to(text, writer.force()), text);
        assertArrayEquals(before, Files.readAllBytes(text));
    }

    @ParameterizedTest
    @EnumSource
    void aMissingFolderIsSaidBeforeTheWork(Writer writer) throws IOException {
        Path out = folder.resolve("none").resolve("out");
        Ran ran = writer.to(out);
        refused(ran, out.getParent());
        assertTrue(ran.err().contains("there is no such folder to write out in"), ran.err());
        assertEquals("", ran.out());
    }

    @ParameterizedTest
    @EnumSource
    void aFolderIsNoFile(Writer writer) throws IOException {
        Path out = Files.createDirectory(folder.resolve("out"));
        refused(writer.to(out, writer.force()), out);
        assertTrue(Files.isDirectory(out));
    }

    @ParameterizedTest
    @EnumSource
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
    void aLinkStaysOne(Writer writer) throws IOException {
        Path out = Files.createSymbolicLink(folder.resolve("link"), Path.of("out"));
        writer.to(out).succeeded();
        assertTrue(Files.isSymbolicLink(out));
        assertTrue(Files.size(folder.resolve("out")) > 0);
        assertEquals(List.of("link", "out"), names());
    }

    @ParameterizedTest
    @EnumSource
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aDeviceIsWrittenInto(Writer writer) throws IOException {
        Path device = Path.of("/dev/null");
        Path out = Files.createSymbolicLink(folder.resolve("link"), device);
        writer.to(out, writer.force()).succeeded();
        assertTrue(Files.isSymbolicLink(out));
        assertFalse(Files.isRegularFile(device));
        assertEquals(List.of("link"), names());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BASE")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aPipeGetsWhatTheFileWouldHave(Writer writer) throws Exception {
        Path file = folder.resolve("file");
        writer.to(file).succeeded();
        Path pipe = pipe();
        CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(() -> {
            try {
                return Files.readAllBytes(pipe);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        writer.to(pipe).succeeded();
        // The first bytes: what follows may hold a date.
        assertArrayEquals(Arrays.copyOf(Files.readAllBytes(file), 64), Arrays.copyOf(read.get(), 64));
        assertEquals(Files.size(file), read.get().length);
        assertFalse(Files.isRegularFile(pipe));
    }

    /** Its predictions are written as they come, at their places. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aPipeThatCannotTakeAFileIsRefusedByName() throws Exception {
        Path pipe = pipe();
        CompletableFuture<Boolean> read = CompletableFuture.supplyAsync(() -> {
            try {
                return Files.readAllBytes(pipe).length == 0;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        refused(Writer.BASE.to(pipe), pipe);
        assertTrue(read.get());
        assertFalse(Files.isRegularFile(pipe));
    }

    private Path pipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        return pipe;
    }

    /** What else there is to say goes to standard error. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"BASE", "CHAT"})
    void aMinusIsStandardOutput(Writer writer) throws Exception {
        Path file = folder.resolve("file");
        writer.to(file).succeeded();
        Path printed = folder.resolve("printed");
        ProcessBuilder builder = ProcessTest.skald(writer.line(Path.of("-")).toArray(String[]::new));
        Process process = builder.directory(folder.toFile())
                .redirectOutput(printed.toFile())
                .start();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), err);
        assertArrayEquals(Arrays.copyOf(Files.readAllBytes(file), 64), Arrays.copyOf(Files.readAllBytes(printed), 64));
        assertEquals(Files.size(file), Files.size(printed));
        assertEquals(List.of("file", "printed"), names());
    }

    @ParameterizedTest
    @EnumSource(names = {"BASE", "CHAT"})
    void aFileBesideTextCannotGoToStandardOutput(Writer writer) throws IOException {
        Ran ran = writer.to(Path.of("-"));
        assertEquals(2, ran.code());
        assertTrue(ran.err().contains("cannot be written to standard output (-): choose a name"), ran.err());
        assertEquals("", ran.out());
    }

    @Test
    void neitherCanAFolderOrSeveralFiles() {
        Ran lab = Ran.skald("lab", "-o", "-");
        assertEquals(2, lab.code());
        assertTrue(lab.err().contains("cannot be written to standard output (-): choose a name"), lab.err());
        Ran split =
                Ran.skald("quantize", "--allow-requantize", "--split-max-size", "1M", model.toString(), "-", "Q4_0");
        assertEquals(2, split.code());
        assertTrue(split.err().contains("--split-max-size makes several files"), split.err());
    }

    @Test
    void aConversationIsSavedAgain() throws IOException {
        Path saved = folder.resolve("c.chat");
        Writer.CHAT.to(saved).succeeded();
        // Without --force, and the second time with what was saved over the first.
        Writer.CHAT.to(saved, "--load", saved.toString()).succeeded();
        Writer.CHAT.to(saved, "--load", saved.toString()).succeeded();
        assertEquals(List.of("c.chat"), names());
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aConversationIsItsOwners() throws IOException {
        Path saved = folder.resolve("c.chat");
        Writer.CHAT.to(saved).succeeded();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(saved)));
    }

    @Test
    void anImportanceMatrixIsAddedToInPlace() throws IOException {
        Path matrix = folder.resolve("m.gguf");
        Writer.IMATRIX.to(matrix).succeeded();
        Ran ran = Writer.IMATRIX.to(matrix, "--from", matrix.toString());
        ran.succeeded();
        assertTrue(ran.err().contains("4 chunks"), ran.err());
    }

    @Test
    void anotherPartOfASplitModelIsNeverWrittenOver() throws IOException {
        Path split = folder.resolve("split.gguf");
        Ran.skald(
                        "quantize",
                        "--allow-requantize",
                        "--split-max-size",
                        "1M",
                        model.toString(),
                        split.toString(),
                        "Q8_0")
                .succeeded();
        List<String> parts = names();
        assumeTrue(parts.size() > 1, "one part only");
        Path last = folder.resolve(parts.getLast());
        byte[] before = Files.readAllBytes(last);
        Path first = folder.resolve(parts.getFirst());
        refused(
                Ran.skald("logits", "-m", first.toString(), "--prompt-tokens", "1", "--force", "-o", last.toString()),
                last);
        assertArrayEquals(before, Files.readAllBytes(last));
    }

    @ParameterizedTest
    @ValueSource(strings = {"index.html", "report.md", "report.json", "source-predictions.kld", "models/Q4_0.gguf"})
    void aLabWritesOverNothingInAFolderThatIsNotALabs(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, PRECIOUS);
        refused(lab(), file);
        assertArrayEquals(PRECIOUS, Files.readAllBytes(file));
        assertEquals(1, names().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a-file", "a-file/report"})
    void aLabRefusesAFileInPlaceOfItsFolder(String output) throws IOException {
        Path file = Files.write(folder.resolve("a-file"), PRECIOUS);
        Ran ran = Ran.skald(
                "lab",
                "-m",
                model.toString(),
                "-f",
                text.toString(),
                "--types",
                "Q4_0",
                "-o",
                folder.resolve(output).toString());
        refused(ran, file);
        assertTrue(ran.err().contains("is a file, and a lab writes its report into a folder"), ran.err());
        assertArrayEquals(PRECIOUS, Files.readAllBytes(file));
    }

    @Test
    void aLabNeverWritesOverItsText() throws IOException {
        Path page = Files.write(folder.resolve("report.md"), Files.readAllBytes(text));
        refused(
                Ran.skald(
                        "lab",
                        "-m",
                        model.toString(),
                        "-f",
                        page.toString(),
                        "--force",
                        "-o",
                        folder.toString(),
                        "--types",
                        "Q4_0"),
                page);
        assertArrayEquals(Files.readAllBytes(text), Files.readAllBytes(page));
    }

    private Ran lab() {
        return Ran.skald(
                "lab",
                "-m",
                model.toString(),
                "-f",
                text.toString(),
                "--types",
                "Q4_0",
                "-c",
                "16",
                "-o",
                folder.toString());
    }

    private static void refused(Ran ran, Path named) {
        assertEquals(1, ran.code(), ran.err());
        assertTrue(ran.err().startsWith("skald: "), ran.err());
        assertEquals(1, ran.err().lines().count(), ran.err());
        assertTrue(ran.err().contains(named.toString()), ran.err());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
