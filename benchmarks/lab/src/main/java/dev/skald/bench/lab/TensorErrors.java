package dev.skald.bench.lab;

import dev.skald.bench.lab.Measured.TensorError;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;
import dev.skald.gguf.TensorReader;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The loss of each tensor of a model, compared with another file of the same model. */
final class TensorErrors {
    private TensorErrors() {}

    /**
     * Compares the tensors whose type differs from the source's.
     *
     * @param source the original
     * @param quantized has tensors of the same names and shapes
     * @throws dev.skald.gguf.GgufFormatException if one of the files was cut off since it was opened
     * @throws IOException if one of the files cannot be read
     */
    static List<TensorError> compare(GgufFile source, GgufFile quantized, WorkerTeam team) throws IOException {
        List<TensorError> errors = new ArrayList<>();
        try (TensorReader before = source.reader();
                TensorReader after = quantized.reader()) {
            for (TensorInfo tensor : quantized.tensors()) {
                TensorInfo original = source.tensor(tensor.name()).orElseThrow();
                if (original.type() != tensor.type()) {
                    errors.add(compare(before, original, after, tensor, team));
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return errors;
    }

    private static TensorError compare(
            TensorReader before, TensorInfo original, TensorReader after, TensorInfo tensor, WorkerTeam team) {
        int columns = Math.toIntExact(tensor.columns());
        int rows = Math.toIntExact(tensor.rows());
        // Summed by row first, so that threads do not change the sum.
        double[] squares = new double[rows];
        double[] lost = new double[rows];
        team.run(rows, 16, (worker, first, end) -> {
            float[] x = new float[columns];
            float[] y = new float[columns];
            for (int row = first; row < end; row++) {
                decode(before, original, row, x);
                decode(after, tensor, row, y);
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

    private static void decode(TensorReader reader, TensorInfo tensor, int row, float[] out) {
        long bytes = tensor.type().bytes(out.length);
        MemorySegment blocks = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
        try {
            reader.read(tensor, row * bytes, blocks);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        QuantFormats.of(tensor.type()).decode(blocks, 0, out, 0, out.length);
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
