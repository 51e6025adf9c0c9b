package dev.skald.runtime.state;

import java.util.List;

/**
 * What a network keeps of a sequence.
 *
 * @param layers the keys and values of each layer that has its own, in order
 * @param recurrent how many floats each recurrent layer remembers of all positions together, in order
 */
public record StateShape(List<KvShape> layers, List<Integer> recurrent) {
    /** Takes copies. */
    public StateShape {
        layers = List.copyOf(layers);
        recurrent = List.copyOf(recurrent);
    }

    /** Keys and values only. */
    public StateShape(List<KvShape> layers) {
        this(layers, List.of());
    }
}
