package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Attention;
import dev.skald.kernels.attention.KvLayout;
import java.util.List;

/**
 * Attention of a sequence to itself, over its keys and values.
 *
 * <p>Queries and keys are normed, then turned.
 *
 * @param index which of a sequence's layers has its keys and values
 * @param q makes queries, [heads][key size]; each followed by gates of its head's values, as many, where they are gated
 * @param k makes keys, [KV heads][key size]
 * @param v makes values, [KV heads][value size]
 * @param output from [heads][value size] back to the width of the stream
 * @param queryNorms norms of consecutive parts of all queries, in turn; empty for none
 * @param keyNorms as for queries
 * @param ropes turn queries and keys
 * @param attention heads, and what they see
 * @param scale factor on the scores
 * @param temperature how scores grow with the position; null where they do not
 * @param gated whether values are multiplied by the sigmoid of a gate before they go out
 */
public record SelfAttention(
        int index,
        Linear q,
        Linear k,
        Linear v,
        Linear output,
        List<Norm> queryNorms,
        List<Norm> keyNorms,
        Ropes ropes,
        Attention attention,
        float scale,
        Temperature temperature,
        boolean gated)
        implements AttentionLayer {
    private static final Workspace.Buffer QUERIES = new Workspace.Buffer("queries");
    private static final Workspace.Buffer GATED = new Workspace.Buffer("queries with gates");
    private static final Workspace.Buffer KEYS = new Workspace.Buffer("keys");
    private static final Workspace.Buffer VALUES = new Workspace.Buffer("values");
    private static final Workspace.Buffer MIXED = new Workspace.Buffer("mixed values");

    /**
     * Scores that grow with the query's position: by 1 + growth ln(1 + floor(position / step)).
     *
     * @param growth factor on the logarithm
     * @param step positions that are treated alike
     */
    public record Temperature(float growth, int step) {
        float at(int position) {
            return (float) (1 + growth * Math.log(1 + position / step));
        }
    }

    @Override
    public Rows apply(Pass p, Rows x, Rows... used) {
        Rows made = p.rows(gated ? GATED : QUERIES, q.rows());
        Rows queries = gated ? p.rows(QUERIES, q.rows() / 2) : made;
        Rows keys = p.rows(KEYS, k.rows());
        Rows values = p.rows(VALUES, v.rows());
        p.multiply(x, q.into(made), k.into(keys), v.into(values));
        Rows rotations = p.rotations(ropes);
        // Neighbours write to the same lines of the keys' pages, so that a thread had better do many of them.
        int grain = Math.clamp(p.size() / (4 * p.work().threads()), 1, KvLayout.POSITIONS / 2);
        p.eachRow(grain, row -> {
            q.addBias(made.data(), made.at(row));
            if (gated) {
                copyQueries(made, queries, row);
            }
            k.addBias(keys.data(), keys.at(row));
            v.addBias(values.data(), values.at(row));
            normParts(queryNorms, queries, row);
            normParts(keyNorms, keys, row);
            ropes.apply(
                    queries.data(),
                    queries.at(row),
                    shape().heads(),
                    shape().keySize(),
                    rotations.data(),
                    rotations.at(row));
            ropes.apply(
                    keys.data(),
                    keys.at(row),
                    shape().kvHeads(),
                    shape().keySize(),
                    rotations.data(),
                    rotations.at(row));
            float factor = temperature == null ? scale : scale * temperature.at(p.position(row));
            Pass.scale(queries.data(), queries.at(row), queries.width(), factor);
            p.store(index, row, keys, values);
        });
        Rows mixed = p.rows(MIXED, output.columns());
        attention.attend(p.work().attention(), index, queries.data(), mixed.data());
        if (gated) {
            p.eachRow(row -> gate(made, mixed, row));
        }
        p.keepWantedInLastBlock(mixed, used);
        return p.output(mixed, output);
    }

    private void copyQueries(Rows made, Rows queries, int row) {
        int size = shape().keySize();
        for (int h = 0; h < shape().heads(); h++) {
            System.arraycopy(
                    made.data(), made.at(row) + 2 * h * size, queries.data(), queries.at(row) + h * size, size);
        }
    }

    private void gate(Rows made, Rows mixed, int row) {
        int size = shape().keySize();
        for (int h = 0; h < shape().heads(); h++) {
            int gate = made.at(row) + (2 * h + 1) * size;
            int value = mixed.at(row) + h * size;
            for (int i = 0; i < size; i++) {
                mixed.data()[value + i] *= Router.sigmoid(made.data()[gate + i]);
            }
        }
    }

    private static void normParts(List<Norm> norms, Rows x, int row) {
        if (!norms.isEmpty()) {
            int size = norms.getFirst().size();
            for (int part = 0; part < x.width() / size; part++) {
                int at = x.at(row) + part * size;
                norms.get(part % norms.size()).apply(x.data(), at, x.data(), at);
            }
        }
    }
}
