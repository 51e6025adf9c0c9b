package dev.skald.runtime.arch;

import dev.skald.kernels.ops.Rope;
import dev.skald.runtime.layer.Linear;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.SelfAttention;
import java.util.List;

/**
 * Reads the self-attention of a layer, whose queries, keys and values may be one fused tensor; what an architecture says
 * differs from plain causal attention without rotation. Biases are there where the file has them, and so are norms of queries
 * and keys.
 */
final class AttentionReader {
    private final Reader in;
    private final String block;
    private final Heads heads;
    private Rope rope;
    private int window = Integer.MAX_VALUE;
    private float scale;

    AttentionReader(Reader in, int layer, Heads heads) {
        this.in = in;
        this.block = Reader.block(layer);
        this.heads = heads;
        scale = (float) (1 / Math.sqrt(heads.keySize()));
    }

    AttentionReader rope(Rope turning) {
        rope = turning;
        return this;
    }

    /** How many positions a row sees, its own included. */
    AttentionReader window(int positions) {
        window = positions;
        return this;
    }

    /** The factor on scores, where it is not 1 / sqrt(key size). */
    AttentionReader scale(float factor) {
        scale = factor;
        return this;
    }

    SelfAttention read() {
        int queries = heads.count() * heads.keySize();
        int keys = heads.kvHeads() * heads.keySize();
        int values = heads.kvHeads() * heads.valueSize();
        List<Linear> qkv = in.has(block + "attn_qkv.weight")
                ? in.stacked(block + "attn_qkv", in.dim(), queries, keys, values)
                : List.of(
                        in.linear(block + "attn_q", queries, in.dim()),
                        in.linear(block + "attn_k", keys, in.dim()),
                        in.linear(block + "attn_v", values, in.dim()));
        return in.add(new SelfAttention(
                in.attentions(),
                qkv.get(0),
                qkv.get(1),
                qkv.get(2),
                in.linear(block + "attn_output", in.dim(), heads.count() * heads.valueSize()),
                headNorms("attn_q_norm"),
                headNorms("attn_k_norm"),
                rope,
                new SelfAttention.Shape(heads.count(), heads.kvHeads(), heads.keySize(), heads.valueSize(), window),
                scale));
    }

    private List<Norm> headNorms(String name) {
        return in.has(block + name + ".weight") ? List.of(in.norm(block + name, heads.keySize())) : List.of();
    }
}
