package dev.skald.runtime.convert;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFormatException;
import dev.skald.runtime.error.UnsupportedModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Converts models of one kind to GGUF: their keys, their vocabulary and their tensors. Source of this class and its
 * subclasses: the classes of llama.cpp's converter (August 2026), {@code TextModel} for this one.
 */
class Family {
    /** Parts of the names of vision and audio tensors, which the language model does not need. */
    private static final Pattern NOT_TEXT = Pattern.compile("^(mlp|vit\\.|vpm\\.|siglip2\\.|conformer\\.|merger\\."
            + "|resampler\\.|sound_encoder\\.|sound_projection\\.|speech_embeddings\\.).*"
            + "|.*(visual\\.|vision\\.|audio\\.|talker\\.|vision_|audio_|token2wav\\.|code2wav\\.|projector\\."
            + "|pre_mm_projector_norm|image_newline|view_seperator|patch_embed|patch_merger\\.|patch_merge_mlp\\."
            + "|model\\.connector\\.).*");

    private static final Pattern NEVER_READ =
            Pattern.compile(".*(\\.attention\\.masked_bias|\\.attention\\.bias|\\.rotary_emb\\.inv_freq)");

    private static final Pattern EXPERT = Pattern.compile("(.+\\.experts)\\.(\\d{1,6})\\.(\\w+)\\.(weight|bias)");

    private static final int MOST_HEAD_WIDTH = 1 << 16;

    private static final Pattern EMBEDDING =
            Pattern.compile(".*(embed_tokens|tok_embeddings|word_embeddings)\\.weight");

    /** Matrices that are always F32. */
    private static final Pattern SMALL = Pattern.compile(
            "(blk\\.\\d+\\.(ffn_gate_inp|ffn_gate_inp_shexp|ssm_conv1d|shortconv\\.conv)|position_embd|token_types)\\.weight"
                    + "|.*_norm\\.weight");

    final Folder folder;
    final Names names = new Names();
    /** The values of {@code config.json}. Those of its text part take precedence. */
    Config config;
    /** The rotary settings of the configuration, under the keys that newer files use. */
    final Config rope;

    private final String architecture;
    private final Checkpoint checkpoint;
    private final Map<String, Weight> weights = new LinkedHashMap<>();
    private final Map<String, Map<Integer, Weight>> experts = new HashMap<>();
    private final List<String> notes = new ArrayList<>();

    /** The input of a family. */
    record Source(String architecture, String original, Folder folder, Config config, Checkpoint checkpoint) {}

    Family(Source source) {
        architecture = source.architecture;
        folder = source.folder;
        checkpoint = source.checkpoint;
        config = source.config.flattened("text_config").withDefaults(defaults());
        rope = rope();
    }

    /** Returns the default values of the maker's configuration class. */
    Map<String, Object> defaults() {
        return Map.of();
    }

    private Config rope() {
        Config found = config.maybeObject("rope_parameters")
                .or(() -> config.maybeObject("rope_scaling"))
                .orElseGet(() -> new Config(config.place() + ": rope_scaling", Map.of()));
        if (found.has("full_attention") || found.has("sliding_attention")) {
            return found;
        }
        Map<String, Object> more = new HashMap<>();
        config.first(
                        "local_rope_theta",
                        "rope_local_theta",
                        "rope_theta_local",
                        "swa_rope_theta",
                        "rope_local_base_freq")
                .ifPresent(key -> more.put(
                        "sliding_attention",
                        Map.of("rope_theta", config.values().get(key))));
        config.first("global_rope_theta", "rope_global_theta", "rope_theta_global", "rope_theta", "rotary_emb_base")
                .ifPresent(key -> more.put("rope_theta", config.values().get(key)));
        found.first("type")
                .ifPresent(key -> more.put("rope_type", found.values().get(key)));
        config.first("partial_rotary_factor", "rope_pct", "rope_percent")
                .ifPresent(
                        key -> more.put("partial_rotary_factor", config.values().get(key)));
        config.first("original_max_position_embeddings")
                .ifPresent(key -> more.put(key, config.values().get(key)));
        return found.withDefaults(more);
    }

