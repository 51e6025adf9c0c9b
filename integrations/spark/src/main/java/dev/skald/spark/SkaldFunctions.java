package dev.skald.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Applies a model to the rows of a {@code Dataset}, or provides it as SQL functions.
 *
 * <p>Each executor opens the model once, at its first row, and keeps it. The rows of all its tasks are computed
 * together in batches; answers do not depend on the other rows of a batch. Weights, keys and values are outside the
 * Java heap: set {@code spark.executor.memoryOverhead} to the size of the model's file plus some room for the texts.
 *
 * <p>A row whose text cannot be answered has a null result and the reason in {@code error}; the other rows continue. A
 * row whose text is null has neither. A model that cannot be opened fails the task.
 */
public final class SkaldFunctions {
    /** The result of {@link #generate}: a struct of {@code text, finish, prompt_tokens, output_tokens, error}. */
    public static final StructType ANSWER = new StructType()
            .add("text", DataTypes.StringType)
            .add("finish", DataTypes.StringType)
            .add("prompt_tokens", DataTypes.IntegerType)
            .add("output_tokens", DataTypes.IntegerType)
            .add("error", DataTypes.StringType);

    /** The result of {@link #embed}: a struct of {@code vector, tokens, truncated, error}. */
    public static final StructType EMBEDDING = new StructType()
            .add("vector", DataTypes.createArrayType(DataTypes.FloatType, false))
            .add("tokens", DataTypes.IntegerType)
            .add("truncated", DataTypes.BooleanType)
            .add("error", DataTypes.StringType);

    /** The result of {@link #classify}: a struct of {@code label, probability, error}. */
    public static final StructType LABEL = new StructType()
            .add("label", DataTypes.StringType)
            .add("probability", DataTypes.DoubleType)
            .add("error", DataTypes.StringType);

    private SkaldFunctions() {}

    /**
     * Answers each row's text.
     *
     * @param rows the rows
     * @param column the column of their texts
     * @param result the column to add, an {@link #ANSWER}
     * @param spec the model and how it answers
     * @return the rows, in their order, with the answer
     * @throws IllegalArgumentException if there is no such column, it is no text, or the result's column is there
     *     already
     */
    public static Dataset<Row> generate(Dataset<Row> rows, String column, String result, SkaldSpec spec) {
        return map(rows, column, result, ANSWER, spec, new GenerateRow(spec));
    }

    /**
     * Turns each row's text into a vector, with an embedding model.
     *
     * @param rows the rows
     * @param column the column of their texts
     * @param result the column to add, an {@link #EMBEDDING}
     * @param spec the model and its pooling; settings for answers have no effect
     * @return the rows, in their order, with the vector
     * @throws IllegalArgumentException if there is no such column, it is no text, or the result's column is there
     *     already
     */
    public static Dataset<Row> embed(Dataset<Row> rows, String column, String result, SkaldSpec spec) {
        return map(rows, column, result, EMBEDDING, spec, new EmbedRow(spec));
    }

    /**
     * Finds the label that fits each row's text best, and its probability among the labels. A label that begins with
     * another one, such as {@code no comment} and {@code no}, is never more probable than that one.
     *
     * @param rows the rows
     * @param column the column of their texts
     * @param labels at least two labels, in the words of a model's answer
     * @param result the column to add, a {@link #LABEL}
     * @param spec the model and its system message
     * @return the rows, in their order, with the label
     * @throws IllegalArgumentException if there is no such column, it is no text, the result's column is there already,
     *     or the labels are fewer than two, blank or not all different
     */
    public static Dataset<Row> classify(
            Dataset<Row> rows, String column, List<String> labels, String result, SkaldSpec spec) {
        return map(rows, column, result, LABEL, spec, new ClassifyRow(spec, labels));
    }

    /**
     * Registers {@code skald_generate(text)}, {@code skald_embed(text)} and {@code skald_classify(text, array('a',
     * 'b'))} as SQL functions. They return the columns that the methods of the same name add. Here, a task processes
     * one row at a time; {@link #generate} processes several, and is faster.
     *
     * @param spark the session
     * @param spec the model and how it answers; the text is the key
     */
    public static void register(SparkSession spark, SkaldSpec spec) {
        RowWork generate = new GenerateRow(spec);
        RowWork embed = new EmbedRow(spec);
        spark.udf().register("skald_generate", (UDF1<String, Row>) text -> one(spec, generate, text), ANSWER);
        spark.udf().register("skald_embed", (UDF1<String, Row>) text -> one(spec, embed, text), EMBEDDING);
        spark.udf()
                .register(
                        "skald_classify",
                        (UDF2<String, Seq<String>, Row>) (text, labels) ->
                                one(spec, new ClassifyRow(spec, CollectionConverters.asJava(labels)), text),
                        LABEL);
    }

    /**
     * Closes the models that this JVM has opened, once their computations have ended. The end of an executor does the
     * same.
     */
    public static void closeModels() {
        ExecutorModels.close();
    }

    private static Row one(SkaldSpec spec, RowWork work, String text) {
        return text == null ? null : work.run(ExecutorModels.open(spec), text, text);
    }

    private static Dataset<Row> map(
            Dataset<Row> rows, String column, String result, StructType type, SkaldSpec spec, RowWork work) {
        StructType schema = rows.schema();
        int text = field(schema, column);
        if (!(schema.fields()[text].dataType() instanceof StringType)) {
            throw new IllegalArgumentException("column " + column + " is no text but "
                    + schema.fields()[text].dataType().simpleString());
        }
        int key = spec.key == null ? text : field(schema, spec.key);
        if (Arrays.asList(schema.fieldNames()).contains(Objects.requireNonNull(result, "result"))) {
            throw new IllegalArgumentException("there is a column " + result + " already; name the result otherwise");
        }
        List<StructField> fields = new ArrayList<>(List.of(schema.fields()));
        fields.add(DataTypes.createStructField(result, type, true));
        MapPartitionsFunction<Row, Row> each = partition -> new PartitionRows(partition, text, key, spec, work);
        return rows.mapPartitions(each, Encoders.row(DataTypes.createStructType(fields)));
    }

    private static int field(StructType schema, String name) {
        int index = Arrays.asList(schema.fieldNames()).indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "there is no column " + name + "; there are " + String.join(", ", schema.fieldNames()));
        }
        return index;
    }
}
