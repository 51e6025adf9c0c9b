package dev.skald.server.serving;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.server.http.Json;
import java.time.Duration;
import java.util.List;

/** How long parts of an answer took, in the form of llama-server. */
public final class Timings {
    private Timings() {}

    /** Returns the times of all answers to a request. */
    public static ObjectNode of(List<GenerationResult> answers) {
        return of(
                answers.getFirst().cachedTokens(),
                answers.stream().mapToInt(GenerationResult::promptTokens).sum(),
                answers.stream().mapToInt(GenerationResult::generatedTokens).sum(),
                answers.size(),
                answers.stream().map(GenerationResult::promptTime).reduce(Duration.ZERO, Duration::plus),
                answers.stream().map(GenerationResult::generationTime).reduce(Duration.ZERO, Duration::plus));
    }

    /**
     * Returns the times of an answer so far.
     *
     * @param read the number of tokens of the prompt that were computed
     * @param wrote the number of tokens generated
     */
    public static ObjectNode of(int read, int wrote, Duration reading, Duration writing) {
        return of(0, read, wrote, 1, reading, writing);
    }

    private static ObjectNode of(int cached, int read, int wrote, int answers, Duration reading, Duration writing) {
        ObjectNode timings = Json.object();
        timings.put("cache_n", cached);
        timings.put("prompt_n", read);
        times(timings, "prompt", read, reading);
        timings.put("predicted_n", wrote);
        // The first token of an answer is computed with the prompt.
        times(timings, "predicted", wrote - answers, writing);
        return timings;
    }

    private static void times(ObjectNode timings, String name, int count, Duration time) {
        double millis = time.toNanos() * 1e-6;
        timings.put(name + "_ms", millis);
        timings.put(name + "_per_token_ms", count > 0 ? millis / count : 0);
        timings.put(name + "_per_second", millis > 0 && count > 0 ? count * 1000 / millis : 0);
    }
}
