package dev.skald.runtime.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The prefixes that models are known to need, by the names in their files. */
class PromptsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "nomic-embed-text-v1.5, nomic-bert, nomic",
        "Multilingual E5 Small, bert, e5",
        "multilingual-e5-large-instruct, bert, e5-instruct",
        "bge-small-en-v1.5, bert, bge-en",
        "Bge M3, bert, none",
        "mxbai-embed-large-v1, bert, mxbai",
        "snowflake-arctic-embed-m, bert, arctic",
        "Snowflake Arctic Embed L v2.0, bert, arctic-2",
        "Qwen3 Embedding 0.6B, qwen3, qwen3",
        "Qwen3 0.6B, qwen3, none",
        "a model of no name, gemma-embedding, gemma",
        "all-MiniLM-L6-v2, bert, none"
    })
    void areFoundByTheModelsName(String name, String architecture, String prompts) throws IOException {
        Path path = folder.resolve("named.gguf");
        try (GgufWriter writer = GgufWriter.create(path)) {
            writer.put("general.architecture", architecture);
            writer.put("general.name", name);
            writer.commit();
        }
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(Prompts.named(prompts), Prompts.recommended(file.metadata()));
        }
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        String message = assertThrows(IllegalArgumentException.class, () -> Prompts.named("of tomorrow"))
                .getMessage();
        assertTrue(message.contains("e5-instruct") && message.contains("none"), message);
    }
}
