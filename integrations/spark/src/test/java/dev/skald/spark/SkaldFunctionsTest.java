package dev.skald.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.generate.Generation;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In one JVM: what the functions add to rows. */
class SkaldFunctionsTest {
    @TempDir
    static Path folder;

    private static SparkSession spark;
    private static SkaldSpec spec;

    @BeforeAll
    static void start() {
        spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
        spec = SkaldSpec.of(Texts.model(folder).toString()).maxTokens(12);
    }

    @AfterAll
    static void stop() {
        spark.stop();
        SkaldFunctions.closeModels();
    }

    private static Dataset<Row> rows(Object... texts) {
        List<Row> rows = IntStream.range(0, texts.length)
                .mapToObj(id -> RowFactory.create((long) id, texts[id]))
                .toList();
        return spark.createDataFrame(rows, Texts.SCHEMA).coalesce(1);
    }

    @Test
    void answersAreThoseOfAChat() throws Exception {
        List<Row> answered = SkaldFunctions.generate(Texts.rows(spark, 40, 4), "text", "answer", spec)
                .collectAsList();
        assertEquals(40, answered.size());
        try (Model model = Model.open(Path.of(spec.model))) {
            for (Row row : answered) {
                Row answer = row.getAs("answer");
                try (Chat chat = model.newChat();
                        Generation wanted = chat.send(
                                row.<String>getAs("text"), g -> g.maxTokens(12).greedy())) {
                    assertEquals(wanted.wholeText(), answer.<String>getAs("text"));
                    assertEquals(wanted.result().generatedTokens(), answer.<Integer>getAs("output_tokens"));
                }
                assertNull(answer.getAs("error"));
                assertTrue(List.of("end", "max_tokens").contains(answer.<String>getAs("finish")));
            }
        }
    }

    @Test
    void oneBadRowDoesNotStopTheOthers() {
        List<Row> answered = SkaldFunctions.generate(
                        rows("Hei!", null, "ord ".repeat(5000), "Hei!"), "text", "answer", spec)
                .collectAsList();
        assertEquals(
                List.of(0L, 1L, 2L, 3L),
                answered.stream().map(row -> row.<Long>getAs("id")).toList());
        assertNull(answered.get(1).getAs("answer"));
        Row long_ = answered.get(2).getAs("answer");
        assertNull(long_.getAs("text"));
        assertTrue(long_.<String>getAs("error").contains("context"), long_.toString());
        assertEquals(answered.get(0).<Row>getAs("answer"), answered.get(3).<Row>getAs("answer"));
    }

    @Test
    void aSeedBelongsToARowsKey() {
        Dataset<Row> same = rows("Fortell noe.", "Fortell noe.", "Fortell noe.", "Fortell noe.");
        // The model is sure of its answers, so chance gets much room.
        SkaldSpec warm = spec.raw().temperature(5).maxTokens(20);
        List<String> byText = texts(SkaldFunctions.generate(same, "text", "answer", warm));
        assertEquals(1, byText.stream().distinct().count(), "the text is the key");
        List<String> byId = texts(SkaldFunctions.generate(same, "text", "answer", warm.key("id")));
        assertTrue(byId.stream().distinct().count() > 1, byId.toString());
        assertEquals(
                byId,
                texts(SkaldFunctions.generate(
                        same, "text", "answer", warm.key("id").parallel(1))));
        assertNotEquals(
                byId,
                texts(SkaldFunctions.generate(
                        same, "text", "answer", warm.key("id").seed(7))));
    }

    private static List<String> texts(Dataset<Row> rows) {
        return rows.collectAsList().stream()
                .map(row -> row.<Row>getAs("answer").<String>getAs("text"))
                .toList();
    }

    @Test
    void anAnswerFitsASchema() {
        Row answer = SkaldFunctions.generate(
                        rows("Hei!"),
                        "text",
                        "answer",
                        spec.jsonSchema("{\"type\":\"object\",\"properties\":{\"n\":{\"enum\":[1,2]}},"
                                + "\"required\":[\"n\"],\"additionalProperties\":false}"))
                .first()
                .getAs("answer");
        assertTrue(List.of("{\"n\":1}", "{\"n\":2}").contains(answer.<String>getAs("text")), answer.toString());
    }

