package dev.skald.runtime.sampling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The steps whose order {@link SamplerOptions.Builder#order} changes. Their names are llama.cpp's. */
public enum SamplerStage {
    /** {@link Penalties}. */
    PENALTIES("penalties"),
    /** Penalties for repeated sequences (DRY); see {@link SamplerOptions.Builder#dryMultiplier}. */
    DRY("dry"),
    /** {@link TopNSigma}. */
    TOP_N_SIGMA("top_n_sigma"),
    /** {@link TopK}. */
    TOP_K("top_k"),
    /** {@link Typical}. */
    TYPICAL("typ_p", "typ", "typical", "typical_p"),
    /** {@link TopP}. */
    TOP_P("top_p", "nucleus"),
    /** {@link MinP}. */
    MIN_P("min_p"),
    /** Exclusion of top choices; see {@link SamplerOptions.Builder#xtc}. */
    XTC("xtc"),
    /** {@link Temperature}, or {@link DynamicTemperature} if it has a range. */
    TEMPERATURE("temperature", "temp"),
    /** For text in the middle of another text: prefers the end, and tokens with a high probability. */
    INFILL("infill"),
    /** Tokens near a probability; see {@link SamplerOptions.Builder#adaptiveTarget}. Always the last step. */
    ADAPTIVE_P("adaptive_p");

    /** The default steps and their order. */
    public static final List<SamplerStage> DEFAULT_ORDER =
            Collections.unmodifiableList(Arrays.asList(values()).subList(0, TEMPERATURE.ordinal() + 1));

    private final List<String> names;

    SamplerStage(String... names) {
        this.names = List.of(names);
    }

    /**
     * Returns the name, as in llama.cpp's {@code --samplers}.
     *
     * @return lower case, with underscores
     */
    public String id() {
        return names.getFirst();
    }

    /**
     * Reads an order.
     *
     * @param names such as {@code top_k;top_p;temperature}: separated by {@code ;} or {@code ,}, a hyphen or nothing in
     *     place of an underscore is fine, and so is {@code temp}, {@code nucleus}, {@code typ} or {@code typical}
     * @return the stages in this order
     * @throws IllegalArgumentException if a name is unknown or comes twice
     */
    public static List<SamplerStage> parse(String names) {
        List<SamplerStage> stages = new ArrayList<>();
        for (String name : names.split("[;,]", -1)) {
            stages.add(named(name.strip()));
        }
        check(stages);
        return List.copyOf(stages);
    }

    /** Refuses an order in which a stage comes twice. */
    static void check(List<SamplerStage> order) {
        Set<SamplerStage> seen = EnumSet.noneOf(SamplerStage.class);
        for (SamplerStage stage : order) {
            if (!seen.add(stage)) {
                throw new IllegalArgumentException(
                        "the sampler step " + stage.id() + " comes twice; each may come once, or not at all");
            }
        }
    }

    private static SamplerStage named(String name) {
        String wanted = plain(name);
        for (SamplerStage stage : values()) {
            if (stage.names.stream().map(SamplerStage::plain).anyMatch(wanted::equals)) {
                return stage;
            }
        }
        throw new IllegalArgumentException("there is no sampler step \"" + name + "\": choose among "
                + Arrays.stream(values()).map(SamplerStage::id).collect(Collectors.joining(", "))
                + ", separated by ; or ,");
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[_-]", "");
    }
}
