package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;

/**
 * A norm of rows, or of consecutive parts of rows.
 *
 * @param kind the kind of norm
 * @param weight a factor for each value of a part
 * @param bias what a layer norm adds to each value, or null
 * @param epsilon added under the root
 */
public record Norm(Kind kind, float[] weight, float[] bias, float epsilon) implements Transform {
    private static final Workspace.Buffer NORMED = new Workspace.Buffer("normed rows");

    /** The number that rows are divided by, and whether their mean is subtracted first. */
    public enum Kind {
        /** The root of the mean square. */
        RMS,
        /** The standard deviation; the mean is subtracted. */
        LAYER
    }

    /** Returns how many values a part has. */
    int size() {
        return weight.length;
    }

    @Override
    public Rows apply(Pass p, Rows x) {
        Rows y = p.rows(NORMED, x.width());
        p.eachRow(row -> apply(x.data(), x.at(row), y.data(), y.at(row)));
        return y;
    }

    /** Norms rows in place. */
    public void inPlace(Pass p, Rows x) {
        p.eachRow(row -> apply(x.data(), x.at(row), x.data(), x.at(row)));
    }

    /** x = norm of x + y. */
    public void ofSum(Pass p, Rows x, Rows y) {
        p.eachRow(row -> {
            Ops.axpy(1, y.data(), y.at(row), x.data(), x.at(row), x.width());
            apply(x.data(), x.at(row), x.data(), x.at(row));
        });
    }

    /** Norms one part. */
    void apply(float[] x, int from, float[] y, int to) {
        switch (kind) {
            case RMS -> Ops.rmsNorm(x, from, weight, y, to, size(), epsilon);
            case LAYER -> Ops.layerNorm(x, from, weight, bias, y, to, size(), epsilon);
        }
    }
}