    /** Returns the rotary settings of the layers with full attention. */
    final Config ropeOfAll() {
        return rope.maybeObject("full_attention").orElse(rope);
    }

    final void note(String note) {
        notes.add(note);
    }

    List<String> notes() {
        return notes;
    }

    int layers() {
        return config.size(config.first("n_layers", "num_hidden_layers", "n_layer", "num_layers")
                .orElse("num_hidden_layers"));
    }

    final int heads() {
        return config.size(
                config.first("num_attention_heads", "n_head", "n_heads").orElse("num_attention_heads"));
    }

    final int kvHeads() {
        return config.first("num_key_value_heads", "n_kv_heads")
                .map(config::size)
                .orElseGet(this::heads);
    }

    final int width() {
        return config.size(config.first("hidden_size", "n_embd", "dim").orElse("hidden_size"));
    }

    final int headWidth() {
        return config.has("head_dim") ? config.size("head_dim") : width() / heads();
    }

    // Tensors.

    /** Returns the name under which a tensor is processed further; empty if the tensor is left out. */
    Optional<String> filter(String name) {
        return NOT_TEXT.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(name.replace("e_score_correction_bias", "e_score_correction.bias")
                        .replace("language_model.", ""));
    }

    /** Adds the converted form of a tensor; {@code layer} is -1 for tensors outside of layers. */
    void tensor(String name, int layer, Weight weight) throws IOException {
        Matcher expert = EXPERT.matcher(name);
        if (expert.matches()) {
            expert(
                    expert.group(1) + "." + expert.group(3) + "." + expert.group(4),
                    Integer.parseInt(expert.group(2)),
                    weight);
        } else {
            add(mapped(name), weight);
        }
    }

    /** Returns the number of experts in a layer. */
    int experts() {
        return config.size(config.first("num_local_experts", "num_experts", "n_routed_experts")
                .orElse("num_experts"));
    }

    private void expert(String name, int number, Weight weight) throws IOException {
        Map<Integer, Weight> all = experts.computeIfAbsent(name, key -> new TreeMap<>());
        if (number >= experts() || all.put(number, weight) != null) {
            throw weight.error("there are " + experts() + " experts in a layer, and this is number " + number);
        }
        if (all.size() == experts()) {
            add(mapped(name), Weight.stacked(List.copyOf(all.values())));
            experts.remove(name);
        }
    }

    /** Returns the new name of a tensor. */
    final String mapped(String name) {
        return names.of(name)
                .orElseThrow(() -> new UnsupportedModelException(folder.path() + ": tensor '" + name
                        + "' has no place in a model of architecture " + architecture));
    }

    /** Adds a tensor to the new file. Vectors, norms and other small tensors become F32. */
    final void add(String name, Weight weight) {
        boolean small = weight.dimensions() <= 1 || SMALL.matcher(name).matches() || !name.endsWith(".weight");
        if (weights.put(name, small && weight.type() != GgmlType.MXFP4 ? weight.widened() : weight) != null) {
            throw new GgufFormatException(folder.path() + ": two tensors would get the name " + name);
        }
    }

    /** Adds tensors that come before the converted ones. */
    void extra() throws IOException {}

    /** Returns the places of the original tensors, by the names that {@link #filter} gives them. */
    final Map<String, Checkpoint.Place> filtered() {
        Map<String, Checkpoint.Place> filtered = new LinkedHashMap<>();
        checkpoint
                .places()
                .forEach((name, place) -> filter(name).ifPresent(kept -> {
                    Checkpoint.Place before = filtered.put(kept, place);
                    if (before != null) {
                        throw new GgufFormatException(folder.path() + ": tensors '"
                                + before.entry().name() + "' and '" + name + "' are the same to this kind of model");
                    }
                }));
        return filtered;
    }

