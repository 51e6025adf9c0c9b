package dev.skald.runtime.arch;

import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Head;
import dev.skald.runtime.layer.Mixer;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.Pass;
import dev.skald.runtime.layer.Rows;
import dev.skald.runtime.layer.Transform;
import java.util.List;

/**
 * The usual decoder. Each block has attention (or another mixer) and a feed-forward network, and adds the result of each to the
 * stream.
 *
 * @param residualScale factor on these results
 */
record Decoder(Embedding embedding, List<Block> blocks, float residualScale, Head head) implements Forward {
    /**
     * A block; a norm that it does not have is null.
     *
     * @param before norm of the mixer's input
     * @param mixer attention, or a recurrent layer
     * @param after norm of the mixer's result
     * @param ffnBefore norm of the feed-forward network's input
     * @param ffnAfter norm of its result
     */
    record Block(Norm before, Mixer mixer, Norm after, Norm ffnBefore, Transform ffn, Norm ffnAfter) {
        /** A block with norms only before its parts. */
        Block(Norm before, Mixer mixer, Norm ffnBefore, Transform ffn) {
            this(before, mixer, null, ffnBefore, ffn, null);
        }
    }

    /** A decoder that adds results without a factor. */
    Decoder(Embedding embedding, List<Block> blocks, Head head) {
        this(embedding, blocks, 1, head);
    }

    @Override
    public void compute(Pass p) {
        Rows x = embedding.apply(p);
        for (Block b : p.through(blocks)) {
            add(p, x, b.mixer.apply(p, normed(p, b.before, x), x), b.after);
            add(p, x, b.ffn.apply(p, normed(p, b.ffnBefore, x)), b.ffnAfter);
        }
        head.apply(p, x);
    }

    private static Rows normed(Pass p, Norm norm, Rows x) {
        return norm == null ? x : norm.apply(p, x);
    }

    private void add(Pass p, Rows x, Rows y, Norm after) {
        if (after != null) {
            after.inPlace(p, y);
        }
        p.add(x, y, residualScale);
    }
}
