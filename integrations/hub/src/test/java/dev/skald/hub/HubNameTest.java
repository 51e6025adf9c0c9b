package dev.skald.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubNameTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "org/repo | org/repo | main | '' | ''",
                "org/repo:Q4_K_M | org/repo | main | Q4_K_M | ''",
                "NbAiLab/nb-llama-3.2-1B-Instruct-Q4_K_M-GGUF | NbAiLab/nb-llama-3.2-1B-Instruct-Q4_K_M-GGUF | main | '' | ''",
                "org/repo@v1.0:q8_0 | org/repo | v1.0 | q8_0 | ''",
                "org/repo:sub/model.gguf | org/repo | main | sub/model.gguf | ''",
                "hf.co/org/repo | org/repo | main | '' | ''",
                "hf.co/org/repo:Q4_0 | org/repo | main | Q4_0 | ''",
                "huggingface.co/org/repo/ | org/repo | main | '' | ''",
                "hf://org/repo | org/repo | main | '' | ''",
                "https://huggingface.co/org/repo | org/repo | main | '' | ''",
                "https://huggingface.co/org/repo/tree/main | org/repo | main | '' | ''",
                "https://huggingface.co/org/repo/tree/main/Q4_K_M | org/repo | main | '' | Q4_K_M",
                "https://huggingface.co/org/repo/blob/main/a-Q4_0.gguf | org/repo | main | a-Q4_0.gguf | ''",
                "https://huggingface.co/org/repo/resolve/main/a-Q4_0.gguf?download=true | org/repo | main | a-Q4_0.gguf | ''",
                "https://hf.co/org/repo/blob/refs%2Fpr%2F1/x/a%20b.gguf#L1 | org/repo | refs/pr/1 | x/a b.gguf | ''",
                "http://127.0.0.1:9999/org/repo:Q8_0 | org/repo | main | Q8_0 | ''",
            })
    void formsOfNames(String text, String repository, String revision, String choice, String folder)
            throws HubException {
        assertEquals(
                Optional.of(new HubName(repository, revision, choice, folder)),
                HubName.of(text, URI.create("http://127.0.0.1:9999")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.gguf",
                "./org/repo",
                "../org/repo",
                "/org/repo",
                "~/models/x",
                "models/model.gguf",
                "a/b/c",
                "org",
                "C:\\models\\x",
                "C:/models/x",
                "org/..",
                "org/a--b",
                "org/re po",
                "",
                "org/",
                "/repo",
                "org\\repo"
            })
    void pathsAreNoNames(String text) throws HubException {
        assertEquals(Optional.empty(), HubName.of(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://example.org/org/repo | not an address on Hugging Face",
                "https://huggingface.co/datasets/org/repo | a page of datasets",
                "https://huggingface.co/org | names no repository",
                "hf.co/ | names no repository",
                "hf.co/org/repo/blob/main/README.md | not a GGUF file",
                "hf.co/org/repo/discussions/3 | without a file",
                "hf.co/../etc/blob/main/a.gguf | names no repository",
            })
    void addressesOfSomethingElseSayWhat(String text, String message) {
        HubException failure = assertThrows(HubException.class, () -> HubName.of(text));
        assertEquals(HubException.Kind.BAD_NAME, failure.kind());
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    @Test
    void namesAreWrittenAsTheyAreRead() throws HubException {
        for (String text : List.of("org/repo", "org/repo:Q4_K_M", "org/repo@v1:a/b.gguf")) {
            assertEquals(text, HubName.of(text).orElseThrow().toString());
        }
    }
}
