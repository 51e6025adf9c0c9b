package dev.skald.bench;

import java.util.List;
import java.util.Locale;

/**
 * The shape of a model: everything that decides its tensors and metadata, but no weights.
 *
 * @param name the shape's name on the command line
 * @param family what kind of model
 * @param width elements of a hidden state
 * @param layers transformer blocks
 * @param heads query heads
 * @param kvHeads key and value heads, a divisor of {@code heads}
 * @param headSize elements of a head; {@code heads * headSize} may differ from {@code width}
 * @param feedForward inner elements of the feed-forward network, or of each expert
 * @param vocabulary what the tokenizer knows, and how many tokens
 * @param tiedOutput whether the token embedding is the output matrix too
 * @param ropeBase base of the rotary frequencies
 * @param ropeFactor how far the low frequencies are stretched, in the family's way; 1 for none
 * @param context longest sequence
 * @param window how far layers with a window look back; 0 if there are none
 * @param experts how many experts a layer has; 0 if it has none
 * @param expertsUsed how many of them a token goes through
 */
public record ModelShape(
        String name,
        Family family,
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
        int window,
        int experts,
        int expertsUsed) {

    private static final List<ModelShape> ALL = List.of(
            new ModelShape(
                    "nb-llama-3.2-1b",
                    Family.LLAMA,
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
                    131_072,
                    0,
                    0,
                    0),
            new ModelShape(
                    "nb-llama-3.2-3b",
                    Family.LLAMA,
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
                    131_072,
                    0,
                    0,
                    0),
            new ModelShape(
                    "normistral-7b",
                    Family.LLAMA,
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
                    32_768,
                    0,
                    0,
                    0),
            new ModelShape(
                    "normistral-11b",
                    Family.LLAMA,
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
                    32_768,
                    0,
                    0,
                    0),
            new ModelShape(
                    "llama-2-13b",
                    Family.LLAMA,
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
                    4096,
                    0,
                    0,
                    0),
            new ModelShape(
                    "gemma-3-1b",
                    Family.GEMMA3,
                    1152,
                    26,
                    4,
                    1,
                    256,
                    6912,
                    SyntheticVocabulary.spm(262_144),
                    true,
                    1_000_000,
                    1,
                    32_768,
                    512,
                    0,
                    0),
            new ModelShape(
                    "gemma-3-4b",
                    Family.GEMMA3,
                    2560,
                    34,
                    8,
                    4,
                    256,
                    10_240,
                    SyntheticVocabulary.spm(262_208),
                    true,
                    1_000_000,
                    8,
                    131_072,
                    1024,
                    0,
                    0),
            new ModelShape(
                    "qwen3-4b",
                    Family.QWEN3,
                    2560,
                    36,
                    32,
                    8,
                    128,
                    9728,
                    SyntheticVocabulary.qwen(151_936),
                    true,
                    1_000_000,
                    1,
                    40_960,
                    0,
                    0,
                    0),
            new ModelShape(
                    "qwen3-30b-a3b",
                    Family.QWEN3MOE,
                    2048,
                    48,
                    32,
                    4,
                    128,
                    768,
                    SyntheticVocabulary.qwen(151_936),
                    false,
                    1_000_000,
                    1,
                    40_960,
                    0,
                    128,
                    8),
            new ModelShape(
                    "gpt-oss-20b",
                    Family.GPT_OSS,
                    2880,
                    24,
                    64,
                    8,
                    64,
                    2880,
                    SyntheticVocabulary.harmony(201_088),
                    false,
                    150_000,
                    32,
                    131_072,
                    128,
                    32,
                    4),
            new ModelShape(
                    "phi-3.5-mini",
                    Family.PHI3,
                    3072,
                    32,
                    32,
                    32,
                    96,
                    8192,
                    SyntheticVocabulary.spm(32_064),
                    false,
                    10_000,
                    1,
                    131_072,
                    0,
                    0,
                    0),
            new ModelShape(
                    "tiny",
                    Family.LLAMA,
                    256,
                    2,
                    4,
                    2,
                    64,
                    512,
                    SyntheticVocabulary.bpe(512),
                    true,
                    10_000,
                    1,
                    2048,
                    0,
                    0,
                    0),
            encoder("bge-m3", 1024, 24, 16, 4096, SyntheticVocabulary.unigram(250_002), 8192),
            encoder("tiny-encoder", 256, 2, 4, 512, SyntheticVocabulary.unigram(512), 512));

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
                name,
                Family.BERT,
                width,
                layers,
                heads,
                heads,
                width / heads,
                feedForward,
                vocabulary,
                true,
                1,
                1,
                context,
                0,
                0,
                0);
    }

    /**
     * The same with the first layers only: as fast for each layer, in a smaller file.
     *
     * @param layers how many, from 1 to what it has
     * @return that shape, under a name of its own
     * @throws IllegalArgumentException if it has not so many
     */
    public ModelShape cutTo(int layers) {
        if (layers < 1 || layers > this.layers) {
            throw new IllegalArgumentException(
                    "layers must be from 1 to the " + this.layers + " of " + name + ", not " + layers);
        }
        return new ModelShape(
                name + "-" + layers + "-layers",
                family,
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
                window,
                experts,
                expertsUsed);
    }

    /**
     * Whether it is an encoder, which embeds texts.
     *
     * @return true for the family {@link Family#BERT}
     */
    public boolean encoder() {
        return family == Family.BERT;
    }

    /**
     * All shapes that have a name: the five Norwegian models', those of models that many run, an encoder's, and {@code tiny}
     * ones, for tests.
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
