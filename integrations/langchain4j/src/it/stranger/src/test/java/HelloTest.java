import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.tiny.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HelloTest {
    @TempDir
    Path folder;

    @Test
    void answers() throws Exception {
        Path model = Files.write(folder.resolve("tiny.gguf"), TinyModel.gguf());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            Hello.main(new String[] {model.toString()});
        } finally {
            System.setOut(before);
        }
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("Oslo"), out.toString(StandardCharsets.UTF_8));
        assertEquals(
                Boolean.getBoolean("stranger.vector"),
                ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent());
    }
}