    /** Returns the tensors of the new file, in order. */
    final Map<String, Weight> weights() throws IOException {
        Map<String, Checkpoint.Place> places = filtered();
        checkSizes(places);
        extra();
        for (Map.Entry<String, Weight> tensor : Scales.apply(config, places).entrySet()) {
            String name = tensor.getKey();
            if (!NEVER_READ.matcher(name).matches()) {
                tensor(name, Names.layer(name), tensor.getValue());
            }
        }
        if (!experts.isEmpty()) {
            String name = experts.keySet().iterator().next();
            throw new GgufFormatException(folder.path() + ": of the " + experts() + " experts of '" + name + "', only "
                    + experts.get(name).keySet() + " are there: is the download complete?");
        }
        if (weights.isEmpty()) {
            throw new GgufFormatException(folder.path() + ": has no tensor that a language model uses");
        }
        return weights;
    }

    /**
     * Checks that the configuration does not claim larger sizes than the weights have, since such claims cost memory.
     */
    private void checkSizes(Map<String, Checkpoint.Place> places) {
        long tokens = 0;
        for (Map.Entry<String, Checkpoint.Place> place : places.entrySet()) {
            List<Long> shape = place.getValue().entry().shape();
            if (EMBEDDING.matcher(place.getKey()).matches() && shape.size() == 2) {
                tokens = Math.max(tokens, shape.getFirst());
            }
        }
        if (tokens == 0) {
            throw new GgufFormatException(
                    folder.path() + ": has no embedding of tokens, so it is not a language model, or not a whole one");
        }
        if (config.has("vocab_size") && config.size("vocab_size") > tokens) {
            throw config.wrong(
                    "vocab_size", config.size("vocab_size"), "at most the " + tokens + " rows of the embedding");
        }
        if (layers() > places.size()) {
            throw config.wrong("num_hidden_layers", layers(), "at most the number of tensors, " + places.size());
        }
    }

    /** Reorders the rows of queries or keys from pairs of halves, as in the original, to the adjacent pairs of ggml. */
    static Weight adjacent(Weight weight, int heads) {
        if (weight.dimensions() == 1) {
            int size = Math.toIntExact(weight.columns());
            checkHeads(weight, size, heads);
            return weight.columnsOf(size, place -> (int) halves(place, size / heads));
        }
        long rows = weight.rows();
        checkHeads(weight, rows, heads);
        return weight.reordered(weight.shape(), place -> halves(place, rows / heads));
    }

    private static void checkHeads(Weight weight, long rows, int heads) {
        if (rows % heads != 0 || rows / heads % 2 != 0) {
            throw weight.error(rows + " rows do not make " + heads + " heads of an even width");
        }
    }

    private static long halves(long place, long head) {
        long within = place % head;
        return place - within + within / 2 + within % 2 * (head / 2);
    }

    // Keys.

    final List<OriginalModel.Key> metadata(GgmlType type, String preTokenizer) throws IOException {
        Keys keys = new Keys(architecture);
        keys.text("general.architecture", architecture);
        keys.text("general.type", "model");
        new Description(folder, weights).addTo(keys);
        keys(keys);
        keys.uint32("general.quantization_version", 2);
        keys.uint32("general.file_type", type == GgmlType.BF16 ? 32 : 1);
        vocabulary(keys, new Vocabularies(folder, config, keys, preTokenizer, this::note));
        return keys.all();
    }

