package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The registry of formats. Adding a format takes a class and a line here. */
public final class QuantFormats {
    private static final List<QuantFormat> ALL = List.of(
            new F32(),
            new F16(),
            new BF16(),
            new Q4_0(),
            new Q4_1(),
            new Q5_0(),
            new Q5_1(),
            new Q8_0(),
            new Q2_K(),
            new Q3_K(),
            new Q4_K(),
            new Q5_K(),
            new Q6_K(),
            new IQ1_S(),
            new IQ1_M(),
            new IQ2_XXS(),
            new IQ2_XS(),
            new IQ2_S(),
            new IQ3_XXS(),
            new IQ3_S(),
            new IQ4_NL(),
            new IQ4_XS(),
            new TQ1_0(),
            new TQ2_0(),
            new MXFP4(),
            new NVFP4(),
            new Q1_0(),
            new Q2_0());

    private static final Map<GgmlType, QuantFormat> BY_TYPE = new EnumMap<>(GgmlType.class);

    static {
        ALL.forEach(format -> BY_TYPE.put(format.type(), format));
    }

    private QuantFormats() {}

    /**
     * Returns all formats.
     *
     * @return an immutable list in a fixed order
     */
    public static List<QuantFormat> all() {
        return ALL;
    }

    /**
     * Returns the format of a type, if there is one.
     *
     * @param type an element type
     * @return its format, or empty if Skald does not read the type as weights
     */
    public static Optional<QuantFormat> find(GgmlType type) {
        return Optional.ofNullable(BY_TYPE.get(type));
    }

    /**
     * Returns the format of a type.
     *
     * @param type an element type
     * @return its format
     * @throws IllegalArgumentException if there is none; the message lists all formats
     */
    public static QuantFormat of(GgmlType type) {
        return find(type)
                .orElseThrow(() -> new IllegalArgumentException("no format for " + type + "; there are " + ALL));
    }
}
