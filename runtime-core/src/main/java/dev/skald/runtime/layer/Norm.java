package dev.skald.runtime.layer;

import dev.skald.kernels.ops.Ops;

/**
 * Root-mean-square norm of rows, or of consecutive parts of rows.
 *
 * @param weight a factor for each value of a part
 * @param epsilon added under the root
 */
public record Norm(float[] weight, float epsilon) implements Transform {
    private static final Workspace.Buffer NORMED = new Workspace.Buffer("normed rows");

    /** Values of a part. */
    int size() {
        return weight.length;
    }

    @Override
    public Rows apply(Pass p, Rows x) {
        Rows y = p.rows(NORMED, x.width());
        p.eachRow(row -> apply(x.data(), x.at(row), y.data(), y.at(row)));
        return y;
    }

    /** Norms rows where they stand. */
    public void inPlace(Pass p, Rows x) {
        p.eachRow(row -> apply(x.data(), x.at(row), x.data(), x.at(row)));
    }

    /** The norm of one part. */
    void apply(float[] x, int from, float[] y, int to) {
        Ops.rmsNorm(x, from, weight, y, to, size(), epsilon);
    }
}
