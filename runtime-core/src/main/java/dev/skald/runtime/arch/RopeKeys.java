package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope;
import dev.skald.kernels.attention.RopeScaling;
import dev.skald.runtime.layer.Ropes;
import dev.skald.runtime.layer.Weights;
import java.util.Arrays;

/** The rotation that a file describes with its {@code rope.*} keys and tensors of factors. */
final class RopeKeys {
    private static final String FACTORS = "rope_freqs.weight";
    private static final String SHORT = "rope_factors_short.weight";
    private static final String LONG = "rope_factors_long.weight";
    private static final String SCALING = "rope.scaling.";

    /** What rotated values are multiplied by under YaRN. */
    enum Magnitude {
        /** YaRN's magnitude. */
        YARN,
        /** Its magnitude, which a file may reduce. */
        YARN_BY_FILE,
        /** No magnitude. */
        NONE
    }

    private RopeKeys() {}

    /**
     * Reads the rotation.
     *
     * @param keySize values in a query or key
     * @param context positions the model was trained for
     * @param wanted which magnitude YaRN has
     */
    static Ropes read(Keys in, Weights weights, Rope.Pairing pairing, int keySize, int context, Magnitude wanted) {
        int original = in.number(SCALING + "original_context_length", 1 << 28, context);
        if (weights.has(LONG)) {
            return new Ropes(
                    rope(in, weights, pairing, keySize, original, wanted, SHORT),
                    rope(in, weights, pairing, keySize, original, wanted, LONG),
                    original);
        }
        return new Ropes(rope(in, weights, pairing, keySize, original, wanted, FACTORS));
    }

    private static Rope rope(
            Keys in,
            Weights weights,
            Rope.Pairing pairing,
            int keySize,
            int original,
            Magnitude wanted,
            String factorsName) {
        int dims = dims(in, keySize);
        float base = base(in, "rope.freq_base");
        double[] angles = RopeScaling.plain(dims, base);
        boolean hasFactors = weights.has(factorsName);
        if (hasFactors) {
            angles = RopeScaling.divide(angles, factors(in, weights, factorsName, dims));
        }
        String type = in.text(SCALING + "type", "linear");
        // For longrope, the factors are everything.
        String scaling = type.equals("longrope") && hasFactors ? "none" : type;
        // Files of 2023 use rope.scale_linear for the factor of linear scaling.
        float factor = in.has(SCALING + "factor")
                ? in.positiveOrZero(SCALING + "factor")
                : in.positiveOrZero("rope.scale_linear");
        float magnitude = in.positive(SCALING + "attn_factor", 1);
        return switch (scaling) {
            case "none" -> new Rope(pairing, angles, magnitude);
            case "linear" -> new Rope(pairing, factor > 0 ? stretch(angles, factor) : angles, magnitude);
            case "yarn" -> {
                checkStretches(in, factor);
                checkNeutral(in, "yarn_ext_factor", 1);
                checkNeutral(in, "yarn_attn_factor", 1);
                if (wanted == Magnitude.YARN) {
                    checkNeutral(in, "yarn_log_multiplier", 0);
                }
                float log = isSet(in, SCALING + "yarn_log_multiplier")
                        ? in.positiveOrZero(SCALING + "yarn_log_multiplier")
                        : 0;
                float fast = isSet(in, SCALING + "yarn_beta_fast") ? in.positive(SCALING + "yarn_beta_fast", 32) : 32;
                float slow = isSet(in, SCALING + "yarn_beta_slow") ? in.positive(SCALING + "yarn_beta_slow", 1) : 1;
                double yarn = switch (wanted) {
                    case YARN, YARN_BY_FILE -> RopeScaling.yarnMagnitude(factor) / (1 + 0.1 * log * Math.log(factor));
                    case NONE -> 1;
                };
                yield new Rope(pairing, RopeScaling.yarn(angles, base, factor, original, fast, slow), (float)
                        (magnitude * yarn));
            }
            case "llama3" -> {
                checkStretches(in, factor);
                float low = in.positive(SCALING + "low_freq_factor", 1);
                float high = in.positive(SCALING + "high_freq_factor", 4);
                if (high <= low) {
                    throw in.bad(SCALING + "high_freq_factor", high + " is not above the low_freq_factor " + low);
                }
                float[] factors = RopeScaling.llama3Factors(angles, factor, low, high, original);
                // If the file has a tensor of factors, they are applied already.
                yield new Rope(pairing, hasFactors ? angles : RopeScaling.divide(angles, factors), magnitude);
            }
            default ->
                throw in.unsupported(
                        SCALING + "type",
                        "is " + scaling + ", and Skald supports none, linear, yarn and llama3: use" + " another model");
        };
    }

    /**
     * Returns a rotation without scaling, which some layers have beside the file's.
     *
     * @param baseKey the key of its base
     */
    static Ropes plain(Keys in, Rope.Pairing pairing, int keySize, String baseKey) {
        return new Ropes(new Rope(pairing, RopeScaling.plain(dims(in, keySize), base(in, baseKey)), 1));
    }

    private static int dims(Keys in, int keySize) {
        int dims = in.count("rope.dimension_count", keySize, keySize);
        if (dims % 2 != 0) {
            throw in.bad("rope.dimension_count", dims + " of " + keySize + " values of a head do not form pairs");
        }
        return dims;
    }

    private static float base(Keys in, String key) {
        float base = in.positive(key, 10000);
        if (base <= 1) {
            throw in.bad(key, base + " is not above 1");
        }
        return base;
    }

    private static float[] factors(Keys in, Weights weights, String name, int dims) {
        float[] factors = weights.vector(name, dims / 2);
        for (int i = 0; i < factors.length; i++) {
            if (!(factors[i] > 0) || factors[i] == Float.POSITIVE_INFINITY) {
                throw in.bad("rope.dimension_count", name + "[" + i + "] = " + factors[i] + " cannot divide an angle");
            }
        }
        return factors;
    }

    private static void checkStretches(Keys in, float factor) {
        if (factor < 1) {
            throw in.bad(SCALING + "factor", factor + " is not at least 1, and the context cannot be stretched by it");
        }
    }

    /** Whether a file sets a YaRN key; llama.cpp saves unset ones as -1. */
    private static boolean isSet(Keys in, String key) {
        return in.has(key) && in.file().metadata().getFloat(in.prefix() + key) != -1;
    }

    /** Checks the refinements of YaRN that files of other families use. */
    private static void checkNeutral(Keys in, String key, float neutral) {
        float value = isSet(in, SCALING + key) ? in.file().metadata().getFloat(in.prefix() + SCALING + key) : neutral;
        if (value != neutral) {
            throw in.unsupported(
                    SCALING + key, "is " + value + ", and Skald supports only " + neutral + ": use another model");
        }
    }

    private static double[] stretch(double[] angles, float factor) {
        float[] factors = new float[angles.length];
        Arrays.fill(factors, factor);
        return RopeScaling.divide(angles, factors);
    }
}
