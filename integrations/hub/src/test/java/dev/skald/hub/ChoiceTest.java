package dev.skald.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChoiceTest {
    private static List<Entry> entries(String paths) {
        return Arrays.stream(paths.split(" "))
                .map(path -> new Entry(path, 10, ""))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "org/r | a-F16.gguf a-Q4_0.gguf a-Q4_K_M.gguf a-Q8_0.gguf | a-Q4_K_M.gguf",
                "org/r | a-F16.gguf a-Q4_0.gguf a-Q8_0.gguf | a-Q8_0.gguf",
                "org/r | a-Q5_K_M.gguf a-F16.gguf | a-F16.gguf",
                "org/r | mmproj-a-Q4_K_M.gguf a-Q8_0.gguf | a-Q8_0.gguf",
                "org/r | mtp-a-Q4_K_M.gguf a-mtp-Q4_K_M.gguf eagle3.gguf imatrix.gguf a-Q2_K.gguf | a-Q2_K.gguf",
                "org/r | a-imatrix-Q4_K_M.gguf b-F16.gguf | a-imatrix-Q4_K_M.gguf",
                "org/r:q4_k_m | A.q4_k_m.gguf A.q8_0.gguf | A.q4_k_m.gguf",
                "org/r:Q4_K_M | a-UD-Q4_K_M.gguf a-Q4_K_M.gguf | a-Q4_K_M.gguf",
                "org/r:Q4_K_XL | a-UD-Q4_K_XL.gguf a-Q4_K_M.gguf | a-UD-Q4_K_XL.gguf",
                "org/r:Q4_K | a-Q4_K_M.gguf a-Q4_K.gguf | a-Q4_K.gguf",
                "org/r:BF16 | BF16/a-00002-of-00002.gguf BF16/a-00001-of-00002.gguf | BF16/a-00001-of-00002.gguf",
                "org/r:mmproj-F16.gguf | a-Q4_K_M.gguf mmproj-F16.gguf | mmproj-F16.gguf",
                "org/r:a.gguf | x/a.gguf a-Q4_K_M.gguf | x/a.gguf",
                "hf.co/org/r/tree/main/x | y/a-Q4_K_M.gguf x/b-Q8_0.gguf | x/b-Q8_0.gguf",
                "org/r | only.gguf | only.gguf",
            })
    void theFileThatIsTaken(String name, String paths, String taken) throws HubException {
        Choice choice =
                Choice.fitting(HubName.of(name).orElseThrow(), entries(paths)).getFirst();
        assertEquals(taken, choice.files().getFirst().path());
        assertTrue(choice.isComplete());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nb-llama-3.2-1b-instruct-q4_k_m.gguf | Q4_K_M",
                "Qwen3-8B-UD-IQ2_XXS.gguf | UD-IQ2_XXS",
                "model.i1-IQ4_XS.gguf | IQ4_XS",
                "gpt-oss-20b-mxfp4.gguf | MXFP4",
                "a-Q8_0-00001-of-00003.gguf | Q8_0",
                "Q6_K/model-00001-of-00003.gguf | Q6_K",
                "ggml-model-f16.gguf | F16",
                "Q4_0-bake-off-Q5_K_S.gguf | Q5_K_S",
                "model.gguf | ''",
                "F1racer.gguf | ''",
            })
    void theQuantizationInAName(String path, String quantization) {
        assertEquals(quantization, Choice.all(entries(path)).getFirst().quantization());
    }

    @Test
    void aPartThatIsMissingIsNoticed() throws HubException {
        Choice choice = Choice.fitting(
                        HubName.of("org/r").orElseThrow(),
                        entries("a-Q4_K_M-00001-of-00003.gguf a-Q4_K_M-00003-of-00003.gguf"))
                .getFirst();
        assertFalse(choice.isComplete());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "org/r | model.safetensors README.md | NO_GGUF | model.safetensors",
                "org/r | README.md | NO_GGUF | has no model in GGUF",
                "org/r | mmproj-F16.gguf | NO_GGUF | only mmproj-F16.gguf",
                "org/r:Q5_0 | a-Q4_K_M.gguf a-Q8_0.gguf | NO_SUCH_QUANTIZATION | 'has no Q5_0; it has Q4_K_M (10 bytes), Q8_0 (10 bytes)'",
                "org/r:b.gguf | a-Q4_K_M.gguf | NOT_FOUND | it has a-Q4_K_M.gguf",
            })
    void whatThereIsInsteadIsSaid(String name, String paths, HubException.Kind kind, String message) {
        HubException failure = assertThrows(
                HubException.class, () -> Choice.fitting(HubName.of(name).orElseThrow(), entries(paths)));
        assertEquals(kind, failure.kind());
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../a.gguf",
                "a/../../b.gguf",
                "/etc/a.gguf",
                "a//b.gguf",
                "./a.gguf",
                "C:\\a.gguf",
                "C:a.gguf",
                "a\\b.gguf",
                "CON.gguf",
                "x/nul",
                "com1.gguf",
                "a\u0000.gguf",
                "a\u001b[2J.gguf",
                "a\u202egguf.exe",
                "a.",
                "a /b.gguf",
                "a?.gguf",
                "a\n.gguf",
                ""
            })
    void namesThatCannotBeStored(String path) {
        assertFalse(new Entry(path, 1, "").isSafe());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.gguf", "x/y z/å-Q4_0.gguf", "..a.gguf", "console.gguf", "a...gguf"})
    void namesThatCan(String path) {
        assertTrue(new Entry(path, 1, "").isSafe());
    }
}