    /** Adds the keys of the architecture. */
    void keys(Keys keys) throws IOException {
        keys.uint32(".block_count", layers());
        config.first(
                        "max_position_embeddings",
                        "n_ctx",
                        "n_positions",
                        "max_length",
                        "max_sequence_length",
                        "model_max_length")
                .ifPresent(key -> keys.uint32(".context_length", config.integer(key)));
        config.first("hidden_size", "n_embd", "dim")
                .ifPresent(key -> keys.uint32(".embedding_length", config.integer(key)));
        config.first(
                        "prefix_dense_intermediate_size",
                        "dense_intermediate_size",
                        "intermediate_size",
                        "n_inner",
                        "hidden_dim")
                .ifPresent(key -> keys.uint32(".feed_forward_length", config.integer(key)));
        config.first("num_attention_heads", "n_head", "n_heads")
                .ifPresent(key -> keys.uint32(".attention.head_count", config.integer(key)));
        kvHeadKeys(keys);
        if (!config.flag("is_causal", true)) {
            keys.flag(".attention.causal", false);
        }
        ropeKeys(keys);
        config.first("rms_norm_eps", "norm_eps")
                .ifPresent(key -> keys.float32(".attention.layer_norm_rms_epsilon", config.number(key)));
        config.first("layer_norm_eps", "layer_norm_epsilon", "norm_epsilon")
                .ifPresent(key -> keys.float32(".attention.layer_norm_epsilon", config.number(key)));
        expertKeys(keys);
        if (config.has("head_dim")) {
            keys.uint32(".attention.key_length", config.integer("head_dim"));
            keys.uint32(".attention.value_length", config.integer("head_dim"));
        }
    }

    void kvHeadKeys(Keys keys) {
        config.first("num_key_value_heads", "n_kv_heads")
                .ifPresent(key -> keys.uint32(".attention.head_count_kv", config.integer(key)));
    }

    private void ropeKeys(Keys keys) {
        Config all = ropeOfAll();
        String type = all.string("rope_type").orElse("");
        switch (type) {
            case "linear" -> {
                if (all.has("factor")) {
                    keys.text(".rope.scaling.type", "linear");
                    keys.float32(".rope.scaling.factor", all.number("factor"));
                }
            }
            case "yarn" -> {
                if (all.has("factor")) {
                    yarnKeys(keys, all);
                }
            }
            case "su", "longrope" -> keys.text(".rope.scaling.type", "longrope");
            case "", "default", "llama3", "dynamic" -> {
                // The scaling of Llama 3 is written as a tensor of factors. The other kinds change nothing.
            }
            default ->
                throw new UnsupportedModelException(all.place() + ": the rope_type is '" + type
                        + "'; linear, yarn, longrope and llama3 can be converted");
        }
        if (rope.has("mrope_section")) {
            keys.integers(".rope.dimension_sections", Arrays.copyOf(rope.integers("mrope_section"), 4));
        }
        if (all.has("rope_theta")) {
            keys.float32(".rope.freq_base", all.number("rope_theta"));
        }
        rope.maybeObject("sliding_attention")
                .filter(local -> local.has("rope_theta"))
                .ifPresent(local -> keys.float32(".rope.freq_base_swa", local.number("rope_theta")));
    }

    private static void yarnKeys(Keys keys, Config all) {
        keys.text(".rope.scaling.type", "yarn");
        keys.float32(".rope.scaling.factor", all.number("factor"));
        keys.uint32(".rope.scaling.original_context_length", all.integer("original_max_position_embeddings"));
        all.first("extrapolation_factor")
                .ifPresent(key -> keys.float32(".rope.scaling.yarn_ext_factor", all.number(key)));
        all.first("attention_factor", "attn_factor")
                .ifPresent(key -> keys.float32(".rope.scaling.yarn_attn_factor", all.number(key)));
        all.first("beta_fast").ifPresent(key -> keys.float32(".rope.scaling.yarn_beta_fast", all.number(key)));
        all.first("beta_slow").ifPresent(key -> keys.float32(".rope.scaling.yarn_beta_slow", all.number(key)));
    }

