package dev.skald.gguf;

import java.util.Map;

/** Names of type ids that occur in files although {@link GgmlType} does not have them, for error messages. */
final class ForeignTypes {
    /** Source: {@code ggml.h} of llama.cpp. */
    private static final Map<Integer, String> RETIRED = Map.of(
            4, "Q4_2",
            5, "Q4_3",
            31, "Q4_0_4_4",
            32, "Q4_0_4_8",
            33, "Q4_0_8_8",
            36, "IQ4_NL_4_4 (BitNet's I2_S in its own files)",
            37, "IQ4_NL_4_8",
            38, "IQ4_NL_8_8");

    /** Source: {@code ggml.h} of ik_llama.cpp. */
    private static final Map<Integer, String> IK = Map.ofEntries(
            Map.entry(133, "Q6_0"),
            Map.entry(134, "IQ1_BN"),
            Map.entry(135, "IQ2_BN"),
            Map.entry(137, "IQ2_K"),
            Map.entry(138, "IQ3_K"),
            Map.entry(139, "IQ4_K"),
            Map.entry(140, "IQ5_K"),
            Map.entry(141, "IQ6_K"),
            Map.entry(144, "IQ4_KS"),
            Map.entry(145, "IQ2_KS"),
            Map.entry(146, "IQ4_KSS"),
            Map.entry(151, "Q8_KV"),
            Map.entry(152, "IQ5_KS"),
            Map.entry(153, "IQ2_KT"),
            Map.entry(154, "IQ3_KT"),
            Map.entry(155, "IQ4_KT"),
            Map.entry(156, "IQ3_KS"),
            Map.entry(157, "IQ2_KL"),
            Map.entry(158, "IQ1_KT"));

    private ForeignTypes() {}

    /** Returns what is known of an id that {@link GgmlType} does not have. */
    static String describe(int id) {
        String advice = "; convert the model again with a current llama.cpp";
        if (RETIRED.containsKey(id)) {
            return id + " (" + RETIRED.get(id) + "), which ggml has retired" + advice;
        }
        if (IK.containsKey(id)) {
            return id + " (" + IK.get(id) + "), which only ik_llama.cpp has" + advice;
        }
        // ik_llama.cpp gives its interleaved variant of a format an id that is larger by 200.
        if (id > 200 && id < 400) {
            return id + ", an interleaved format only ik_llama.cpp has" + advice;
        }
        return Integer.toUnsignedString(id)
                + ", which ggml does not have: the file is damaged or newer than this program";
    }

    /** Returns what else a type's number may mean in a file whose tensors do not fit that type; usually nothing. */
    static String lookalike(GgmlType type) {
        return type == GgmlType.Q2_0
                ? "; or its Q2_0 is not ggml's but one in blocks of 128, which PrismML's llama.cpp writes under the same"
                        + " number: quantize the F16 file again"
                : "";
    }
}
