package dev.skald.bench;

import java.util.List;
import java.util.Locale;

/**
 * The shape of a model of the Llama family, or of an encoder of BERT's: everything that decides its tensors and metadata, but no weights.
 *
 * @param name the shape's name on the command line
 * @param width elements of a hidden state
 * @param layers transformer blocks
 * @param heads query heads
 * @param kvHeads key and value heads, a divisor of {@code heads}
 * @param headSize elements of a head; {@code heads * headSize} may differ from {@code width}
 * @param feedForward inner elements of the feed-forward network
 * @param vocabulary what the tokenizer knows, and how many tokens
 * @param tiedOutput whether the token embedding is the output matrix too
 * @param ropeBase base of the rotary frequencies
 * @param ropeFactor how far Llama-3 scaling stretches the low frequencies; 1 for none
 * @param context longest sequence
 * @param encoder whether it is an encoder, which embeds texts
 */
public record ModelShape(
        String name,
        int width,
        int layers,
        int heads,
        int kvHeads,
        int headSize,
        int feedForward,
        SyntheticVocabulary vocabulary,
        boolean tiedOutput,
        float ropeBase,
        float ropeFactor,
        int context,
        boolean encoder) {

    /** One of the Llama family. */
    public ModelShape(
            String name,
            int width,
            int layers,
            int heads,
            int kvHeads,
            int headSize,
            int feedForward,
            SyntheticVocabulary vocabulary,
            boolean tiedOutput,
            float ropeBase,
            float ropeFactor,
            int context) {
        this(
                name,
                width,
                layers,
                heads,
                kvHeads,
                headSize,
                feedForward,
                vocabulary,
                tiedOutput,
                ropeBase,
                ropeFactor,
                context,
                false);
    }

    /** An encoder, with a row for each position. */
    private static ModelShape encoder(
            String name,
            int width,
            int layers,
            int heads,
            int feedForward,
            SyntheticVocabulary vocabulary,
            int context) {
        return new ModelShape(
                name, width, layers, heads, heads, width / heads, feedForward, vocabulary, true, 1, 1, context, true);
    }

    private static final List<ModelShape> ALL = List.of(
            new ModelShape(
                    "nb-llama-3.2-1b",
                    2048,
                    16,
                    32,
                    8,
                    64,
                    8192,
                    SyntheticVocabulary.llama3(128_256),
                    true,
                    500_000,
                    32,
                    131_072),
            new ModelShape(
                    "nb-llama-3.2-3b",
                    3072,
                    28,
                    24,
                    8,
                    128,
                    8192,
                    SyntheticVocabulary.llama3(128_256),
                    true,
                    500_000,
                    32,
                    131_072),
            new ModelShape(
                    "normistral-7b",
                    4096,
                    32,
                    32,
                    8,
                    128,
                    14_336,
                    SyntheticVocabulary.bpe(32_768),
                    false,
                    10_000,
                    1,
                    32_768),
            new ModelShape(
                    "normistral-11b",
                    5120,
                    40,
                    32,
                    8,
                    128,
                    14_336,
                    SyntheticVocabulary.bpe(51_200),
                    false,
                    1_000_000,
                    1,
                    32_768),
            new ModelShape(
                    "llama-2-13b",
                    5120,
                    40,
                    40,
                    40,
                    128,
                    13_824,
                    SyntheticVocabulary.spm(32_000),
                    false,
                    10_000,
                    1,
                    4096),
            new ModelShape("tiny", 256, 2, 4, 2, 64, 512, SyntheticVocabulary.bpe(512), true, 10_000, 1, 2048),
            encoder("bge-m3", 1024, 24, 16, 4096, SyntheticVocabulary.unigram(250_002), 8192),
            encoder("tiny-encoder", 256, 2, 4, 512, SyntheticVocabulary.unigram(512), 512));

    /**
     * All shapes that have a name: the five Norwegian models', an encoder's, and {@code tiny} ones, for tests.
     *
     * @return an immutable list, small models first within a family
     */
    public static List<ModelShape> all() {
        return ALL;
    }

    /**
     * The shape with a name.
     *
     * @param name as in {@link #name()}, in any case
     * @return the shape
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static ModelShape named(String name) {
        return ALL.stream()
                .filter(shape -> shape.name.equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no shape '" + name + "'; there are "
                        + ALL.stream().map(ModelShape::name).toList()));
    }
}
