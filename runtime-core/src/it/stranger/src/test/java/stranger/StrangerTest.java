package stranger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.skald.gguf.GgufFormatException;
import dev.skald.runtime.Model;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StrangerTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void makeModel() throws Exception {
        file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
    }

    @Test
    void runsTheWayThatThisExecutionIsMeantTo() {
        assertEquals(Boolean.getBoolean("stranger.modular"), Model.class.getModule().isNamed());
        assertEquals(
                Boolean.getBoolean("stranger.vector"),
                ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent());
    }

    @Test
    void completesAText() throws Exception {
        try (Model model = Model.open(file)) {
            String first = model.complete("Hei", options -> options.greedy().ignoreEnd(true).maxTokens(8));
            String again = model.complete("Hei", options -> options.greedy().ignoreEnd(true).maxTokens(8));
            assertEquals(first, again);
        }
    }

    @Test
    void streamsTokens() throws Exception {
        try (Model model = Model.open(file, options -> options.threads(2));
                Session session = model.newSession(options -> options.contextLength(32));
                Generation generation =
                        session.generate("Hei", options -> options.seed(1).ignoreEnd(true).maxTokens(5))) {
            List<Integer> ids = new ArrayList<>();
            for (Token token : generation) {
                ids.add(token.id());
            }
            assertEquals(5, ids.size());
            assertEquals(FinishReason.MAX_TOKENS, generation.result().reason());
        }
    }

    @Test
    void seesTheErrorsOfEveryLayer() throws Exception {
        Path text = Files.writeString(folder.resolve("text.gguf"), "not a model, whatever its name says");
        assertThrows(GgufFormatException.class, () -> Model.open(text));
    }
}
