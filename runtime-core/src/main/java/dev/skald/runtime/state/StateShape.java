package dev.skald.runtime.state;

import java.util.List;

/**
 * The shape of the state of a network's sequences.
 *
 * @param layers the shape of each layer that stores keys and values, in order
 * @param recurrent the size of each recurrent layer's memory in floats, in order
 */
public record StateShape(List<KvShape> layers, List<Integer> recurrent) {
    /** Copies the lists. */
    public StateShape {
        layers = List.copyOf(layers);
        recurrent = List.copyOf(recurrent);
    }

    /** Creates a shape with keys and values only. */
    public StateShape(List<KvShape> layers) {
        this(layers, List.of());
    }
}
