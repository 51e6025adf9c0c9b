package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertTest {
    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = Files.createDirectory(folder.resolve("tiny-llama"));
        OriginalLlama.write(model);
    }

    private Ran convert(String... more) {
        List<String> words = new ArrayList<>(List.of("convert", model.toString(), target()));
        words.addAll(List.of(more));
        return Ran.skald(words.toArray(String[]::new));
    }

    private String target() {
        return folder.resolve("out.gguf").toString();
    }

    @Test
    void whatIsWrittenRuns() {
        String out = convert().succeeded();
        assertTrue(out.contains("out.gguf: F16, "), out);
        Ran.skald("complete", "-m", target(), "-p", "er", "-n", "2").succeeded();
        assertTrue(Ran.skald("inspect", target()).succeeded().contains("llama"));
    }

    @Test
    void itQuantizesOnTheWayAndReplacesNothingWithoutForce() {
        String out = convert("--type", "q8_0").succeeded();
        assertTrue(out.contains("out.gguf: Q8_0, "), out);
        Ran again = convert();
        assertEquals(1, again.code());
        assertTrue(again.err().contains("--force"), again.err());
        convert("--force", "--pre-tokenizer", "gpt-2").succeeded();
    }

    @Test
    void aDryRunWritesNothing() {
        String out = convert("--dry-run", "--type", "Q4_0").succeeded();
        assertTrue(out.contains("blk.0.attn_q.weight"), out);
        assertFalse(Files.exists(Path.of(target())));
    }

    @Test
    void whatIsMissingIsSaidInOneLine() throws IOException {
        Files.delete(model.resolve("tokenizer.json"));
        Ran ran = convert();
        assertEquals(1, ran.code());
        assertTrue(ran.err().matches("skald: [^\\n]*tokenizer\\.json[^\\n]*\\R"), ran.err());
        Ran nothing = Ran.skald("convert", folder.resolve("nothing").toString(), target());
        assertEquals(1, nothing.code());
        assertTrue(nothing.err().contains("no such folder"), nothing.err());
        assertFalse(Files.exists(Path.of(target())));
    }
}
