package dev.skald.runtime.generate;

import java.util.Objects;

/**
 * An adapter and how much of it is added.
 *
 * @param adapter which
 * @param scale a factor on what it adds, beside the file's own; 1 as it was trained
 */
public record ScaledAdapter(Adapter adapter, float scale) {
    /**
     * Checks.
     *
     * @throws IllegalArgumentException if the scale is no finite number
     */
    public ScaledAdapter {
        Objects.requireNonNull(adapter, "adapter");
        if (!Float.isFinite(scale)) {
            throw new IllegalArgumentException("the scale of an adapter is a finite number, not " + scale);
        }
    }
}
