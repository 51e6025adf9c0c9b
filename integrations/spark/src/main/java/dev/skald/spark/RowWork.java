package dev.skald.spark;

import dev.skald.runtime.Model;
import java.io.Serializable;
import org.apache.spark.sql.Row;

/** What is done with one row's text. Any number of threads may call it. */
interface RowWork extends Serializable {
    /**
     * Computes a row's result.
     *
     * @param model the executor's model
     * @param text the row's text
     * @param key what tells the row apart
     * @return the result, or its error
     */
    Row run(Model model, String text, String key);
}
