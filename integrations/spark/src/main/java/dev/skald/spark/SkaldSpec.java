package dev.skald.spark;

import java.io.Serial;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * Which model reads the rows, and how. It is what Spark sends to its executors: a few words, never weights. Each method returns a
 * changed copy.
 *
 * <p>Two rows with the same text and the same key get the same answer, on any number of executors, and when a task runs again.
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
    }

    /**
     * A model with the defaults: answers of at most 256 tokens, the most probable token each time.
     *
     * @param model a GGUF file that every executor can read under this path
     * @return the specification
     */
    public static SkaldSpec of(String model) {
        return new SkaldSpec(Objects.requireNonNull(model, "model"));
    }

    /**
     * Threads that compute in an executor.
     *
     * @param count by default, and for 0, one for each core that Spark gives to the executor
     * @return a changed copy
     */
    public SkaldSpec threads(int count) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.threads = atLeast("threads", count, 0);
        return copy;
    }

    /**
     * The longest text that a row may have, with its answer.
     *
     * @param tokens at least 1; 2048 by default. A row that needs more gets an error
     * @return a changed copy
     */
    public SkaldSpec contextLength(int tokens) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.contextLength = atLeast("contextLength", tokens, 1);
        return copy;
    }

    /**
     * Rows of a task that are computed together. The rows of all tasks of an executor form one batch.
     *
     * @param rows at least 1; 8 by default
     * @return a changed copy
     */
    public SkaldSpec parallel(int rows) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.parallel = atLeast("parallel", rows, 1);
        return copy;
    }

    /**
     * The system message before each row's text.
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
     * The longest answer.
     *
     * @param count tokens, at least 1; 256 by default
     * @return a changed copy
     */
    public SkaldSpec maxTokens(int count) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.maxTokens = atLeast("maxTokens", count, 1);
        return copy;
    }

    /**
     * How much chance decides.
     *
     * @param value at least 0; 0, the default, always takes the most probable token
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
     * The seed that each row's own seed is made of, with its key.
     *
     * @param value any number; 0 by default
     * @return a changed copy
     */
    public SkaldSpec seed(long value) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.seed = value;
        return copy;
    }

    /**
     * Texts that end an answer. They are not part of it.
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
     * A JSON schema that each answer fits.
     *
     * @param schema the schema, as text
     * @return a changed copy
     */
    public SkaldSpec jsonSchema(String schema) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.jsonSchema = Objects.requireNonNull(schema, "schema");
        return copy;
    }

    /**
     * The column that tells rows apart. A row's seed depends on it, so that rows with the same text may get different answers if chance
     * decides, and each row gets the same one again if its task runs again.
     *
     * @param column its name; without it the text is the key
     * @return a changed copy
     */
    public SkaldSpec key(String column) {
        SkaldSpec copy = new SkaldSpec(this);
        copy.key = Objects.requireNonNull(column, "column");
        return copy;
    }

    /** The seed of a row: FNV-1a of its key, mixed with the specification's seed. */
    long seedOf(String rowKey) {
        long hash = 0xcbf29ce484222325L ^ seed;
        for (int i = 0; i < rowKey.length(); i++) {
            hash = (hash ^ rowKey.charAt(i)) * 0x100000001b3L;
        }
        // Sampling takes seeds from 0.
        return hash >>> 1;
    }

    private static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + "=" + value + " is less than " + least);
        }
        return value;
    }
}
