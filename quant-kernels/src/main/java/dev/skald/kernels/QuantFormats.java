package dev.skald.kernels;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.format.BF16;
import dev.skald.kernels.format.F16;
import dev.skald.kernels.format.F32;
import dev.skald.kernels.format.IQ4_NL;
import dev.skald.kernels.format.IQ4_XS;
import dev.skald.kernels.format.Q2_K;
import dev.skald.kernels.format.Q3_K;
import dev.skald.kernels.format.Q4_0;
import dev.skald.kernels.format.Q4_1;
import dev.skald.kernels.format.Q4_K;
import dev.skald.kernels.format.Q5_0;
import dev.skald.kernels.format.Q5_1;
import dev.skald.kernels.format.Q5_K;
import dev.skald.kernels.format.Q6_K;
import dev.skald.kernels.format.Q8_0;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The registry of formats: adding one is a class and a line here. */
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
            new IQ4_NL(),
            new IQ4_XS());

    private static final Map<GgmlType, QuantFormat> BY_TYPE = new EnumMap<>(GgmlType.class);

    static {
        ALL.forEach(format -> BY_TYPE.put(format.type(), format));
    }

    private QuantFormats() {}

    /**
     * Every format.
     *
     * @return an immutable list in a fixed order
     */
    public static List<QuantFormat> all() {
        return ALL;
    }

    /**
     * The format of a type, if there is one.
     *
     * @param type an element type
     * @return its format, or empty when Skald does not read the type as weights
     */
    public static Optional<QuantFormat> find(GgmlType type) {
        return Optional.ofNullable(BY_TYPE.get(type));
    }

    /**
     * The format of a type.
     *
     * @param type an element type
     * @return its format
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static QuantFormat of(GgmlType type) {
        return find(type)
                .orElseThrow(() -> new IllegalArgumentException("no format for " + type + "; there are " + ALL));
    }
}
