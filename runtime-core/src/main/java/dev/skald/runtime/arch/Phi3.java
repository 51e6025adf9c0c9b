package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Ropes;

/** Phi 3 and 4: as Llama, with fused matrices. Files name a window that the models were not trained with, so it is ignored. */
final class Phi3 {
    private Phi3() {}

    static Forward read(Reader in) {
        Ropes rope = in.rope(Pairing.HALVES);
        return Llama.read(in, layer -> in.attention(layer).rope(rope));
    }
}
