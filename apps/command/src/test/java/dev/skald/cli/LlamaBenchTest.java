package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.bench.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlamaBenchTest {
    private static final Path MODEL = Path.of("some model.gguf");

    @TempDir
    Path folder;

    @Test
    void readsWhatLlamaBenchPrints() throws IOException {
        // As llama.cpp b4748 printed it, but for a few lines.
        LlamaBench.Answer answer = LlamaBench.parse("""
                [
                  {
                    "build_commit": "c392e5094",
                    "build_number": 4748,
                    "cpu_info": "Intel(R) Xeon(R) Processor",
                    "backends": "CPU",
                    "model_type": "llama ?B Q4_0",
                    "n_threads": 2,
                    "use_mmap": true,
                    "n_prompt": 16,
                    "n_gen": 0,
                    "avg_ns": 7249559,
                    "avg_ts": 8581.317989,
                    "stddev_ts": 0.000000,
                    "samples_ns": [ 1001424 ],
                    "samples_ts": [ 8581.32 ]
                  }
                ]
                """);
        assertEquals(new LlamaBench.Answer("c392e5094", 8581.317989), answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "error: model not found",
                "[]",
                "{}",
                "[{\"avg_ts\": \"fast\"}]",
                "[{\"avg_ts\": 0}]",
                "[{\"avg_ts\": 1.5}, {\"avg_ts\": 2.5}]"
            })
    void anythingElseIsAnError(String output) {
        assertThrows(IOException.class, () -> LlamaBench.parse(output));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--n-gen            | true  | false | false",
                "--n-gen -gp <pp,tg>| true  | false | true",
                "--n-gen --n-depth  | true  | true  | true",
            })
    @DisabledOnOs(OS.WINDOWS)
    void knowsWhatAProgramCanDoByItsHelp(String help, boolean flat, boolean deepPrompt, boolean deepGeneration)
            throws Exception {
        LlamaBench bench = new LlamaBench(script("echo '" + help + "'"), List.of(), MODEL, 2);
        assertEquals(flat, bench.can(Workload.generation(8, 0, 1)));
        assertEquals(deepPrompt, bench.can(Workload.prompt(8, 64)));
        assertEquals(deepGeneration, bench.can(Workload.generation(8, 64, 1)));
        assertFalse(bench.can(Workload.generation(8, 0, 2)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--n-depth     | PROMPT     | 512 | 0  | -p 512 -n 0",
                "--n-depth     | GENERATION | 128 | 0  | -p 0 -n 128",
                "--n-depth     | GENERATION | 128 | 64 | -p 0 -n 128 -d 64",
                "'-gp <pp,tg>' | GENERATION | 128 | 64 | -p 0 -n 0 -gp 64,128",
            })
    @DisabledOnOs(OS.WINDOWS)
    void asksForOneTestOnTheSameFile(String help, Workload.Kind kind, int tokens, int depth, String expected)
            throws Exception {
        Path asked = folder.resolve("asked");
        Path program = script("""
                if [ "$1" = --help ]; then echo "--n-gen %s"; exit; fi
                printf '%%s|' "$@" > '%s'
                echo '[{"build_commit": "abc", "avg_ts": 12.5}]'
                """.formatted(help, asked));
        LlamaBench bench = new LlamaBench(program, List.of("-fa", "1"), MODEL, 2);
        assertEquals(12.5, bench.tokensPerSecond(new Workload(kind, tokens, depth, 1)));
        assertEquals("abc", bench.commit());
        assertEquals(
                "-fa|1|-m|some model.gguf|-t|2|-r|1|-o|json|" + expected.replace(' ', '|') + "|",
                Files.readString(asked));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aFailureCarriesWhatTheProgramSaid() throws Exception {
        Path program = script("""
                if [ "$1" = --help ]; then echo "--n-gen"; exit; fi
                echo "main: error: failed to load model" >&2
                exit 1
                """);
        LlamaBench bench = new LlamaBench(program, List.of(), MODEL, 2);
        IOException failure = assertThrows(IOException.class, () -> bench.tokensPerSecond(Workload.prompt(1, 0)));
        assertEquals(program + " ended with exit code 1: main: error: failed to load model", failure.getMessage());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void anotherProgramIsRefused() throws IOException {
        Path program = script("echo 'usage: something else'");
        IOException failure = assertThrows(IOException.class, () -> new LlamaBench(program, List.of(), MODEL, 2));
        assertTrue(failure.getMessage().contains("is not a llama-bench"), failure.getMessage());
    }

    private Path script(String body) throws IOException {
        return script(folder, body);
    }

    static Path script(Path folder, String body) throws IOException {
        Path file = Files.writeString(folder.resolve("llama-bench"), "#!/bin/sh\n" + body + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
