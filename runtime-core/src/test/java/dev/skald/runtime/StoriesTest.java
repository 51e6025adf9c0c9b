package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Token;
import java.io.IOException;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real trained model tells its story. */
@Tag("kernels")
class StoriesTest {
    private static final int[] GREEDY = {
        432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426, 338, 401, 396, 267, 337, 410, 408, 419, 292
    };

    @Test
    void greedyTokensOfLlamaCpp() throws IOException {
        try (Model model = Model.open(Golden.path("models/stories260K-F32.gguf"));
                Generation story =
                        model.generate("Once upon a time", g -> g.greedy().maxTokens(20))) {
            int[] ids = StreamSupport.stream(story.spliterator(), false)
                    .mapToInt(Token::id)
                    .toArray();
            assertArrayEquals(GREEDY, ids);
        }
    }

    /** Fluent: the quantized models start as the full one does, in words of a story for children. */
    @ParameterizedTest
    @ValueSource(strings = {"F32", "Q8_0", "Q4_0"})
    void tellsAStory(String type) throws IOException {
        try (Model model = Model.open(Golden.path("models/stories260K-" + type + ".gguf"))) {
            String story = model.complete("Once upon a time", g -> g.greedy().maxTokens(100));
            assertTrue(story.startsWith(", there was a little girl named L"), story);
            assertTrue(IntStream.range(0, story.length()).allMatch(i -> story.charAt(i) < 128), story);
            assertTrue(story.contains(". She ") || story.contains(". He "), story);
        }
    }
}
