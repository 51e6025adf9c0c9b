package dev.skald.runtime.layer;

import java.util.Arrays;
import java.util.List;

/**
 * What is made of the one row that a text has become: matrices one after the other, for an embedding of another basis or for the
 * scores of labels.
 *
 * @param layers at least one
 * @param softmax whether the results become probabilities
 */
public record Projection(List<Layer> layers, boolean softmax) {
    /**
     * A matrix, with what is done behind it.
     *
     * @param tanh whether the hyperbolic tangent is taken
     */
    public record Layer(Linear linear, boolean tanh) {}

    /** Numbers of a result. */
    public int width() {
        return layers.getLast().linear().rows();
    }

    /**
     * Computes some rows, each as if it were alone.
     *
     * @param x the rows, one after the other
     * @return as many results
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
