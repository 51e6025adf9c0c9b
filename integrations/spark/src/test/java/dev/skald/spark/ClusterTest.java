package dev.skald.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * On a cluster of a master and two workers, each a process of its own. With a number of rows as {@code skald.spark.rows}, it prints
 * how fast they were computed.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the cluster's folder of jars is made of symbolic links")
class ClusterTest {
    private static final int ROWS = Integer.getInteger("skald.spark.rows", 400);
    private static final int PARTITIONS = 20;

    @Test
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void aKilledExecutorChangesNoRow(@TempDir Path folder) throws Exception {
        SkaldSpec spec = SkaldSpec.of(Texts.model(folder).toString())
                .maxTokens(12)
                .temperature(1)
                .seed(5)
                .key("id");
        long begun = System.nanoTime();
        List<Row> wanted = alone(spec);
        long alone = System.nanoTime() - begun;

        AtomicInteger answered = new AtomicInteger();
        AtomicBoolean killed = new AtomicBoolean();
        AtomicInteger lost = new AtomicInteger();
        try (Cluster cluster = new Cluster(folder, 2);
                SparkSession spark = cluster.connect()) {
            spark.sparkContext().addSparkListener(new SparkListener() {
                @Override
                public void onTaskEnd(SparkListenerTaskEnd task) {
                    if (task.reason() instanceof ExecutorLostFailure) {
                        lost.incrementAndGet();
                    }
                    // The others distribute the rows.
                    boolean computes = task.taskType().equals("ResultTask");
                    if (computes && answered.incrementAndGet() == PARTITIONS / 2 && cluster.killAnExecutor()) {
                        killed.set(true);
                    }
                }
            });
            begun = System.nanoTime();
            List<Row> rows = SkaldFunctions.generate(Texts.rows(spark, ROWS, PARTITIONS), "text", "answer", spec)
                    .collectAsList();
            long clustered = System.nanoTime() - begun;

            assertTrue(killed.get(), "no executor was killed");
            assertTrue(lost.get() > 0, "no task was lost");
            assertEquals(ROWS, rows.size());
            for (Row row : rows) {
                assertEquals(wanted.get(row.<Long>getAs("id").intValue()), row.<Row>getAs("answer"), row::toString);
            }
            if (System.getProperty("skald.spark.rows") != null) {
                System.out.printf(
                        "%d rows: %.0f per second on the cluster, %.0f in one JVM without Spark%n",
                        ROWS, 1e9 * ROWS / clustered, 1e9 * ROWS / alone);
            }
        }
    }

    /** The answers without Spark. */
    private static List<Row> alone(SkaldSpec spec) throws Exception {
        List<Row> answers = new ArrayList<>();
        try (Model model = Model.open(Path.of(spec.model));
                ExecutorService threads = Executors.newFixedThreadPool(spec.parallel)) {
            GenerateRow work = new GenerateRow(spec);
            List<Future<Row>> results = new ArrayList<>();
            for (long id = 0; id < ROWS; id++) {
                String text = Texts.text(id);
                String key = Long.toString(id);
                results.add(threads.submit(() -> work.run(model, text, key)));
            }
            for (Future<Row> result : results) {
                answers.add(result.get());
            }
        }
        return answers;
    }
}