    @Test
    void aLabelIsOneOfThoseAskedFor() {
        List<Row> labelled = SkaldFunctions.classify(
                        rows("Hei!", null), "text", List.of("ja", "nei", "kanskje"), "label", spec)
                .collectAsList();
        Row label = labelled.get(0).getAs("label");
        assertTrue(List.of("ja", "nei", "kanskje").contains(label.<String>getAs("label")));
        double probability = label.<Double>getAs("probability");
        assertTrue(probability >= 1.0 / 3 && probability <= 1, label.toString());
        assertNull(labelled.get(1).getAs("label"));
    }

    @Test
    void vectorsAreThoseOfAnEmbedder() throws Exception {
        List<Row> embedded = SkaldFunctions.embed(rows("Hei!", null), "text", "vector", spec.pooling(Pooling.MEAN))
                .collectAsList();
        Row vector = embedded.get(0).getAs("vector");
        assertNull(embedded.get(1).getAs("vector"));
        try (Model model = Model.open(Path.of(spec.model))) {
            float[] wanted = model.newEmbedder(o -> o.pooling(Pooling.MEAN))
                    .embed("Hei!")
                    .vector();
            List<Float> found = vector.getList(vector.fieldIndex("vector"));
            assertEquals(wanted.length, found.size());
            for (int i = 0; i < wanted.length; i++) {
                assertEquals(wanted[i], found.get(i));
            }
        }
    }

    @Test
    void sqlKnowsTheFunctions() {
        SkaldFunctions.register(spark, spec);
        rows("Hva er hovedstaden i Norge?", null).createOrReplaceTempView("questions");
        List<Row> answered = spark.sql(
                        "SELECT skald_generate(text).text, skald_classify(text, array('ja', 'nei')).label"
                                + " FROM questions ORDER BY id")
                .collectAsList();
        assertEquals(
                texts(SkaldFunctions.generate(rows("Hva er hovedstaden i Norge?"), "text", "answer", spec))
                        .get(0),
                answered.get(0).getString(0));
        assertTrue(List.of("ja", "nei").contains(answered.get(0).getString(1)));
        assertTrue(answered.get(1).isNullAt(0));
    }

    @Test
    void aModelThatIsNotThereFailsTheTaskAndIsNamed() {
        Dataset<Row> rows = SkaldFunctions.generate(rows("Hei!"), "text", "answer", SkaldSpec.of("/nowhere/x.gguf"));
        SparkException e = assertThrows(SparkException.class, rows::collectAsList);
        assertTrue(
                e.toString().contains("/nowhere/x.gguf")
                        || e.getCause().toString().contains("/nowhere/x.gguf"),
                e::toString);
    }

    @Test
    void aColumnThatCannotBeUsedIsNamed() {
        Dataset<Row> rows = rows("Hei!");
        String none = assertThrows(
                        IllegalArgumentException.class, () -> SkaldFunctions.generate(rows, "txt", "answer", spec))
                .getMessage();
        assertEquals("there is no column txt; there are id, text", none);
        String number = assertThrows(
                        IllegalArgumentException.class, () -> SkaldFunctions.generate(rows, "id", "answer", spec))
                .getMessage();
        assertEquals("column id is no text but bigint", number);
        assertThrows(IllegalArgumentException.class, () -> SkaldFunctions.generate(rows, "text", "id", spec));
        assertThrows(
                IllegalArgumentException.class,
                () -> SkaldFunctions.classify(rows, "text", List.of("ja"), "label", spec));
        assertThrows(
                IllegalArgumentException.class,
                () -> SkaldFunctions.classify(rows, "text", List.of("ja", " "), "label", spec));
        assertThrows(IllegalArgumentException.class, () -> spec.jsonSchema("{\"type\":\"strin\"}"));
        assertThrows(IllegalArgumentException.class, () -> spec.temperature(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> spec.parallel(0));
        assertFalse(rows.isEmpty());
    }
}
