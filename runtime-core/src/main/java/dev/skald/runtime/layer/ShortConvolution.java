package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;

/**
 * A convolution between two gates. Each row is projected to three rows b, c and x; the result is c times the convolution of b
 * times x.
 *
 * <p>Source: Liquid AI, "LFM2 Technical Report", 2025.
 *
 * @param index of this layer among the recurrent layers of the sequence
 * @param in projects to b, c and x, in this order
 * @param convolution over the products of b and x
 * @param output projects back to the width of the stream
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
