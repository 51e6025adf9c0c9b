package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizeTest {
    @TempDir
    static Path models;

    static String source;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeModel() {
        source = models.resolve("tiny-F16.gguf").toString();
        Ran.skald("synth", "--shape", "tiny", "--type", "F16", source).succeeded();
    }

    @Test
    void whatIsWrittenIsSummedUpAndRuns() {
        String target = target("q8.gguf");
        Ran ran = Ran.skald("quantize", source, target, "q8_0", "-t", "2");
        // 34 bytes for 32 weights are 8.5 bits; norms and rope factors add a little.
        assertTrue(
                ran.succeeded().matches(".*q8\\.gguf: \\S+ MiB -> \\S+ MiB, 8\\.5\\d bits per weight, \\S+ s\\R"),
                ran.out());
        assertEquals("", ran.err());
        Ran.skald("complete", "-m", target, "-p", "er", "-n", "2").succeeded();
    }

    @Test
    void aDryRunShowsThePlanAndWritesNothing() {
        Ran ran = Ran.skald(
                "quantize", source, target("x.gguf"), "Q4_K", "--dry-run", "--tensor-type", "blk\\.0\\.attn_q=q8_0");
        String out = ran.succeeded();
        assertTrue(out.lines().anyMatch(l -> l.matches("token_embd.weight +256 x 512 +F16 +-> Q6_K .*")), out);
        assertTrue(out.lines().anyMatch(l -> l.matches("blk.0.attn_q.weight .*-> Q8_0 .* asked for")), out);
        assertTrue(out.lines().anyMatch(l -> l.matches("blk.1.attn_q.weight .*-> Q4_K .*MiB")), out);
        assertTrue(out.lines().anyMatch(l -> l.matches("Q4_K_M: .* bits per weight")), out);
        assertFalse(Files.exists(folder.resolve("x.gguf")));
    }

    @Test
    void aMissingImportanceMatrixIsSaidInADryRunAndRefusedOtherwise() {
        Ran dry = Ran.skald("quantize", source, target("x.gguf"), "Q2_K_S", "--dry-run");
        assertEquals(0, dry.code());
        assertTrue(dry.err().contains("--imatrix"), dry.err());
        Ran ran = Ran.skald("quantize", source, target("x.gguf"), "Q2_K_S");
        assertEquals(1, ran.code());
        assertTrue(ran.err().matches("skald: [^\\n]+--imatrix[^\\n]+\\R"), ran.err());
    }

    @Test
    void nothingIsReplacedWithoutForce() {
        String target = target("x.gguf");
        Ran.skald("quantize", source, target, "Q4_0").succeeded();
        Ran ran = Ran.skald("quantize", source, target, "Q4_0");
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("--force"), ran.err());
        Ran.skald("quantize", source, target, "Q4_0", "--force").succeeded();
    }

    @Test
    void aFileIsSplit() {
        Ran.skald("quantize", source, target("x.gguf"), "Q8_0", "--split-max-size", "1M")
                .succeeded();
        assertTrue(Files.exists(folder.resolve("x-00001-of-00002.gguf")));
        Ran.skald("inspect", target("x-00002-of-00002.gguf")).succeeded();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Q9_K",
                "Q4_0 --tensor-type attn_v",
                "Q4_0 --tensor-type attn_v=Q9",
                "Q4_0 --tensor-type (=Q8_0",
                "Q4_0 --split-max-size 10",
                "Q4_0 --threads 0"
            })
    void wrongUsageIsOneLine(String options) {
        Ran ran = Ran.skald(("quantize " + source + " " + target("x.gguf") + " " + options).split(" "));
        assertEquals(2, ran.code());
        assertTrue(ran.err().matches("skald: [^\\n]+\\R"), ran.err());
    }

    private String target(String name) {
        return folder.resolve(name).toString();
    }
}
