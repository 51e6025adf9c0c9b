package dev.skald.spark;

import dev.skald.runtime.Model;
import java.io.Serializable;
import org.apache.spark.sql.Row;

/** The work for one row's text. Thread-safe. */
interface RowWork extends Serializable {
    /**
     * Computes a row's result.
     *
     * @param model the executor's model
     * @param text the row's text
     * @param key the key that identifies the row
     * @return the result, or its error
     */
    Row run(Model model, String text, String key);
}
