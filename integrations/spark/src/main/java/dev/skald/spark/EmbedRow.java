package dev.skald.spark;

import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Embedding;
import java.io.Serial;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.collection.immutable.ArraySeq;

/** Turns a text into a vector. A text that is too long is truncated, and its result says so. */
record EmbedRow(SkaldSpec spec) implements RowWork {
    @Serial
    private static final long serialVersionUID = 1;

    @Override
    public Row run(Model model, String text, String key) {
        try {
            Embedding embedding = model.newEmbedder(options -> {
                        if (spec.pooling != null) {
                            options.pooling(spec.pooling);
                        }
                    })
                    .embed(text);
            return RowFactory.create(
                    new ArraySeq.ofFloat(embedding.vector()), embedding.tokens(), embedding.truncated(), null);
        } catch (IllegalArgumentException e) {
            return RowFactory.create(null, null, null, e.getMessage());
        }
    }
}
