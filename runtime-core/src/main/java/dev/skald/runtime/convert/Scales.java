package dev.skald.runtime.convert;

import dev.skald.runtime.error.UnsupportedModelException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reverses the maker's quantization of weights to eight bits with scale factors. Source: {@code dequant_model} of
 * llama.cpp's converter (August 2026).
 */
final class Scales {
    private static final String BLOCKS = "_blocks";

    private Scales() {}

    /** Returns all tensors by name, multiplied by their factors. Four-bit blocks are left to their family. */
    static Map<String, Weight> apply(Config config, Map<String, Checkpoint.Place> places) {
        Config quantization = config.maybeObject("quantization_config").orElse(null);
        String method =
                quantization == null ? "" : quantization.string("quant_method").orElse("");
        Map<String, Weight> weights = new LinkedHashMap<>();
        places.forEach((name, place) -> {
            boolean packed = method.equals("mxfp4") && (name.endsWith(BLOCKS) || name.endsWith("_scales"));
            weights.put(name, packed ? place.bytes() : place.weight());
        });
        switch (method) {
            case "", "mxfp4" -> {}
            case "fp8" -> {
                int[] block = quantization.integers("weight_block_size");
                for (String name : places.keySet()) {
                    if (name.endsWith("_scale_inv")) {
                        multiply(weights, name.substring(0, name.length() - "_scale_inv".length()), name, block);
                    } else if (name.endsWith("activation_scale")) {
                        weights.remove(name);
                    }
                }
            }
            case "compressed-tensors" -> {
                String format = quantization.string("format").orElse("");
                if (!format.equals("float-quantized") && !format.equals("naive-quantized")) {
                    throw unsupported(quantization, method + " in the format " + format);
                }
                for (String name : places.keySet()) {
                    if (name.endsWith(".weight_scale")) {
                        multiply(weights, name.substring(0, name.length() - "_scale".length()), name, new int[0]);
                    } else if (name.endsWith(".input_scale")
                            || name.endsWith(".k_scale")
                            || name.endsWith(".v_scale")) {
                        weights.remove(name);
                    }
                }
            }
            default -> throw unsupported(quantization, method);
        }
        return weights;
    }

    private static UnsupportedModelException unsupported(Config quantization, String what) {
        return new UnsupportedModelException(quantization.place() + ": the weights are quantized by " + what
                + "; fp8, float-quantized and mxfp4 can be converted: take the original weights");
    }

    private static void multiply(Map<String, Weight> weights, String name, String scaleName, int[] block) {
        Weight weight = weights.get(name);
        Weight scale = weights.remove(scaleName);
        if (weight == null) {
            throw scale.error("there is no tensor '" + name + "' that it scales");
        }
        long rows = weight.rows();
        long columns = weight.columns();
        boolean blocks = block.length == 2 && block[0] > 0 && block[1] > 0;
        long blockRows = blocks ? block[0] : scale.elements() == 1 ? rows : 1;
        long blockColumns = blocks ? block[1] : columns;
        if (weight.dimensions() != 2
                || scale.elements() != Math.ceilDiv(rows, blockRows) * Math.ceilDiv(columns, blockColumns)) {
            throw scale.error("it does not fit '" + name + "' of shape " + weight.shape());
        }
        weights.put(name, weight.scaled(scale, blockRows, blockColumns));
    }
}
