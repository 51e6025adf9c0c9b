package dev.skald.server.ollama;

import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.server.http.Body;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Reads the {@code options} of Ollama's API, which set how tokens are sampled. */
record OllamaOptions(Consumer<GenerationOptions> settings, OptionalLong seed) {
    /** Options about the machine and its memory. The server's own settings decide these. */
    private static final String[] DECIDED_HERE = {
        "num_ctx",
        "num_batch",
        "num_gpu",
        "main_gpu",
        "num_thread",
        "numa",
        "use_mmap",
        "use_mlock",
        "low_vram",
        "num_keep",
        "vocab_only",
        "f16_kv",
        "logits_all",
        "penalize_newline",
        "tfs_z"
    };

    static OllamaOptions read(Body body) {
        Body own = body.object("options").orElse(null);
        List<Consumer<GenerationOptions>> settings = new ArrayList<>();
        if (own == null) {
            return new OllamaOptions(options -> {}, OptionalLong.empty());
        }
        // A negative number means no limit.
        own.integer("num_predict", -2, Integer.MAX_VALUE).ifPresent(n -> {
            if (n >= 0) {
                settings.add(options -> options.maxTokens(n));
            }
        });
        own.number("temperature", 0, 10).ifPresent(v -> settings.add(o -> o.temperature((float) v)));
        own.integer("top_k", 0, Integer.MAX_VALUE).ifPresent(v -> settings.add(o -> o.topK(v)));
        own.number("top_p", 0, 1).ifPresent(v -> settings.add(o -> o.topP((float) v)));
        own.number("min_p", 0, 1).ifPresent(v -> settings.add(o -> o.minP((float) v)));
        own.number("typical_p", 0, 1).ifPresent(v -> settings.add(o -> o.sampler(s -> s.typicalP((float) v))));
        own.integer("repeat_last_n", -1, Integer.MAX_VALUE)
                .ifPresent(v -> settings.add(o -> o.sampler(s -> s.penaltyTokens(v))));
        own.number("repeat_penalty", 0.01, 10)
                .ifPresent(v -> settings.add(o -> o.sampler(s -> s.repeatPenalty((float) v))));
        own.number("presence_penalty", -10, 10)
                .ifPresent(v -> settings.add(o -> o.sampler(s -> s.presencePenalty((float) v))));
        own.number("frequency_penalty", -10, 10)
                .ifPresent(v -> settings.add(o -> o.sampler(s -> s.frequencyPenalty((float) v))));
        List<String> stops = own.strings("stop");
        if (stops.contains("")) {
            throw own.error("stop", "must not be empty");
        }
        settings.add(options -> options.stop(stops.toArray(String[]::new)));
        OptionalLong seed = own.longInteger("seed");
        own.without(DECIDED_HERE);
        own.end();
        return new OllamaOptions(options -> settings.forEach(setting -> setting.accept(options)), seed);
    }
}
