package dev.skald.runtime.state;

import java.util.List;

/**
 * What a network keeps of a sequence.
 *
 * @param layers the keys and values of each layer that has its own, in order
 */
public record StateShape(List<KvShape> layers) {
    /** Takes a copy. */
    public StateShape {
        layers = List.copyOf(layers);
    }
}
