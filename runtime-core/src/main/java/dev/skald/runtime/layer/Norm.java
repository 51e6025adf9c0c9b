package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;

/**
 * A norm of rows, or of consecutive parts of rows.
 *
 * @param kind which
 * @param weight a factor for each value of a part
 * @param bias what a layer norm adds to each value, or null
 * @param epsilon added under the root
 */
public record Norm(Kind kind, float[] weight, float[] bias, float epsilon) implements Transform {
    private static final Workspace.Buffer NORMED = new Workspace.Buffer("normed rows");

    /** What rows are divided by, and whether they are centred before. */
    public enum Kind {
        /** The root of the mean square. */
        RMS,
        /** The standard deviation; the mean is taken away. */
        LAYER
    }

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
        switch (kind) {
            case RMS -> Ops.rmsNorm(x, from, weight, y, to, size(), epsilon);
            case LAYER -> Ops.layerNorm(x, from, weight, bias, y, to, size(), epsilon);
        }
    }
}
