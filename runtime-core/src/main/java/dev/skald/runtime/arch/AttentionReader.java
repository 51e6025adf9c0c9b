package dev.skald.runtime.arch;

import dev.skald.kernels.attention.AttentionShape;
import dev.skald.kernels.attention.Rope;
import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.layer.Linear;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.Ropes;
import dev.skald.runtime.layer.SelfAttention;
import java.util.List;

/**
 * Reads the self-attention of a layer. By default the layer sees what the network sees, without a window or a rotation; an
 * architecture sets what differs. Queries, keys and values may be one fused tensor, and biases are read if the file has them.
 */
final class AttentionReader {
    /** No rotation. */
    static final Ropes NO_ROPE = new Ropes(new Rope(Pairing.HALVES, new double[0], 1));

    private final Reader in;
    private final String block;
    private final Heads heads;
    private Ropes rope = NO_ROPE;
    private int window = Integer.MAX_VALUE;
    private float softcap;
    private float[] sinks;
    private float[] slopes;
    private float scale;
    private SelfAttention.Temperature temperature;
    private boolean gated;
    private List<Norm> queryNorms;
    private List<Norm> keyNorms;

    AttentionReader(Reader in, int layer, Heads heads) {
        this.in = in;
        this.block = Reader.block(layer);
        this.heads = heads;
        scale = (float) (1 / Math.sqrt(heads.keySize()));
    }

    AttentionReader rope(Ropes turning) {
        rope = turning;
        return this;
    }

    /** Sets how many positions a row sees, including its own. */
    AttentionReader window(int positions) {
        window = positions;
        return this;
    }

    /** Sets the factor on scores, if it is not 1 / sqrt(key size). */
    AttentionReader scale(double factor) {
        scale = (float) factor;
        return this;
    }

    /** Sets the softcap of scores; 0 leaves them unchanged. */
    AttentionReader softcap(float bound) {
        softcap = bound;
        return this;
    }

    /** Adds a sink: a score for each head that takes its share of the softmax. */
    AttentionReader sinks() {
        sinks = in.vector(block + "attn_sinks.weight", heads.count());
        return this;
    }

    /**
     * Makes scores fade with the distance (ALiBi): those of the first head by 2^(-most / heads) a position, those of the next
     * heads by powers of that. If the number of heads is not a power of two, the heads beyond it have the powers between.
     */
    AttentionReader fading(double most) {
        int power = Integer.highestOneBit(heads.count());
        slopes = new float[heads.count()];
        for (int head = 0; head < slopes.length; head++) {
            double exponent = head < power ? head + 1 : head - power + 0.5;
            slopes[head] = (float) Math.pow(2, -most / power * exponent);
        }
        return this;
    }

    /** Makes scores grow with the position. */
    AttentionReader temperature(SelfAttention.Temperature growing) {
        temperature = growing;
        return this;
    }

    /**
     * Sets norms of parts of all queries and of all keys. Without them, norms of single heads are read if the file has them.
     */
    AttentionReader norms(List<Norm> queries, List<Norm> keys) {
        queryNorms = queries;
        keyNorms = keys;
        return this;
    }

    /** Requires an RMS norm of each query and one of each key. */
    AttentionReader headNorms() {
        return norms(
                List.of(in.norm(block + "attn_q_norm", heads.keySize())),
                List.of(in.norm(block + "attn_k_norm", heads.keySize())));
    }

    /** Adds a gate for each output value; the gates are computed beside the query of their head. */
    AttentionReader gated() {
        gated = true;
        if (heads.keySize() != heads.valueSize()) {
            throw in.keys()
                    .bad(
                            "attention.value_length",
                            heads.valueSize() + " values, gated by " + heads.keySize() + " numbers");
        }
        return this;
    }

    SelfAttention read() {
        int queries = (gated ? 2 : 1) * heads.queries();
        int keys = heads.keys();
        int values = heads.kvHeads() * heads.valueSize();
        List<Linear> qkv = in.has(block + "attn_qkv.weight")
                ? in.stacked(block + "attn_qkv", in.dim(), queries, keys, values)
                : List.of(
                        in.linear(block + "attn_q", queries, in.dim()),
                        in.linear(block + "attn_k", keys, in.dim()),
                        in.linear(block + "attn_v", values, in.dim()));
        Linear output = in.linear(block + "attn_output", in.dim(), heads.count() * heads.valueSize());
        AttentionShape shape = new AttentionShape(
                heads.count(),
                heads.kvHeads(),
                heads.keySize(),
                heads.valueSize(),
                window,
                softcap,
                sinks,
                slopes,
                !in.isBothWays());
        return in.add(index -> new SelfAttention(
                index,
                qkv.get(0),
                qkv.get(1),
                qkv.get(2),
                output,
                queryNorms == null ? optionalNorm("attn_q_norm") : queryNorms,
                keyNorms == null ? optionalNorm("attn_k_norm") : keyNorms,
                rope,
                in.attend(shape),
                scale,
                temperature,
                gated));
    }

    private List<Norm> optionalNorm(String name) {
        return in.has(block + name + ".weight") ? List.of(in.norm(block + name, heads.keySize())) : List.of();
    }
}
