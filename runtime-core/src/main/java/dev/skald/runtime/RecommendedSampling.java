package dev.skald.runtime;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.runtime.sampling.SamplerOptions;
import dev.skald.runtime.sampling.SamplerStage;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * The sampler settings that the author of a file recommends: the keys {@code general.sampling.*}, which llama.cpp's converter
 * has taken from a model's {@code generation_config.json} since November 2025 (<a
 * href="https://github.com/ggml-org/llama.cpp/pull/17120">pull request 17120</a>). They replace the defaults, and the caller's
 * settings replace them.
 */
final class RecommendedSampling {
    private static final System.Logger LOG = System.getLogger(RecommendedSampling.class.getName());
    private static final String PREFIX = "general.sampling.";

    private final GgufMetadata metadata;
    private final List<Consumer<SamplerOptions.Builder>> settings = new ArrayList<>();

    private RecommendedSampling(GgufMetadata metadata) {
        this.metadata = metadata;
    }

    /**
     * Reads the recommendations. An unknown order of steps is logged.
     *
     * @throws GgufFormatException if a value has the wrong type or is out of the setting's range
     */
    static RecommendedSampling of(GgufMetadata metadata) {
        RecommendedSampling read = new RecommendedSampling(metadata);
        read.take("temp", GgufMetadata::getFloat, SamplerOptions.Builder::temperature);
        read.take("top_k", GgufMetadata::getInt, SamplerOptions.Builder::topK);
        read.take("top_p", GgufMetadata::getFloat, SamplerOptions.Builder::topP);
        read.take("min_p", GgufMetadata::getFloat, SamplerOptions.Builder::minP);
        read.take("penalty_last_n", GgufMetadata::getInt, SamplerOptions.Builder::penaltyTokens);
        read.take("penalty_repeat", GgufMetadata::getFloat, SamplerOptions.Builder::repeatPenalty);
        read.take("xtc_probability", GgufMetadata::getFloat, SamplerOptions.Builder::xtcProbability);
        read.take("xtc_threshold", GgufMetadata::getFloat, SamplerOptions.Builder::xtcThreshold);
        read.take("mirostat", GgufMetadata::getInt, SamplerOptions.Builder::mirostat);
        read.take("mirostat_tau", GgufMetadata::getFloat, SamplerOptions.Builder::mirostatTau);
        read.take("mirostat_eta", GgufMetadata::getFloat, SamplerOptions.Builder::mirostatEta);
        read.takeOrder();
        return read;
    }

    /** Applies the recommendations to the settings. */
    void apply(SamplerOptions.Builder sampler) {
        settings.forEach(setting -> setting.accept(sampler));
    }

    /** Returns the order of steps; an order with an unknown step is logged and ignored. */
    private void takeOrder() {
        String key = PREFIX + "sequence";
        if (metadata.contains(key)) {
            String names = metadata.getString(key);
            try {
                List<SamplerStage> order = SamplerStage.parse(names);
                settings.add(sampler -> sampler.order(order));
            } catch (IllegalArgumentException unknown) {
                LOG.log(
                        Level.WARNING,
                        "The key {0} recommends the sampler steps {1}, which is not followed: {2}",
                        key,
                        names,
                        unknown.getMessage());
            }
        }
    }

    private <T> void take(
            String name, BiFunction<GgufMetadata, String, T> get, BiConsumer<SamplerOptions.Builder, T> setting) {
        String key = PREFIX + name;
        if (!metadata.contains(key)) {
            return;
        }
        T value = get.apply(metadata, key);
        try {
            setting.accept(SamplerOptions.builder(), value);
        } catch (IllegalArgumentException outOfRange) {
            throw new GgufFormatException("the key '" + key + "' is " + value + ": " + outOfRange.getMessage());
        }
        settings.add(sampler -> setting.accept(sampler, value));
    }
}
