package dev.skald.spark;

import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.grammar.JsonStyle;
import java.io.Serial;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * The model that reads the rows, and its settings. Spark sends this small object to its executors, and never weights.
 * Each method returns a changed copy.
 *
 * <p>Two rows with the same text and the same key get the same answer, on any number of executors, and when a task runs
 * again.
 */
public final class SkaldSpec implements Serializable {
    @Serial
    private static final long serialVersionUID = 1;

    final String model;
    int threads;
    int contextLength = 2048;
    int parallel = 8;
    String system;
    boolean raw;
    int maxTokens = 256;
    float temperature;
    float topP = 1;
    long seed;
    String[] stops = {};
    String jsonSchema;
    String key;
    Pooling pooling;

    private SkaldSpec(String model) {
        this.model = model;
    }

    private SkaldSpec(SkaldSpec other) {
        model = other.model;
        threads = other.threads;
        contextLength = other.contextLength;
        parallel = other.parallel;
        system = other.system;
        raw = other.raw;
        maxTokens = other.maxTokens;
        temperature = other.temperature;
        topP = other.topP;
        seed = other.seed;
        stops = other.stops;
        jsonSchema = other.jsonSchema;
        key = other.key;
        pooling = other.pooling;
    }

    /**
     * Returns a specification with the defaults: answers of at most 256 tokens, always with the most probable token.
     *
     * @param model a GGUF file that every executor can read under this path, or a name on the Hub such as
     *     {@code org/repo:Q4_K_M}, which each executor's machine downloads once
     * @return the specification
     */
    public static SkaldSpec of(String model) {
        return new SkaldSpec(Objects.requireNonNull(model, "model"));
    }

    /**
     * Sets the number of threads that compute in an executor.
     *
     * @param count the number of threads; by default, and for 0, one for each core that Spark gives the executor
     * @return a changed copy
     */
    public SkaldSpec threads(int count) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.threads = atLeast("threads", count, 0);
        return copy;
    }

    /**
     * Sets the maximum length of a row's text and its answer.
     *
     * @param tokens the number of tokens, at least 1; the default is 2048. A row that needs more gets an error
     * @return a changed copy
     */
    public SkaldSpec contextLength(int tokens) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.contextLength = atLeast("contextLength", tokens, 1);
        return copy;
    }

    /**
     * Sets the number of rows of a task that are computed together. The rows of all tasks of an executor form one
     * batch.
     *
     * @param rows the number of rows, at least 1; the default is 8
     * @return a changed copy
     */
    public SkaldSpec parallel(int rows) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.parallel = atLeast("parallel", rows, 1);
        return copy;
    }

    /**
     * Sets the system message before each row's text.
     *
     * @param text the message
     * @return a changed copy
     */
    public SkaldSpec system(String text) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.system = Objects.requireNonNull(text, "text");
        return copy;
    }

    /**
     * Continues each row's text as it is, without the model's chat template.
     *
     * @return a changed copy
     */
    public SkaldSpec raw() {
        SkaldSpec copy = new SkaldSpec(this);
        copy.raw = true;
        return copy;
    }

    /**
     * Sets the maximum length of an answer.
     *
     * @param count the number of tokens, at least 1; the default is 256
     * @return a changed copy
     */
    public SkaldSpec maxTokens(int count) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.maxTokens = atLeast("maxTokens", count, 1);
        return copy;
    }

    /**
     * Sets the temperature.
     *
     * @param value the temperature, at least 0; the default of 0 always takes the most probable token
     * @return a changed copy
     */
    public SkaldSpec temperature(double value) {
        if (!(value >= 0)) {
            throw new IllegalArgumentException("temperature=" + value + " is less than 0");
        }
        SkaldSpec copy = new SkaldSpec(this);
        copy.temperature = (float) value;
        return copy;
    }

    /**
     * Keeps the most probable tokens that together have this probability.
     *
     * @param value above 0, at most 1
     * @return a changed copy
     */
    public SkaldSpec topP(double value) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException("topP=" + value + " is outside (0, 1]");
        }
        SkaldSpec copy = new SkaldSpec(this);
        copy.topP = (float) value;
        return copy;
    }

    /**
     * Sets the seed. Each row's own seed is computed from it and the row's key.
     *
     * @param value any number; the default is 0
     * @return a changed copy
     */
    public SkaldSpec seed(long value) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.seed = value;
        return copy;
    }

    /**
     * Sets texts that end an answer and are not part of it.
     *
     * @param texts none of them empty
     * @return a changed copy
     */
    public SkaldSpec stop(String... texts) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.stops = texts.clone();
        if (List.of(texts).contains("")) {
            throw new IllegalArgumentException("an empty stop string would end every text before it begins");
        }
        return copy;
    }

    /**
     * Sets a JSON schema that each answer must match.
     *
     * @param schema the schema, as text
     * @return a changed copy
     * @throws dev.skald.runtime.error.GrammarException if the schema is invalid or demands something unsupported
     */
    public SkaldSpec jsonSchema(String schema) {
        // Compiled here only so that the driver reports a mistake, and not each of the tasks.
        Grammar.jsonSchema(Objects.requireNonNull(schema, "schema"), JsonStyle.COMPACT);
        SkaldSpec copy = new SkaldSpec(this);
        copy.jsonSchema = schema;
        return copy;
    }

    /**
     * Sets the column that identifies rows. A row's seed depends on it. So, if answers are sampled, rows with the same
     * text may have different answers, and a row has the same answer when its task runs again.
     *
     * @param column the name of the column; without one, the text is the key
     * @return a changed copy
     */
    public SkaldSpec key(String column) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.key = Objects.requireNonNull(column, "column");
        return copy;
    }

    /**
     * Sets how the rows of a text become one vector.
     *
     * @param value the pooling; by default, what the model's file says
     * @return a changed copy
     */
    public SkaldSpec pooling(Pooling value) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.pooling = Objects.requireNonNull(value, "value");
        return copy;
    }

    /** Returns the seed of a row: FNV-1a of its key, mixed with the specification's seed. */
    long seedOf(String rowKey) {
        long hash = 0xcbf29ce484222325L ^ seed;
        for (int i = 0; i < rowKey.length(); i++) {
            hash = (hash ^ rowKey.charAt(i)) * 0x100000001b3L;
        }
        // Seeds must not be negative.
        return hash >>> 1;
    }

    private static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + "=" + value + " is less than " + least);
        }
        return value;
    }
}
