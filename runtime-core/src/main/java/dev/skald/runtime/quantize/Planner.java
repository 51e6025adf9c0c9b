package dev.skald.runtime.quantize;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.quantize.QuantizationPlan.Choice;
import dev.skald.runtime.quantize.QuantizationPlan.Tensor;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Makes the plan of a file. Source: {@code llama_tensor_get_type} and {@code tensor_allows_quantization} of llama.cpp. */
final class Planner {
    /** Parts of the names of matrices that llama.cpp keeps: norms, and small or delicate matrices of other architectures. */
    private static final List<String> KEPT = List.of(
            "_norm.weight",
            "ffn_gate_inp.weight",
            "ffn_gate_tid2eid.weight",
            "altup",
            "laurel",
            "per_layer_model_proj",
            "ssm_conv1d",
            "shortconv.conv.weight",
            "indexer.k_proj.weight",
            "indexer.q_proj.weight",
            "time_mix_first.weight",
            "time_mix_w0.weight",
            "time_mix_w1.weight",
            "time_mix_w2.weight",
            "time_mix_v0.weight",
            "time_mix_v1.weight",
            "time_mix_v2.weight",
            "time_mix_a0.weight",
            "time_mix_a1.weight",
            "time_mix_a2.weight",
            "time_mix_g1.weight",
            "time_mix_g2.weight",
            "time_mix_decay_w1.weight",
            "time_mix_decay_w2.weight",
            "time_mix_lerp_fused.weight",
            "attn_rel_b.weight",
            ".position_embd",
            "sam.pos_embd",
            "sam.neck.",
            "sam.net_",
            ".rel_pos",
            ".patch_embd",
            ".patch_merger",
            "a.rvq.codebook",
            "mm.a.code_embd");

    private static final System.Logger LOG = System.getLogger(Planner.class.getName());

    private final Source source;
    private final Mixture mixture;
    private final QuantizeOptions options;
    private final boolean tied;

    private Planner(Source source, Mixture mixture, QuantizeOptions options) {
        this.source = source;
        this.mixture = mixture;
        this.options = options;
        tied = source.tensors().stream().noneMatch(tensor -> tensor.name().equals("output.weight"));
    }

    static QuantizationPlan plan(Source source, Mixture mixture, QuantizeOptions options) {
        return new Planner(source, mixture, options).plan();
    }

    private QuantizationPlan plan() {
        ModelTraits model = source.traits();
        boolean mixes = !options.pure() && mixture.base().blockElements() > 1;
        if (mixes && (model.experts() > 0 || model.architecture().equals("falcon"))) {
            throw new UnsupportedModelException(source.path() + " is a model of architecture '" + model.architecture()
                    + "' with " + model.experts()
                    + " experts; the mixtures here are for models without experts other than"
                    + " falcon: ask for one type throughout (pure, --pure)");
        }
        Map<String, TensorInfo> byName =
                source.tensors().stream().collect(Collectors.toMap(TensorInfo::name, tensor -> tensor));
        TypeRules rules = new TypeRules(mixture, model, byName.keySet(), options.importance() != null);
        Map<String, Tensor> planned = new HashMap<>();
        for (String name : TypeRules.inOrder(byName.keySet())) {
            planned.put(name, plan(byName.get(name), rules));
        }
        List<Tensor> tensors = source.tensors().stream()
                .map(tensor -> planned.get(tensor.name()))
                .toList();
        tellOfWishesWithoutEffect(tensors);
        checkImportance(tensors);
        return new QuantizationPlan(mixture, tensors);
    }

    private void tellOfWishesWithoutEffect(List<Tensor> tensors) {
        for (QuantizeOptions.Wish wish : options.wishes()) {
            List<Tensor> found = tensors.stream()
                    .filter(tensor -> wish.pattern().matcher(tensor.name()).find())
                    .toList();
            if (found.isEmpty()) {
                LOG.log(
                        Level.WARNING,
                        "No tensor's name contains " + wish.pattern() + ", so this pattern changes nothing");
            } else if (found.stream().allMatch(tensor -> tensor.choice() == Choice.KEPT)) {
                LOG.log(
                        Level.WARNING,
                        wish.pattern() + " is found only in names of tensors that are kept, such as "
                                + found.getFirst().name() + " ("
                                + found.getFirst().reason() + "): it changes nothing");
            }
        }
    }

