package dev.skald.bench.lab;

import dev.skald.bench.lab.Measured.TensorError;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** What each tensor of a model lost against another file of the same model. */
final class TensorErrors {
    private TensorErrors() {}

    /**
     * Compares the tensors that have another type than in the source.
     *
     * @param source the original
     * @param quantized has tensors of the same names and shapes
     */
    static List<TensorError> compare(GgufFile source, GgufFile quantized, WorkerTeam team) {
        List<TensorError> errors = new ArrayList<>();
        for (TensorInfo tensor : quantized.tensors()) {
            TensorInfo original = source.tensor(tensor.name()).orElseThrow();
            if (original.type() != tensor.type()) {
                errors.add(compare(source, original, quantized, tensor, team));
            }
        }
        return errors;
    }

    private static TensorError compare(
            GgufFile source, TensorInfo original, GgufFile quantized, TensorInfo tensor, WorkerTeam team) {
        int columns = Math.toIntExact(tensor.columns());
        int rows = Math.toIntExact(tensor.rows());
        // Summed up by row, and only then together, so that threads do not change the sum.
        double[] squares = new double[rows];
        double[] lost = new double[rows];
        MemorySegment before = source.data(original);
        MemorySegment after = quantized.data(tensor);
        QuantFormat from = QuantFormats.of(original.type());
        QuantFormat to = QuantFormats.of(tensor.type());
        team.run(rows, 16, (worker, first, end) -> {
            float[] x = new float[columns];
            float[] y = new float[columns];
            for (int row = first; row < end; row++) {
                from.decode(before, row * from.type().bytes(columns), x, 0, columns);
                to.decode(after, row * to.type().bytes(columns), y, 0, columns);
                for (int i = 0; i < columns; i++) {
                    double error = (double) x[i] - y[i];
                    squares[row] += (double) x[i] * x[i];
                    lost[row] += error * error;
                }
            }
        });
        return new TensorError(
                tensor.name(),
                tensor.type().name(),
                tensor.elements(),
                Math.sqrt(sum(squares) / tensor.elements()),
                Math.sqrt(sum(lost) / tensor.elements()));
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
