package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;

/**
 * A convolution over some rows between two gates: of each row three are made, b, c and x, and what comes out is made of c times
 * the convolution of b times x.
 *
 * <p>Source: Liquid AI, "LFM2 Technical Report", 2025.
 *
 * @param index which of a sequence's recurrent layers remembers for it
 * @param in makes b, c and x, in this order
 * @param convolution as wide as each of them
 * @param output back to the width of the stream
 */
public record ShortConvolution(int index, Linear in, Convolution convolution, Linear output) implements RecurrentLayer {
    private static final Workspace.Buffer MADE = new Workspace.Buffer("gates and inputs of a convolution");
    private static final Workspace.Buffer INPUTS = new Workspace.Buffer("gated inputs of a convolution");
    private static final Workspace.Buffer SUMS = new Workspace.Buffer("a convolution's sums");

    @Override
    public int remembered() {
        return convolution.remembered();
    }

    @Override
    public Rows apply(Pass p, Rows x, Rows... used) {
        int width = convolution.channels();
        Rows made = p.rows(MADE, in.rows());
        p.multiply(x, in.into(made));
        Rows inputs = p.rows(INPUTS, width);
        p.eachRow(row -> {
            in.addBias(made.data(), made.at(row));
            System.arraycopy(made.data(), made.at(row) + 2 * width, inputs.data(), inputs.at(row), width);
            Ops.multiply(made.data(), made.at(row), inputs.data(), inputs.at(row), width);
        });
        Rows sums = p.rows(SUMS, width);
        convolution.apply(p, inputs, sums, index);
        p.remembered(index);
        p.eachRow(row -> Ops.multiply(made.data(), made.at(row) + width, sums.data(), sums.at(row), width));
        p.keepWantedInLastBlock(sums, used);
        return p.output(sums, output);
    }
}
