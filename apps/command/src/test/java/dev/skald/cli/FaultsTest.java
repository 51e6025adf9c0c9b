package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files on which Skald has failed, with the answers of llama.cpp where it has one. */
class FaultsTest {
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

    private static Ran once(String file) {
        return Ran.skald(
                "complete",
                "-m",
                Golden.file("faults/" + file).toString(),
                "-p",
                "Once upon a time",
                "-n",
                "6",
                "--temperature",
                "0");
    }
}
