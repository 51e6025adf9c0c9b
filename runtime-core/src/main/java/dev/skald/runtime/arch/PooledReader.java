package dev.skald.runtime.arch;

import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.layer.Pooled;
import dev.skald.runtime.layer.Projection;
import java.util.ArrayList;
import java.util.List;

/** Reads, for any architecture, how the rows of a text become one vector. */
final class PooledReader {
    private static final String KEY = "pooling_type";
    private static final String LABELS = "classifier.output_labels";

    /** The kinds of pooling, by their number in the file; 0 is none. */
    private static final List<Pooling> POOLINGS = List.of(Pooling.MEAN, Pooling.CLS, Pooling.LAST, Pooling.RANK);

    private PooledReader() {}

    static Pooled read(Reader in) {
        int number = in.keys().numberOrZero(KEY, POOLINGS.size());
        return new Pooled(number == 0 ? null : POOLINGS.get(number - 1), projection(in), classifier(in));
    }

    /**
     * Files number these matrices from 2, because in sentence-transformers the transformer and the pooling come before them.
     */
    private static Projection projection(Reader in) {
        List<Projection.Layer> layers = new ArrayList<>();
        int columns = in.dim();
        for (int i = 2; in.has("dense_" + i + ".weight"); i++) {
            int rows = in.keys().count("dense_" + i + "_feat_out", Reader.MAX_WIDTH);
            layers.add(new Projection.Layer(in.linear("dense_" + i, rows, columns), false));
            columns = rows;
        }
        return layers.isEmpty() ? null : new Projection(layers, false);
    }

    private static Projection classifier(Reader in) {
        boolean inner = in.has("cls.weight");
        boolean output = in.has("cls.output.weight");
        if (!inner && !output) {
            return null;
        }
        int labels = in.keys().length(LABELS, Reader.MAX_WIDTH, 1);
        List<Projection.Layer> layers = new ArrayList<>();
        if (inner) {
            layers.add(new Projection.Layer(in.linear("cls", output ? in.dim() : labels, in.dim()), true));
        }
        if (output) {
            layers.add(new Projection.Layer(in.linear("cls.output", labels, in.dim()), false));
        }
        // In a model that continues text, labels are tokens, and the scores are their logits.
        return new Projection(layers, !in.isBothWays());
    }
}
