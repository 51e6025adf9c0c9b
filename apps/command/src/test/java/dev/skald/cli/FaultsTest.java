package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files on which Skald has failed, with the answers of llama.cpp where it has one. */
class FaultsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"saved-by-llama.cpp", "yarn-ext-factor-unset"})
    void whatLlamaCppSavesOpens(String name) {
        Ran ran = once("special-ids-out-of-range/" + name + ".gguf");
        assertTrue(ran.succeeded().startsWith(", there was a little"), ran.out());
        assertFalse(ran.err().contains("is ignored"), ran.err());
    }

    @Test
    void anIdOnePastTheVocabularyIsReportedAndIgnored() {
        Ran ran = once("special-ids-out-of-range/eos-512-of-512.gguf");
        assertTrue(ran.succeeded().startsWith(", there was a little"), ran.out());
    }

    @Test
    void allEndsOfOllamaAreEnds() {
        Ran ran = once("eos-token-ids-ignored/stops-at-comma.gguf");
        assertEquals("", ran.succeeded().strip());
        assertTrue(ran.err().contains("; END;"), ran.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "chat", "complete", "diagnose"})
    void nothingThatAFileSaysSteersTheTerminal(String command) {
        String file = GoldenFiles.file("faults/control-characters-in-errors/arch.gguf")
                .toString();
        Ran ran = command.equals("inspect") ? Ran.skald(command, file) : Ran.withInput("hei", command, "-m", file);
        String all = ran.out() + ran.err();
        assertTrue(all.contains("skald: all is well"), all);
        assertTrue(all.lines().noneMatch(line -> line.startsWith("skald: all is well")), all);
        assertTrue(all.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n'), all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--in-place", "--exact", "--kernels vector"})
    void damagedWeightsAreFoundOnEachWay(String option) throws IOException {
        String file = GoldenFiles.file("faults/nan-inf-lost-when-packed/nan-scale.gguf")
                .toString();
        Path text = Files.writeString(folder.resolve("text"), "Once upon a time there was a girl. ".repeat(30));
        List<String> words = option.isEmpty() ? List.of() : List.of(option.split(" "));
        for (String command : List.of(
                "complete -p Once -n 5", "perplexity -c 64 --chunks 1 -f " + text, "chat --template chatml -p Once")) {
            List<String> line = new ArrayList<>(List.of(command.split(" ")));
            line.addAll(List.of("-m", file));
            line.addAll(words);
            Ran ran = Ran.skald(line.toArray(String[]::new));
            assertEquals(1, ran.code(), ran.out());
            assertTrue(ran.err().contains("damaged"), ran.err());
        }
    }

    @Test
    void companionsOfNvfp4HaveTheirEffect() {
        Ran ran = once("nvfp4-scale-tensors/nvfp4_scale.gguf");
        assertTrue(ran.succeeded().startsWith(", there was a little"), ran.out());
    }

    @Test
    void anEmptyTemplateIsSaidBeforeTheModelAnswers() {
        Ran ran = Ran.skald(
                "chat",
                "-m",
                GoldenFiles.file("faults/empty-chat-template/empty.gguf").toString(),
                "Where is Lily?");
        assertEquals(1, ran.code());
        assertEquals("", ran.out());
        assertTrue(ran.err().contains("an empty chat template") && ran.err().contains("--template"), ran.err());
    }

    @Test
    void anImportanceMatrixOfAnotherModelIsRefused() {
        Path out = folder.resolve("out.gguf");
        Ran ran = Ran.skald(
                "quantize",
                GoldenFiles.file("golden/logits/mini-llama-2-F16.gguf").toString(),
                out.toString(),
                "Q4_K_M",
                "--imatrix",
                GoldenFiles.file("faults/imatrix-unused-silently/other-names.imatrix.gguf")
                        .toString());
        assertEquals(1, ran.code(), ran.err());
        assertTrue(ran.err().contains("made with another model"), ran.err());
        assertFalse(Files.exists(out));
    }

    @Test
    void aPatternThatFitsNoTensorIsSaid() {
        String[] line = {
            "quantize",
            "--allow-requantize",
            stories(),
            folder.resolve("out.gguf").toString(),
            "Q8_0",
            "--tensor-type"
        };
        for (String pattern : List.of("nomatch=Q4_0", "_norm=Q4_0")) {
            Ran ran = Ran.skald(Stream.concat(Stream.of(line), Stream.of(pattern, "--force"))
                    .toArray(String[]::new));
            assertEquals(0, ran.code(), ran.err());
        }
    }

    @Test
    void anUnknownPreTokenizerIsRefusedAlsoWhereNoneIsNeeded() {
        Ran ran = Ran.skald("complete", "-m", stories(), "--pre-tokenizer", "bogus", "-p", "a");
        assertEquals(1, ran.code(), ran.err());
        assertTrue(ran.err().contains("\"bogus\"") && ran.err().contains("--pre-tokenizer"), ran.err());
    }

    @Test
    void whatIsNoTextInUtf8DoesNotStopAModel() throws IOException {
        Path model = Files.copy(
                GoldenFiles.file("faults/invalid-utf8-refused/latin1-name.gguf.bin"),
                folder.resolve("latin1-name.gguf"));
        Ran ran = once(model);
        assertTrue(ran.succeeded().startsWith(", there was a little"), ran.out());
        assertTrue(Ran.skald("inspect", "--json", model.toString()).succeeded().contains("\uFFFD"));
        assertTrue(Ran.skald("inspect", model.toString()).succeeded().contains("general.name"));
    }

    @ParameterizedTest
    @CsvSource({
        "--top-p, 1.5, --top-p",
        "--min-p, 2, --min-p",
        "--repeat-penalty, 0, --repeat-penalty",
        "--context, 0, --context",
        "--threads, 0, --threads"
    })
    void wrongValuesNameTheOption(String option, String value, String named) {
        Ran ran = Ran.skald("complete", "-m", stories(), option, value, "-p", "a");
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().startsWith("skald: " + named), ran.err());
    }

    @Test
    void aTextThatIsTooLongNamesTheOption() {
        Ran ran = Ran.skald("complete", "-m", stories(), "-c", "4", "-p", "Once upon a time there was");
        assertEquals(1, ran.code(), ran.err());
        assertTrue(ran.err().contains("--context"), ran.err());
    }

    @Test
    void tokensThatAreTooManyAreCounted() {
        String ids = "1,".repeat(299) + "1";
        Ran ran = Ran.skald(
                "logits",
                "-m",
                stories(),
                "--prompt-tokens",
                ids,
                "-o",
                folder.resolve("o").toString());
        assertEquals(1, ran.code(), ran.err());
        assertTrue(ran.err().contains("300 tokens") && ran.err().contains("128"), ran.err());
    }

    @Test
    void aFolderIsNoText() {
        for (String[] line : new String[][] {
            {"complete", "-f"}, {"perplexity", "--kl-base"}, {"chat", "-p", "a", "--load"}, {"tokenize", "-f"}
        }) {
            Ran ran = Ran.skald(
                    Stream.concat(Stream.of(line), Stream.of(folder.toString())).toArray(String[]::new));
            assertEquals(1, ran.code(), ran.err());
            assertTrue(ran.err().contains(folder + ": is a folder"), ran.err());
        }
    }

    @Test
    void aFileInPlaceOfAFolderIsSaid() {
        Ran ran = Ran.skald("convert", stories(), folder.resolve("out.gguf").toString());
        assertEquals(1, ran.code(), ran.err());
        assertTrue(ran.err().contains(stories() + ": is not a folder"), ran.err());
    }

    @ParameterizedTest
    @CsvSource({
        "choose one by the option template, choose one by --template",
        "a default is used. The option pre-tokenizer chooses another, a default is used. --pre-tokenizer chooses another"
    })
    void optionsAreNamedAsTheyAreTyped(String ofTheLibrary, String ofTheCommand) {
        assertEquals(ofTheCommand, Errors.options(ofTheLibrary));
    }

    /** A folder that this user may not enter: what is in it may be there. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aModelThatMayNotBeReadIsNotSaidToBeMissing() throws IOException {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Path model = Files.writeString(closed.resolve("m.gguf"), "GGUF");
        Files.setPosixFilePermissions(closed, Set.of());
        try {
            assumeFalse(Files.isReadable(closed), "the superuser may read everywhere");
            for (String command : List.of("inspect", "complete", "tokenize")) {
                Ran ran = Ran.skald(command, "-m", model.toString());
                assertEquals(1, ran.code(), ran.err());
                assertTrue(ran.err().contains("no permission: " + model), ran.err());
            }
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void aModelThatIsNoFileIsSaidWithTheReason() {
        assertTrue(Ran.skald("complete", "-m", "", "-p", "a").err().contains("empty"));
        String address =
                Ran.skald("complete", "-m", "https://host/x.gguf", "-p", "a").err();
        assertTrue(address.contains("download the file yourself"), address);
    }

    @Test
    void aLineBreakAtTheEndIsNoToken() {
        String[] line = {"complete", "-m", stories(), "-n", "1", "--temperature", "0"};
        assertTrue(Ran.withInput("Once upon a time\n", line).err().contains("prompt 5 tokens"));
        String[] kept =
                Stream.concat(Stream.of(line), Stream.of("--keep-newline")).toArray(String[]::new);
        assertTrue(Ran.withInput("Once upon a time\n", kept).err().contains("prompt 6 tokens"));
        assertTrue(Ran.withInput("Once upon a time\n\n", line).err().contains("prompt 6 tokens"));
    }

    /** As a model's file is when Ctrl-C interrupts its opening, for the threads that help. */
    @Test
    void anInterruptHasNoMessage() {
        StringWriter err = new StringWriter();
        assertEquals(
                1,
                Errors.report(
                        new UncheckedIOException("the tensor a cannot be read: null", new ClosedChannelException()),
                        new PrintWriter(err, true),
                        false));
        assertEquals("", err.toString());
        Errors.report(new UncheckedIOException(new IOException("a: broken")), new PrintWriter(err, true), false);
        assertEquals("skald: a: broken", err.toString().strip());
    }

    @Test
    void linesGoOnAfterABadOne() {
        byte[] lines = "Hei\nb?d\nHei\n".getBytes(StandardCharsets.UTF_8);
        lines[5] = (byte) 0xFC;
        Ran ran = Ran.withBytes(lines, "chat", "--lines", "-n", "3");
        assertEquals(1, ran.code(), ran.err());
        assertEquals(2, ran.out().lines().count(), ran.out());
        assertTrue(ran.err().contains("line 2"), ran.err());
    }

    private static String stories() {
        return GoldenFiles.file("models/stories260K-Q8_0.gguf").toString();
    }

    private static Ran once(String file) {
        return once(GoldenFiles.file("faults/" + file));
    }

    private static Ran once(Path file) {
        return Ran.skald("complete", "-m", file.toString(), "-p", "Once upon a time", "-n", "6", "--temperature", "0");
    }
}
