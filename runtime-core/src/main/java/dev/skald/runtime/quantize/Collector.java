package dev.skald.runtime.quantize;

import dev.skald.runtime.Model;
import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.io.Chunks;
import dev.skald.runtime.quantize.ImportanceMatrix.Entry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sums the squares of matrix inputs while a model reads a text. */
final class Collector implements InputListener {
    private final ImportanceOptions options;
    /** In float64: a million small squares are added to a large sum. Matrices with the same input share it. */
    private final Map<List<String>, double[]> squares = new HashMap<>();

    /** How many rows were added. Experts have one count each, and their columns follow each other in the sums. */
    private final Map<List<String>, long[]> counts = new HashMap<>();

    private Collector(ImportanceOptions options) {
        this.options = options;
    }

    static ImportanceMatrix collect(Model model, int[] tokens, ImportanceOptions options) {
        Chunks text = Chunks.of(model.tokenizer(), tokens, options.context(), options.skip(), options.chunks());
        Collector collector = new Collector(options);
        try (Session session = model.newSession(o -> o.contextLength(options.context())
                .cancelWhen(Thread.currentThread()::isInterrupted)
                .listener(collector))) {
            for (int i = 0; i < text.count(); i++) {
                int chunks = i + 1;
                session.truncate(0, 0);
                session.feed(text.input(i, text.context()));
                options.progress()
                        .accept(new ImportanceOptions.Progress(chunks, text.count(), () -> collector.matrix(chunks)));
            }
        }
        return collector.matrix(text.count());
    }

    @Override
    public void multiplying(List<String> tensors, float[] inputs, int rows, int columns) {
        multiplyingExpert(tensors, 0, 1, inputs, rows, columns);
    }

    @Override
    public void multiplyingExpert(
            List<String> tensors, int expert, int experts, float[] inputs, int rows, int columns) {
        double[] sums = squares.computeIfAbsent(tensors, names -> new double[experts * columns]);
        counts.computeIfAbsent(tensors, names -> new long[experts])[expert] += rows;
        int first = expert * columns;
        for (int row = 0; row < rows; row++) {
            int o = row * columns;
            for (int i = 0; i < columns; i++) {
                double x = inputs[o + i];
                sums[first + i] += x * x;
            }
        }
    }

    private ImportanceMatrix matrix(int chunks) {
        Map<String, Entry> entries = new HashMap<>();
        squares.forEach((tensors, sums) -> {
            float[] rounded = new float[sums.length];
            for (int i = 0; i < sums.length; i++) {
                rounded[i] = (float) sums[i];
                if (!Float.isFinite(rounded[i])) {
                    throw new UnsupportedModelException("the model computes numbers that are NaN or too large: the"
                            + " inputs of " + tensors + " in column " + i + " have the square sum " + sums[i]
                            + ", so its file is damaged or of a kind that Skald does not know");
                }
            }
            long[] count = counts.get(tensors).clone();
            tensors.forEach(name -> entries.put(name, new Entry(rounded, count)));
        });
        List<String> datasets = options.dataset().isEmpty() ? List.of() : List.of(options.dataset());
        return new ImportanceMatrix(entries, datasets, chunks, options.context());
    }
}
