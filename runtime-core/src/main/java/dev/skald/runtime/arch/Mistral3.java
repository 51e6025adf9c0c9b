package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Ropes;
import dev.skald.runtime.layer.SelfAttention.Temperature;

/** Mistral 3: as Llama, with the file's own YaRN magnitude, and scores that grow with the position. */
final class Mistral3 {
    private Mistral3() {}

    static Forward read(Reader in) {
        Keys keys = in.keys();
        Ropes rope = in.ropeOfAnyMagnitude(Pairing.ADJACENT);
        float growth = keys.positiveOrZero("attention.temperature_scale");
        Temperature temperature = growth > 0
                ? new Temperature(growth, keys.number("rope.scaling.original_context_length", Reader.MAX_CONTEXT))
                : null;
        return Llama.read(in, layer -> in.attention(layer).rope(rope).temperature(temperature));
    }
}
