package dev.skald.runtime.arch;

import dev.skald.runtime.layer.AttentionLayer;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.Head;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.Pass;
import dev.skald.runtime.layer.Rows;
import dev.skald.runtime.layer.Transform;
import java.util.List;

/** A decoder in whose blocks attention and the feed-forward network both get the same normed stream. */
record ParallelDecoder(Embedding embedding, List<Block> blocks, Head head) implements Forward {
    record Block(Norm norm, AttentionLayer attention, Transform ffn) {}

    @Override
    public void compute(Pass p) {
        Rows x = embedding.apply(p);
        for (Block b : p.through(blocks)) {
            Rows normed = b.norm.apply(p, x);
            p.add(x, b.attention.apply(p, normed, x, normed));
            p.add(x, b.ffn.apply(p, normed));
        }
        head.apply(p, x);
    }
}
