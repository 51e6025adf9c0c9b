package dev.skald.bench.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a model's quantizations lose, take and gain, measured on this machine with one text.
 *
 * {@snippet :
 * QuantizationReport report = QuantizationReport.measure(lab -> lab.model(Path.of("model-F16.gguf"))
 *         .text("wiki.txt", Files.readString(Path.of("wiki.txt")))
 *         .folder(Path.of("report")));
 * report.write(Path.of("report"));
 * report.recommendations().forEach(System.out::println);
 * }
 *
 * @param model what the source calls itself; its file's name if it does not say
 * @param file the source's file name
 * @param text what the text is called
 * @param context tokens of a chunk
 * @param chunks how many at most
 * @param machine processor, threads, Java and kernels
 * @param importance the importance matrix; empty without one
 * @param promptTokens how long the timed prompt is
 * @param generatedTokens how many generated tokens are timed
 * @param under the size under which the best type is named, in bytes
 * @param source what was measured of the source
 * @param types what was measured of each type, in the order asked for
 * @param missing the types that were asked for and are not measured yet
 */
public record QuantizationReport(
        String model,
        String file,
        String text,
        int context,
        int chunks,
        String machine,
        String importance,
        int promptTokens,
        int generatedTokens,
        long under,
        Measured source,
        List<Measured> types,
        List<String> missing) {

    /**
     * Quantizes and measures. Results of an earlier run with the same settings are used again, so a lab that was stopped or
     * killed continues where it was. After each type but the last, the report on those finished is written to the folder.
     *
     * @param settings changes the options it is given; the model, the text and the folder have to be set
     * @return the report on all types, which the caller writes
     * @throws IllegalArgumentException if an option is missing, a type needs an importance matrix or the text is too short;
     *     the types are checked before any of them is made
     * @throws dev.skald.gguf.GgufFormatException if the model is not a valid GGUF file
     * @throws dev.skald.runtime.error.UnsupportedModelException if Skald does not run the model
     * @throws IOException if a file cannot be read or written
     * @throws InterruptedException if the thread is interrupted while speed is measured
     */
    public static QuantizationReport measure(Consumer<LabOptions> settings) throws IOException, InterruptedException {
        LabOptions options = new LabOptions();
        settings.accept(options);
        try (Lab lab = new Lab(options)) {
            return lab.measure();
        }
    }

    /**
     * What to choose: the smallest type that stays close to the source, the fastest usable one, and the best below the size
     * asked for. Divergence and agreement decide, and only beyond the noise of the measurement.
     *
     * @return three texts, each a heading, a colon and sentences; none if no type was measured
     */
    public List<String> recommendations() {
        return Recommendations.of(this);
    }

    /**
     * Writes the report as {@code index.html}, {@code report.md} and {@code report.json}. The page needs no other file. An
     * earlier report is replaced.
     *
     * @param folder where, made if it is not there
     * @return the page
     * @throws java.nio.file.FileAlreadyExistsException if there are such files that no lab has made
     * @throws IOException if that fails
     */
    public Path write(Path folder) throws IOException {
        return write(folder, false);
    }

    /**
     * Writes the report, as {@link #write(Path)} does.
     *
     * @param folder where, made if it is not there
     * @param overwrite whether files that no lab has made are replaced
     * @return the page
     * @throws java.nio.file.FileAlreadyExistsException if there are files that may not be replaced
     * @throws IOException if that fails
     */
    public Path write(Path folder, boolean overwrite) throws IOException {
        LabFolder files = new LabFolder(folder);
        files.check(files.report(), overwrite, List.of());
        Notebook.write(files.json(), Notebook.JSON.writeValueAsBytes(json()));
        Notebook.write(files.markdown(), MarkdownPage.of(this).getBytes(StandardCharsets.UTF_8));
        Notebook.write(files.page(), HtmlPage.of(this).getBytes(StandardCharsets.UTF_8));
        return files.page();
    }

    private Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("recommendations", recommendations());
        json.put("report", this);
        return json;
    }
}
