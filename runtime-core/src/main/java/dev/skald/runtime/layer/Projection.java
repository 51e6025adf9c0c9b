package dev.skald.runtime.layer;

import java.util.Arrays;
import java.util.List;

/**
 * Matrices that are applied, one after another, to the pooled row of a text. They compute an embedding in another basis, or
 * scores of labels.
 *
 * @param layers at least one
 * @param softmax whether the results become probabilities
 */
public record Projection(List<Layer> layers, boolean softmax) {
    /**
     * A matrix and what follows it.
     *
     * @param tanh whether its result goes through the hyperbolic tangent
     */
    public record Layer(Linear linear, boolean tanh) {}

    /** Returns how many numbers a result has. */
    public int width() {
        return layers.getLast().linear().rows();
    }

    /**
     * Computes some rows independently.
     *
     * @param x the rows, one after the other
     * @return the results, one after the other
     */
    public float[] apply(Workspace work, float[] x, int rows) {
        float[] y = x;
        for (Layer layer : layers) {
            y = apply(layer, work, y, rows);
        }
        if (softmax) {
            for (int row = 0; row < rows; row++) {
                softmax(y, row * width(), width());
            }
        }
        return y;
    }

    private static float[] apply(Layer layer, Workspace work, float[] x, int rows) {
        Linear linear = layer.linear();
        float[] y = new float[Math.multiplyExact(rows, linear.rows())];
        work.multiply(x, rows, linear, y);
        for (int row = 0; row < rows; row++) {
            linear.addBias(y, row * linear.rows());
        }
        if (layer.tanh()) {
            for (int i = 0; i < y.length; i++) {
                y[i] = (float) Math.tanh(y[i]);
            }
        }
        return y;
    }

    private static void softmax(float[] x, int at, int n) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = at; i < at + n; i++) {
            largest = Math.max(largest, x[i]);
        }
        double[] exponentials = new double[n];
        for (int i = 0; i < n; i++) {
            exponentials[i] = Math.exp(x[at + i] - largest);
        }
        double sum = Arrays.stream(exponentials).sum();
        for (int i = 0; i < n; i++) {
            x[at + i] = (float) (exponentials[i] / sum);
        }
    }
}
