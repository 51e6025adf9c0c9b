package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Attention;
import dev.skald.kernels.attention.KvLayout;
import java.util.List;

/**
 * Attention within a sequence, over its keys and values.
 *
 * <p>Queries and keys are normed, then rotated.
 *
 * @param index of this layer's keys and values in the sequence
 * @param q projects to queries, [heads][key size]; if gated, each head's query is followed by as many gates
 * @param k projects to keys, [KV heads][key size]
 * @param v projects to values, [KV heads][value size]
 * @param output projects [heads][value size] back to the width of the stream
 * @param queryNorms norms of the queries, applied in order; empty for none
 * @param keyNorms norms of the keys
 * @param ropes rotate queries and keys
 * @param attention the kernels, with the heads and what they see
 * @param scale factor on the scores
 * @param temperature how scores grow with the position; null if they do not
 * @param gated whether each value is multiplied by the sigmoid of a gate before the output matrix
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
     * Multiplies scores by 1 + growth ln(1 + floor(position / step)), with the position of the query.
     *
     * @param growth factor on the logarithm
     * @param step how many consecutive positions are treated alike
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
        // Neighbouring rows write to the same cache lines of the keys' pages, so each thread takes many rows.
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
