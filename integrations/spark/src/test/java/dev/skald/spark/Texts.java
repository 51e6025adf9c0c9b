package dev.skald.spark;

import dev.skald.tiny.TinyModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Rows for tests, and the bundled model as a file. */
final class Texts {
    static final StructType SCHEMA =
            new StructType().add("id", DataTypes.LongType).add("text", DataTypes.StringType);

    private static final List<String> PLACES = List.of("Norge", "Sverige", "Danmark", "Finland", "Island");

    private Texts() {}

    static Path model(Path folder) {
        try {
            return Files.write(folder.resolve("tiny.gguf"), TinyModel.gguf());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(long id) {
        return "Hva er hovedstaden i " + PLACES.get((int) (id % PLACES.size())) + "? (" + id + ")";
    }

    static Dataset<Row> rows(SparkSession spark, int count, int partitions) {
        List<Row> rows = IntStream.range(0, count)
                .mapToObj(id -> RowFactory.create((long) id, text(id)))
                .toList();
        return spark.createDataFrame(rows, SCHEMA).repartition(partitions);
    }
}
