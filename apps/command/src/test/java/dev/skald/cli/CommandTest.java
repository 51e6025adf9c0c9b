package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.kernels.KernelKind;
import dev.skald.runtime.Diagnostics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "complete",
                "batch",
                "run",
                "pull",
                "list",
                "rm",
                "embed",
                "rerank",
                "tokenize",
                "logits",
                "inspect",
                "quantize",
                "synth",
                "bench",
                "lab",
                "perplexity",
                "imatrix",
                "diagnose",
                "generate-completion",
                "help"
            })
    void everyCommandHasHelp(String command) {
        Ran ran = Ran.skald((command + " --help").strip().split(" "));
        assertEquals(0, ran.code());
        assertTrue(ran.out().startsWith("Usage: skald"), ran.out());
        assertEquals("", ran.err());
    }

    @Test
    void withoutACommandTheHelpIsAnErrorOfUsage() {
        Ran ran = Ran.skald();
        assertEquals(2, ran.code());
        assertEquals("", ran.out());
        assertTrue(ran.err().startsWith("Usage: skald"), ran.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bogus", "inspect", "inspect --jsn x", "synth --shape tiny --type Q4_X out"})
    void wrongUsageIsOneLineAndExitCodeTwo(String line) {
        Ran ran = Ran.skald(line.split(" "));
        assertEquals(2, ran.code());
        assertEquals("", ran.out());
        assertTrue(ran.err().matches("skald: [^\\n]+\\R"), ran.err());
    }

    @Test
    void aMissingFileIsOneLineAndExitCodeOne() {
        Ran ran = Ran.skald("inspect", folder.resolve("nowhere.gguf").toString());
        assertEquals(1, ran.code());
        assertEquals("skald: no such file: " + folder.resolve("nowhere.gguf") + System.lineSeparator(), ran.err());
    }

    @Test
    void aFileOfAnotherKindIsOneLineAndExitCodeOne() throws IOException {
        Path file = Files.writeString(folder.resolve("text.gguf"), "Det var en gang en skald som sang.");
        Ran ran = Ran.skald("inspect", file.toString());
        assertEquals(1, ran.code());
        assertTrue(ran.err().matches("skald: [^\\n]+\\R"), ran.err());
    }

    @Test
    void debugAddsTheStackTrace() {
        Ran ran = Ran.skald("inspect", "--debug", folder.resolve("nowhere.gguf").toString());
        assertTrue(ran.err().contains("NoSuchFileException"), ran.err());
    }

    @Test
    void inspectShowsMetadataTensorsAndTotals() {
        String text = Ran.skald("inspect", tiny("Q4_0").toString()).succeeded();
        assertTrue(text.contains("llama.embedding_length"), text);
        assertTrue(text.contains("string[512]"), text);
        assertTrue(text.contains("blk.1.ffn_down.weight"), text);
        assertTrue(text.contains("512 x 256"), text);
        assertTrue(text.lines().anyMatch(line -> line.matches("  Q4_0 +14 tensors .*")), text);
    }

    @Test
    void inspectPrintsJson() throws IOException {
        JsonNode json = new ObjectMapper()
                .readTree(
                        Ran.skald("inspect", "--json", tiny("Q4_0").toString()).succeeded());
        assertEquals(3, json.path("version").asInt());
        JsonNode tokens = json.path("metadata").path("tokenizer.ggml.tokens");
        assertEquals("string[512]", tokens.path("type").asText());
        assertEquals(512, tokens.path("length").asInt());
        assertEquals(8, tokens.path("first").size());
        JsonNode first = json.path("tensors").path(0);
        assertEquals("token_embd.weight", first.path("name").asText());
        assertEquals("Q6_K", first.path("type").asText());
        assertEquals("[256,512]", first.path("shape").toString());
        assertEquals(256 * 512 / 256 * 210, first.path("bytes").asInt());
    }

    @Test
    void diagnoseShowsTheMachine() throws IOException {
        String text = Ran.skald("diagnose").succeeded();
        assertTrue(text.contains("java        " + Runtime.version()), text);
        JsonNode json =
                new ObjectMapper().readTree(Ran.skald("diagnose", "--json").succeeded());
        assertEquals(
                Runtime.getRuntime().availableProcessors(),
                json.path("processors").asInt());
        assertTrue(json.path("flags").size() > 0, json.toString());
    }

    @Test
    void diagnoseShowsHowAModelRuns() throws IOException {
        String file = tiny("Q4_0").toString();
        String text = Ran.skald("diagnose", "-m", file, "--exact").succeeded();
        assertTrue(text.contains("approximate nothing"), text);
        JsonNode json = new ObjectMapper()
                .readTree(Ran.skald("diagnose", "-m", file, "--in-place", "--json")
                        .succeeded());
        assertEquals("IN_PLACE_AS_ASKED", json.path("weights").asText());
        assertEquals(file, json.path("file").asText());
    }

    @Test
    void diagnoseShowsWhereMachineCodeIs() throws IOException {
        String file = tiny("Q4_0").toString();
        String text = Ran.skald("diagnose", "-m", file, "--kernel-map").succeeded();
        boolean machine = KernelKind.MACHINE_CODE.available();
        assertEquals(
                machine,
                text.lines()
                        .anyMatch(line -> line.matches("0x[0-9a-f]{16}-0x[0-9a-f]{16} Q4_0: 1 groups x 1 tokens .*")),
                text);
        JsonNode json = new ObjectMapper()
                .readTree(Ran.skald("diagnose", "-m", file, "--kernel-map", "--json")
                        .succeeded());
        assertEquals(machine, !json.path("kernel_map").isEmpty(), json.toString());
    }

    @Test
    void keysAndValuesAreKeptAsAsked() throws IOException {
        String file = tiny("Q4_0").toString();
        assertTrue(Ran.skald("diagnose", "-m", file).succeeded().contains("kv cache    half precision"));
        assertTrue(Ran.skald("diagnose", "-m", file, "--kv", "f32").succeeded().contains("kv cache    float32"));
        assertTrue(Ran.skald("diagnose", "-m", file, "--kv", "q8_0").succeeded().contains("kv cache    8 bits"));
        Ran contradiction = Ran.skald("diagnose", "-m", file, "--exact", "--kv", "f16");
        assertEquals(2, contradiction.code());
        assertTrue(contradiction.err().contains("--kv f16 rounds keys and values"), contradiction.err());
    }

    @Test
    void textsThatWereReadAreKeptInAsMuchMemoryAsAllowed() throws IOException {
        String file = tiny("Q4_0").toString();
        String some = Ran.skald("diagnose", "-m", file, "--prefix-cache", "300M", "--json")
                .succeeded();
        assertEquals(
                300_000_000,
                new ObjectMapper().readTree(some).path("prefix_budget_bytes").asLong());
        assertTrue(Ran.skald("diagnose", "-m", file, "--prefix-cache", "0")
                .succeeded()
                .contains("prefixes    not kept"));
        for (String wrong : List.of("-1", "300", "1.5G", "")) {
            Ran ran = Ran.skald("diagnose", "-m", file, "--prefix-cache", wrong);
            assertEquals(2, ran.code());
            assertTrue(ran.err().contains("--prefix-cache needs a number of megabytes or gigabytes"), ran.err());
        }
    }

    @Test
    void theCommandSetsEveryFlagThatDiagnosticsKnows() {
        Diagnostics.report()
                .flags()
                .forEach(flag -> assertTrue(
                        Restart.jvmOptions().containsAll(List.of(flag.flag().split(" "))), flag.flag()));
    }

    @Test
    void completionIsAScript() {
        assertTrue(Ran.skald("generate-completion").succeeded().startsWith("#!/usr/bin/env bash"));
    }

    @Test
    void valuesThatLookLikeArgumentFilesAreLeftAlone() {
        Ran ran = Ran.skald("inspect", "@" + folder.resolve("options"));
        assertEquals("skald: no such file: @" + folder.resolve("options") + System.lineSeparator(), ran.err());
    }

    @Test
    void theFlagsForTheJvmHaveNoComments() {
        assertTrue(Restart.jvmOptions().contains("--add-modules=jdk.incubator.vector"));
        assertFalse(Restart.jvmOptions().stream().anyMatch(flag -> !flag.startsWith("-")));
    }

    private Path tiny(String type) {
        Path file = folder.resolve("tiny-" + type + ".gguf");
        assertEquals(
                "",
                Ran.skald("synth", "--shape", "tiny", "--type", type, file.toString())
                        .succeeded());
        return file;
    }
}
