package dev.skald.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** On a cluster of a master and two workers, each a process of its own. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the cluster's folder of jars is made of symbolic links")
class ClusterTest {
    private static final int ROWS = Integer.getInteger("skald.spark.rows", 400);
    private static final int PARTITIONS = 20;

    @Test
    @Timeout(600)
    void aKilledExecutorChangesNoRow(@TempDir Path folder) throws Exception {
        SkaldSpec spec = SkaldSpec.of(Texts.model(folder).toString())
                .maxTokens(12)
                .temperature(1)
                .seed(5)
                .key("id");
        Map<Long, String> wanted = alone(spec);

        AtomicInteger ended = new AtomicInteger();
        AtomicBoolean killed = new AtomicBoolean();
        AtomicInteger removed = new AtomicInteger();
        try (Cluster cluster = new Cluster(folder, 2);
                SparkSession spark = cluster.connect()) {
            spark.sparkContext().addSparkListener(new SparkListener() {
                @Override
                public void onTaskEnd(SparkListenerTaskEnd task) {
                    // Spark ends tasks of its own when it distributes the rows; some of the model's have ended too.
                    if (ended.incrementAndGet() == PARTITIONS / 2 && cluster.killAnExecutor()) {
                        killed.set(true);
                    }
                }

                @Override
                public void onExecutorRemoved(SparkListenerExecutorRemoved executor) {
                    removed.incrementAndGet();
                }
            });
            List<Row> rows = SkaldFunctions.generate(Texts.rows(spark, ROWS, PARTITIONS), "text", "answer", spec)
                    .collectAsList();

            assertTrue(killed.get(), "no executor was killed");
            assertTrue(removed.get() > 0, "Spark did not lose an executor");
            assertEquals(ROWS, rows.size());
            for (Row row : rows) {
                assertEquals(
                        wanted.get(row.<Long>getAs("id")),
                        row.<Row>getAs("answer").<String>getAs("text"),
                        () -> row.toString());
            }
        }
    }

    /** The answers without Spark. */
    private static Map<Long, String> alone(SkaldSpec spec) throws Exception {
        Map<Long, String> answers = new ConcurrentHashMap<>();
        try (Model model = Model.open(Path.of(spec.model))) {
            LongStream.range(0, ROWS).parallel().forEach(id -> {
                Row answer = new GenerateRow(spec).run(model, Texts.text(id), Long.toString(id));
                answers.put(id, answer.getString(0));
            });
        }
        return answers;
    }
}
