package dev.skald.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.Model;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.sampling.SamplerStage;
import dev.skald.server.http.Body;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Reads the sampling settings: OpenAI's parameters, and those that llama-server has in addition. */
public final class Sampling {
    /** The maximum temperature in OpenAI's API. */
    private static final double HOTTEST = 2;

    private static final int MOST_STOPS = 16;
    private static final float MOST_BIAS = 100;

    private final List<Consumer<GenerationOptions>> settings = new ArrayList<>();

    private Sampling() {}

    /** Reads all settings except the number of tokens. */
    static Sampling read(Body body, Model model) {
        return read(body, model, HOTTEST);
    }

    /**
     * Reads all settings except the number of tokens, with another range of temperatures.
     *
     * @param hottest the maximum temperature
     */
    public static Sampling read(Body body, Model model, double hottest) {
        Sampling all = new Sampling();
        all.number(body, "temperature", 0, hottest, GenerationOptions::temperature);
        all.number(body, "top_p", 0, 1, GenerationOptions::topP);
        all.number(body, "min_p", 0, 1, GenerationOptions::minP);
        all.number(body, "typical_p", 0, 1, (o, v) -> o.sampler(s -> s.typicalP(v)));
        all.number(body, "presence_penalty", -2, 2, (o, v) -> o.sampler(s -> s.presencePenalty(v)));
        all.number(body, "frequency_penalty", -2, 2, (o, v) -> o.sampler(s -> s.frequencyPenalty(v)));
        all.number(body, "repeat_penalty", 0.01, 10, (o, v) -> o.sampler(s -> s.repeatPenalty(v)));
        all.more(body);
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
            Map<Integer, Float> biases = biases(body, value, model);
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

    /** Reads the parameters that only llama-server has. */
    private void more(Body body) {
        number(body, "top_n_sigma", -1, 1000, (o, v) -> o.sampler(s -> s.topNSigma(v)));
        number(body, "dynatemp_range", 0, 100, (o, v) -> o.sampler(s -> s.dynatempRange(v)));
        number(body, "dynatemp_exponent", 0, 100, (o, v) -> o.sampler(s -> s.dynatempExponent(v)));
        number(body, "xtc_probability", 0, 1, (o, v) -> o.sampler(s -> s.xtcProbability(v)));
        number(body, "xtc_threshold", 0, 1, (o, v) -> o.sampler(s -> s.xtcThreshold(v)));
        number(body, "dry_multiplier", 0, 100, (o, v) -> o.sampler(s -> s.dryMultiplier(v)));
        number(body, "dry_base", 1, 100, (o, v) -> o.sampler(s -> s.dryBase(v)));
        number(body, "mirostat_tau", 0, 100, (o, v) -> o.sampler(s -> s.mirostatTau(v)));
        number(body, "mirostat_eta", 0, 100, (o, v) -> o.sampler(s -> s.mirostatEta(v)));
        integer(body, "dry_allowed_length", 0, (o, v) -> o.sampler(s -> s.dryAllowedLength(v)));
        integer(body, "dry_penalty_last_n", -1, (o, v) -> o.sampler(s -> s.dryTokens(v)));
        integer(body, "min_keep", 0, (o, v) -> o.sampler(s -> s.minKeep(v)));
        body.integer("mirostat", 0, 2).ifPresent(v -> settings.add(o -> o.sampler(s -> s.mirostat(v))));
        body.value("dry_sequence_breakers").ifPresent(value -> {
            List<String> breakers = body.strings("dry_sequence_breakers");
            settings.add(o -> o.sampler(s -> s.dryBreakers(breakers)));
        });
        body.value("samplers").ifPresent(value -> {
            try {
                List<SamplerStage> order = SamplerStage.parse(String.join(";", body.strings("samplers")));
                settings.add(o -> o.sampler(s -> s.order(order)));
            } catch (IllegalArgumentException e) {
                throw body.error("samplers", "cannot be followed: " + e.getMessage());
            }
        });
    }

    private interface IntegerSetter {
        void set(GenerationOptions options, int value);
    }

    private void integer(Body body, String name, int least, IntegerSetter setter) {
        body.integer(name, least, Integer.MAX_VALUE).ifPresent(value -> settings.add(o -> setter.set(o, value)));
    }

    /** Reads an object of ids and numbers, or pairs of an id or a text and a number or false, as in llama-server. */
    private static Map<Integer, Float> biases(Body body, JsonNode value, Model model) {
        Map<Integer, Float> biases = new TreeMap<>();
        if (value.isObject()) {
            value.properties()
                    .forEach(entry ->
                            biases.put(token(body, entry.getKey(), model), bias(body, entry.getValue(), MOST_BIAS)));
            return biases;
        }
        for (JsonNode pair : value.isArray() ? value : List.of(value)) {
            if (!pair.isArray() || pair.size() != 2) {
                throw body.wrong("logit_bias", "an object of token ids and numbers, or an array of pairs", value);
            }
            float bias = bias(body, pair.get(1), Float.MAX_VALUE);
            if (pair.get(0).isTextual()) {
                for (int token : model.tokenizer().encode(pair.get(0).textValue(), false, true)) {
                    biases.put(token, bias);
                }
            } else {
                biases.put(token(body, pair.get(0).toString(), model), bias);
            }
        }
        return biases;
    }

    private static int token(Body body, String id, Model model) {
        int token;
        try {
            token = Integer.parseInt(id);
        } catch (NumberFormatException e) {
            token = -1;
        }
        if (token < 0 || token >= model.vocabularySize()) {
            throw body.error("logit_bias", "names token '" + id + "'; ids are 0 to " + (model.vocabularySize() - 1));
        }
        return token;
    }

    private static float bias(Body body, JsonNode value, float most) {
        if (value.isBoolean() && !value.booleanValue()) {
            return Float.NEGATIVE_INFINITY;
        }
        double bias = value.asDouble(Double.NaN);
        if (!value.isNumber() || !(Math.abs(bias) <= most)) {
            throw body.error(
                    "logit_bias",
                    "has " + value + "; it must be a number" + (most == MOST_BIAS ? " from -100 to 100" : ""));
        }
        // As in OpenAI's API, the lowest bias bans a token.
        return bias == -MOST_BIAS ? Float.NEGATIVE_INFINITY : (float) bias;
    }

    /** Adds another setting. */
    public void add(Consumer<GenerationOptions> setting) {
        settings.add(setting);
    }

    /** Sets the maximum number of tokens from the first of these parameters that is present. */
    void limit(Body body, String... names) {
        OptionalInt limit = OptionalInt.empty();
        for (String name : names) {
            OptionalInt value = body.integer(name, 0, Integer.MAX_VALUE);
            limit = limit.isPresent() ? limit : value;
        }
        limit.ifPresent(n -> settings.add(o -> o.maxTokens(n)));
    }

    /** Returns the seed, which may have any size. */
    public static OptionalLong seed(Body body) {
        return body.longInteger("seed");
    }

    /** Returns a function that applies all settings. */
    public Consumer<GenerationOptions> settings() {
        return options -> settings.forEach(setting -> setting.accept(options));
    }
}
