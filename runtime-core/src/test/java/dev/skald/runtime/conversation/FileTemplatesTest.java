package dev.skald.runtime.conversation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufWriter;
import dev.skald.runtime.chat.ChatTemplate;
import dev.skald.runtime.error.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Templates of files that cannot be used: the message says why, and which option chooses another. */
class FileTemplatesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "'', an empty chat template",
        "' \n', an empty chat template",
        "chatml, the words \"chatml\" in place of a chat template",
        "see the card, the words \"see the card\" in place of a chat template",
    })
    void aTemplateWithoutMessagesIsRefused(String template, String why) throws IOException {
        String message = assertThrows(UnsupportedModelException.class, () -> open(template))
                .getMessage();
        assertTrue(message.contains(" carries " + why), message);
        assertTrue(message.contains("set the option template to one of [alpaca, chatml"), message);
    }

    @Test
    void aTemplateWithMessagesIsTaken() throws IOException {
        String source = "{% for m in messages %}{{ m.content }}{% endfor %}";
        assertEquals(source, open(source).source());
    }

    private ChatTemplate open(String template) throws IOException {
        Path path = folder.resolve("m.gguf");
        try (GgufWriter writer = GgufWriter.create(path)) {
            writer.put("tokenizer.chat_template", template);
            writer.commit();
        }
        try (GgufFile file = GgufFile.open(path)) {
            return new FileTemplates("m.gguf", file.metadata()).get(false);
        }
    }
}