    /** Refuses an importance matrix that fits no tensor, and reports tensors that it does not cover. */
    private void checkImportance(List<Tensor> tensors) {
        if (options.importance() == null) {
            return;
        }
        List<Tensor> rounded = tensors.stream()
                .filter(tensor ->
                        tensor.converts() && tensor.type().blockElements() > 1 && !TypeRules.isEmbedding(tensor.name()))
                .toList();
        List<Tensor> without = rounded.stream()
                .filter(tensor -> importance(options, tensor.source()).isEmpty())
                .toList();
        if (rounded.isEmpty()) {
            LOG.log(Level.WARNING, "The importance matrix changes nothing: no matrix is quantized");
        } else if (without.size() == rounded.size()) {
            throw new IllegalArgumentException("the importance matrix covers none of the " + rounded.size()
                    + " matrices, such as '" + rounded.getFirst().name() + "'; it covers "
                    + options.importance().tensors().stream().limit(3).toList()
                    + ": it was made with another model, so make one with this model");
        } else if (!without.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "The importance matrix does not cover " + without.size() + " of " + rounded.size()
                            + " matrices, such as " + without.getFirst().name()
                            + ", which are quantized without it");
        }
    }

    private Tensor plan(TensorInfo tensor, TypeRules rules) {
        String name = tensor.name();
        Optional<String> kept = whyKept(tensor);
        if (kept.isPresent()) {
            return new Tensor(tensor, tensor.type(), Choice.KEPT, kept.get(), false);
        }
        Optional<GgmlType> asked = asked(name);
        GgmlType wanted = asked.orElseGet(() -> options.pure() ? mixture.base() : rules.next(name, tensor.columns()));
        GgmlType type = TypeRules.fitting(wanted, tensor.columns());
        checkConversion(tensor, type);
        boolean needsImportance = tensor.type() != type
                && needsImportance(name, type)
                && importance(options, tensor).isEmpty();
        if (type != wanted) {
            String reason = "rows of " + tensor.columns() + " are not a whole number of " + wanted + " blocks of "
                    + wanted.blockElements();
            return new Tensor(tensor, type, Choice.FALLBACK, reason, needsImportance);
        }
        return asked.isPresent()
                ? new Tensor(tensor, type, Choice.ASKED, "asked for", needsImportance)
                : new Tensor(tensor, type, Choice.MIXTURE, "chosen by " + mixture, needsImportance);
    }

    /** Whether llama.cpp demands an importance matrix, or the encoder needs one. */
    private boolean needsImportance(String name, GgmlType type) {
        return TypeRules.needsImportance(name, type, mixture)
                || QuantFormats.of(type).needsImportance();
    }

    /**
     * Returns the importance of a tensor's columns, one matrix after the other, if there is any.
     *
     * @throws IllegalArgumentException if it is of a tensor of another shape
     */
    static Optional<float[]> importance(QuantizeOptions options, TensorInfo tensor) {
        if (options.importance() == null) {
            return Optional.empty();
        }
        long wanted = tensor.columns() * tensor.dim(2);
        Optional<float[]> found = options.importance().of(tensor.name());
        if (found.isEmpty() || found.get().length == wanted) {
            return found;
        }
        if (TypeRules.isEmbedding(tensor.name())) {
            // Its rows are looked up and not multiplied; llama.cpp ignores the entries that some files have for it.
            return Optional.empty();
        }
        throw new IllegalArgumentException("the importance matrix has " + found.get().length + " columns for tensor '"
                + tensor.name() + "', which has " + wanted + ": it is of another model");
    }

    private Optional<String> whyKept(TensorInfo tensor) {
        String name = tensor.name();
        if (tensor.columns() == tensor.elements()) {
            return Optional.of("no matrix");
        }
        if (!name.endsWith("weight")) {
            return Optional.of("no weights");
        }
        if (source.keepsBlocks() && tensor.type().blockElements() > 1) {
            return Optional.of("quantized by its maker");
        }
        if (options.keepsOutput() && name.equals("output.weight")) {
            return Optional.of("asked for");
        }
        boolean small = name.equals("position_embd.weight")
                || name.equals("token_types.weight")
                || KEPT.stream().anyMatch(name::contains);
        return small ? Optional.of("small, and better left alone") : Optional.empty();
    }

    private Optional<GgmlType> asked(String name) {
        boolean embedding = TypeRules.isEmbedding(name);
        if (options.embeddingType() != null && embedding) {
            return Optional.of(options.embeddingType());
        }
        if (options.outputType() != null && (name.equals("output.weight") || tied && embedding)) {
            return Optional.of(options.outputType());
        }
        return options.wishes().stream()
                .filter(wish -> wish.pattern().matcher(name).find())
                .map(QuantizeOptions.Wish::type)
                .findFirst();
    }

    private void checkConversion(TensorInfo tensor, GgmlType type) {
        if (tensor.type() == type) {
            return;
        }
        if (QuantFormats.find(tensor.type()).isEmpty()) {
            throw new UnsupportedModelException(source.path() + ": tensor '" + tensor.name() + "' is " + tensor.type()
                    + ", which Skald does not read as weights; it reads " + QuantFormats.all());
        }
        if (!QuantFormats.find(type).map(QuantFormat::canEncode).orElse(false)) {
            List<QuantFormat> written =
                    QuantFormats.all().stream().filter(QuantFormat::canEncode).toList();
            throw new IllegalArgumentException("tensor '" + tensor.name() + "' would become " + type
                    + ", which Skald does not write; it writes " + written);
        }
        if (tensor.type().blockElements() > 1 && !options.allowsRequantize()) {
            throw new IllegalArgumentException(source.path() + ": tensor '" + tensor.name() + "' is " + tensor.type()
                    + " already, and quantizing it again loses more than quantizing the original does: take a file in"
                    + " F32, F16 or BF16, or allow it (allowRequantize, --allow-requantize)");
        }
    }
}
