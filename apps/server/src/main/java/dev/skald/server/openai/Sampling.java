package dev.skald.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.Model;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.server.http.Body;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Reads how the next token is chosen: OpenAI's parameters, and those that llama-server has besides. */
final class Sampling {
    private static final int MOST_STOPS = 16;
    private static final float MOST_BIAS = 100;

    private final List<Consumer<GenerationOptions>> settings = new ArrayList<>();

    private Sampling() {}

    /** Reads them all except for how many tokens there may be. */
    static Sampling read(Body body, Model model) {
        Sampling all = new Sampling();
        all.number(body, "temperature", 0, 2, GenerationOptions::temperature);
        all.number(body, "top_p", 0, 1, GenerationOptions::topP);
        all.number(body, "min_p", 0, 1, GenerationOptions::minP);
        all.number(body, "typical_p", 0, 1, (o, v) -> o.sampler(s -> s.typicalP(v)));
        all.number(body, "presence_penalty", -2, 2, (o, v) -> o.sampler(s -> s.presencePenalty(v)));
        all.number(body, "frequency_penalty", -2, 2, (o, v) -> o.sampler(s -> s.frequencyPenalty(v)));
        all.number(body, "repeat_penalty", 0.01, 10, (o, v) -> o.sampler(s -> s.repeatPenalty(v)));
        body.integer("top_k", 0, Integer.MAX_VALUE).ifPresent(k -> all.settings.add(o -> o.topK(k)));
        body.integer("repeat_last_n", -1, Integer.MAX_VALUE)
                .ifPresent(n -> all.settings.add(o -> o.sampler(s -> s.penaltyTokens(n))));
        if (body.flag("ignore_eos", false)) {
            all.settings.add(o -> o.ignoreEnd(true));
        }
        List<String> stops = body.strings("stop");
        if (stops.size() > MOST_STOPS || stops.contains("")) {
            throw body.error("stop", "must be up to " + MOST_STOPS + " strings, none empty");
        }
        all.settings.add(o -> o.stop(stops.toArray(String[]::new)));
        body.value("logit_bias").ifPresent(value -> {
            Map<Integer, Float> biases = biases(body, value, model.vocabularySize());
            all.settings.add(o -> o.sampler(s -> biases.forEach(s::logitBias)));
        });
        return all;
    }

    private interface Setter {
        void set(GenerationOptions options, float value);
    }

    private void number(Body body, String name, double least, double most, Setter setter) {
        body.number(name, least, most).ifPresent(value -> settings.add(o -> setter.set(o, (float) value)));
    }

    private static Map<Integer, Float> biases(Body body, JsonNode value, int vocabulary) {
        if (!value.isObject()) {
            throw body.wrong("logit_bias", "an object of token ids and numbers", value);
        }
        Map<Integer, Float> biases = new TreeMap<>();
        value.properties().forEach(entry -> {
            int token;
            try {
                token = Integer.parseInt(entry.getKey());
            } catch (NumberFormatException e) {
                token = -1;
            }
            if (token < 0 || token >= vocabulary) {
                throw body.error(
                        "logit_bias", "names token '" + entry.getKey() + "'; ids are 0 to " + (vocabulary - 1));
            }
            double bias = entry.getValue().asDouble(Double.NaN);
            if (!(Math.abs(bias) <= MOST_BIAS)) {
                throw body.error("logit_bias", "of token " + token + " must be a number from -100 to 100");
            }
            // As OpenAI has it, the least bias bans a token.
            biases.put(token, bias == -MOST_BIAS ? Float.NEGATIVE_INFINITY : (float) bias);
        });
        return biases;
    }

    void add(Consumer<GenerationOptions> setting) {
        settings.add(setting);
    }

    /** How many tokens at most, by the first of these names that is there. */
    void limit(Body body, String... names) {
        OptionalInt limit = OptionalInt.empty();
        for (String name : names) {
            OptionalInt value = body.integer(name, 0, Integer.MAX_VALUE);
            limit = limit.isPresent() ? limit : value;
        }
        limit.ifPresent(n -> settings.add(o -> o.maxTokens(n)));
    }

    /** A seed of any size. */
    static OptionalLong seed(Body body) {
        return body.longInteger("seed");
    }

    Consumer<GenerationOptions> settings() {
        return options -> settings.forEach(setting -> setting.accept(options));
    }
}