    private void expertKeys(Keys keys) {
        config.first("num_local_experts", "num_experts", "n_routed_experts")
                .ifPresent(key -> keys.uint32(".expert_count", config.integer(key)));
        config.first("num_experts_per_tok", "num_experts_per_token", "top_k_experts")
                .ifPresent(key -> keys.uint32(".expert_used_count", config.integer(key)));
        config.first("n_group").ifPresent(key -> keys.uint32(".expert_group_count", config.integer(key)));
        config.first("topk_group").ifPresent(key -> keys.uint32(".expert_group_used_count", config.integer(key)));
        config.first("score_function", "scoring_func", "score_func", "moe_router_activation", "expert_selection_fn")
                .ifPresent(key -> {
                    String function = config.string(key).orElse("");
                    keys.uint32(
                            ".expert_gating_func",
                            switch (function) {
                                case "softmax" -> 1;
                                case "sigmoid" -> 2;
                                default -> throw config.wrong(key, function, "softmax or sigmoid");
                            });
                });
    }

    /** Adds Llama 3's frequency factors, which slow the rotation down for long contexts. */
    final void llama3Factors(double usualFactor) {
        Config all = ropeOfAll();
        if (!all.string("rope_type").orElse("").equalsIgnoreCase("llama3")) {
            return;
        }
        double base = all.number("rope_theta", 10_000);
        int width = headWidth();
        if (width > MOST_HEAD_WIDTH) {
            throw config.wrong("head_dim", width, "at most " + MOST_HEAD_WIDTH);
        }
        double factor = all.number("factor", usualFactor);
        double low = all.number("low_freq_factor", 1);
        double high = all.number("high_freq_factor", 4);
        double context = all.number("original_max_position_embeddings", 8192);
        float[] factors = new float[(width + 1) / 2];
        for (int i = 0; i < factors.length; i++) {
            // Use floats, as the converter does.
            float frequency = 1 / (float) Math.pow((float) base, 2f * i / width);
            float wavelength = (float) (2 * Math.PI) / frequency;
            if (wavelength < context / high) {
                factors[i] = 1;
            } else if (wavelength > context / low) {
                factors[i] = (float) factor;
            } else {
                float smooth = ((float) context / wavelength - (float) low) / (float) (high - low);
                factors[i] = 1 / ((1 - smooth) / (float) factor + smooth);
            }
        }
        add("rope_freqs.weight", Weight.of("rope_freqs.weight", factors));
    }

    /** Adds the pooling of an encoder, if the folder names it. */
    final void pooling(Keys keys) throws IOException {
        Optional<String> modules = folder.text("modules.json");
        if (modules.isEmpty()) {
            return;
        }
        Config wrapped = Folder.object(folder.path().resolve("modules.json"), "{\"modules\":" + modules.get() + "}");
        for (Config module : wrapped.objects("modules")) {
            String path = module.string("path").orElse("");
            if (module.string("type").orElse("").endsWith("Pooling") && path.matches("[\\w-]+")) {
                Config pooling = new Folder(folder.path().resolve(path))
                        .json("config.json")
                        .orElseThrow(() -> new GgufFormatException(
                                module.place() + ": names " + path + ", which has no config.json"));
                keys.uint32(".pooling_type", pooling(pooling));
                return;
            }
        }
    }

    private static int pooling(Config pooling) {
        String mode = pooling.string("pooling_mode").orElse("");
        if (pooling.flag("pooling_mode_mean_tokens", false) || mode.equals("mean")) {
            return 1;
        }
        if (pooling.flag("pooling_mode_cls_token", false) || mode.equals("cls")) {
            return 2;
        }
        if (pooling.flag("pooling_mode_lasttoken", false) || mode.equals("lasttoken")) {
            return 3;
        }
        throw new UnsupportedModelException(
                pooling.place() + ": asks for another pooling than mean, cls and lasttoken");
    }

    void vocabulary(Keys keys, Vocabularies vocabularies) throws IOException {
        vocabularies.bytePairs();
    }
}
