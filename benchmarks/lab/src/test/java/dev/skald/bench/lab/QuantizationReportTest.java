package dev.skald.bench.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.bench.ModelShape;
import dev.skald.bench.SyntheticModel;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.runtime.quantize.Mixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizationReportTest {
    @TempDir
    static Path models;

    static Path source;
    static Path folder;
    static QuantizationReport report;

    @BeforeAll
    static void measure() throws Exception {
        source = models.resolve("tiny.gguf");
        new SyntheticModel(ModelShape.named("tiny"), Mixture.F16, false).write(source, 1, written -> {});
        folder = models.resolve("lab");
        report = run(new ArrayList<>());
        report.write(folder);
    }

    private static QuantizationReport run(List<String> steps) throws IOException, InterruptedException {
        return QuantizationReport.measure(
                lab -> settings(lab, folder).progress((type, step) -> steps.add(type + ": " + step)));
    }

    private static LabOptions settings(LabOptions lab, Path folder) {
        return lab.model(source)
                .text("bok", "Det var en gang en skald som sang. ".repeat(20))
                .folder(folder)
                .types(List.of(Candidate.named("q8_0"), Candidate.named("Q4_0:pure")))
                .reading(16, 4)
                .timing(8, 4, 1, 0);
    }

    @Test
    void everythingIsMeasured() {
        assertEquals(
                List.of("Q8_0", "Q4_0-pure"),
                report.types().stream().map(Measured::name).toList());
        for (Measured type : report.types()) {
            assertTrue(type.quality().kl() < 10 && type.quality().sameTop() <= 1, type.toString());
            assertTrue(type.speed().generation() > 0 && type.speed().prompt() > 0, type.toString());
            assertTrue(type.size().bytes() < report.source().size().bytes(), type.toString());
        }
        assertTrue(report.types().get(0).quality().kl()
                < report.types().get(1).quality().kl());
    }

    /** By the definition, tensor for tensor, from the two files. */
    @Test
    void theErrorIsThatOfTheWeights() throws IOException {
        try (GgufFile before = GgufFile.open(source);
                GgufFile after = GgufFile.open(folder.resolve("models/Q4_0-pure.gguf"))) {
            float[] x = weights(before, "blk.0.ffn_down.weight");
            float[] y = weights(after, "blk.0.ffn_down.weight");
            double lost = 0;
            for (int i = 0; i < x.length; i++) {
                lost += Math.pow((double) x[i] - y[i], 2);
            }
            Measured.TensorError error = report.types().get(1).errors().stream()
                    .filter(one -> one.tensor().equals("blk.0.ffn_down.weight"))
                    .findFirst()
                    .orElseThrow();
            assertEquals(Math.sqrt(lost / x.length), error.rmse(), 1e-12);
            assertEquals("Q4_0", error.type());
            assertEquals(x.length, error.weights());
        }
    }

    private static float[] weights(GgufFile file, String name) {
        TensorInfo tensor = file.tensor(name).orElseThrow();
        float[] weights = new float[(int) tensor.elements()];
        QuantFormats.of(tensor.type()).decode(file.data(tensor), 0, weights, 0, weights.length);
        return weights;
    }

    @Test
    void whatIsMeasuredIsNotMeasuredAgain() throws Exception {
        List<String> steps = new ArrayList<>();
        assertEquals(report, run(steps));
        assertEquals(List.of(), steps);
    }

    /** As a lab leaves it that is killed while it measures the second type. */
    @Test
    void aLabGoesOnWhereItWasStopped() throws Exception {
        Path notes = folder.resolve("measured/Q4_0-pure.json");
        String before = Files.readString(notes);
        Files.writeString(notes, before.substring(0, before.length() / 2));
        List<String> steps = new ArrayList<>();
        run(steps);
        assertTrue(steps.contains("Q4_0-pure: quantizing"), steps.toString());
        assertFalse(steps.toString().contains("Q8_0"), steps.toString());
        Files.writeString(notes, before);
    }

    /** As a lab leaves its folder that is stopped in the middle. */
    @Test
    void whatIsFinishedIsInAReport() throws Exception {
        Path stopped = models.resolve("stopped");
        assertThrows(
                IllegalStateException.class,
                () -> QuantizationReport.measure(lab -> settings(lab, stopped).progress((type, step) -> {
                    if (type.equals("Q4_0-pure")) {
                        throw new IllegalStateException("stopped");
                    }
                })));
        String page = Files.readString(stopped.resolve("index.html"));
        assertTrue(page.contains("Not measured yet: Q4_0-pure."), page);
        assertTrue(page.contains("<tr><th>Q8_0</th>"), page);
    }

    @Test
    void missingImportanceIsSaidBeforeAnythingIsMade() throws Exception {
        Path none = models.resolve("none");
        List<String> steps = new ArrayList<>();
        IllegalArgumentException missing = assertThrows(
                IllegalArgumentException.class,
                () -> QuantizationReport.measure(lab -> settings(lab, none)
                        .types(List.of(Candidate.named("Q8_0"), Candidate.named("IQ2_XS"), Candidate.named("IQ1_S")))
                        .progress((type, step) -> steps.add(step))));
        assertTrue(missing.getMessage().startsWith("IQ2_XS, IQ1_S need an importance matrix"), missing.getMessage());
        assertEquals(List.of(), steps);
        try (Stream<Path> files = Files.list(none)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void thePageNeedsNothingElse() throws IOException {
        String page = Files.readString(folder.resolve("index.html"));
        assertFalse(page.contains("<script") || page.contains("src=") || page.contains("@import"), "something else");
        // Each for wide and for narrow screens.
        assertEquals(6, page.split("<svg ", -1).length - 1);
        assertTrue(page.contains("Q4_0-pure") && page.contains("tiny.gguf") && page.contains("<h1>"));
    }

    @Test
    void markdownAndJsonSayTheSame() throws IOException {
        String markdown = Files.readString(folder.resolve("report.md"));
        JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("report.json")));
        assertEquals(3, json.path("recommendations").size());
        for (JsonNode sentence : json.path("recommendations")) {
            assertTrue(markdown.contains(sentence.asText().split(":")[0]), sentence.asText());
        }
        assertTrue(json.at("/report/types/1/quality/kl").isNumber(), json.toString());
        assertTrue(markdown.lines().anyMatch(line -> line.startsWith("| Q8_0 |")), markdown);
    }

    @Test
    void nothingHalfWrittenIsLeft() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().endsWith(".part")).toList());
        }
    }
}
