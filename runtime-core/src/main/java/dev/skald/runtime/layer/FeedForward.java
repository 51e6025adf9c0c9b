package dev.skald.runtime.layer;

/**
 * A feed-forward network: down(activation(gate x) up x), or down(activation(up x)) without a gate.
 *
 * @param gate the matrix whose product goes through the activation; null for none
 * @param up the matrix of the other factor, with as many rows
 * @param down projects back to the width of the stream
 * @param activation the function
 */
public record FeedForward(Linear gate, Linear up, Linear down, Activation activation) implements Transform {
    private static final Workspace.Buffer GATE = new Workspace.Buffer("gates");
    private static final Workspace.Buffer UP = new Workspace.Buffer("factors of gates");

    @Override
    public Rows apply(Pass p, Rows x) {
        Rows u = p.rows(UP, up.rows());
        if (gate == null) {
            p.multiply(x, up.into(u));
            p.eachRow(row -> {
                up.addBias(u.data(), u.at(row));
                activation.apply(u.data(), u.at(row), u.width());
            });
            return p.output(u, down);
        }
        Rows g = p.rows(GATE, gate.rows());
        p.multiply(x, gate.into(g), up.into(u));
        p.eachRow((worker, row) -> activate(p.work(), worker, g, u, row));
        return p.output(g, down);
    }

    /** Combines a row's gates and factors into the input of the last product, in the place of the gates. */
    void activate(Workspace work, int worker, Rows g, Rows u, int row) {
        gate.addBias(g.data(), g.at(row));
        up.addBias(u.data(), u.at(row));
        work.gated(activation, worker, g.data(), u.data(), g.at(row), g.width());
    }
}
