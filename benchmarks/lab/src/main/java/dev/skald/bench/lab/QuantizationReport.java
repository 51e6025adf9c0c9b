package dev.skald.bench.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The size, loss and speed of a model's quantizations, measured on this machine with one text.
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
 * @param text the name of the text
 * @param context the number of tokens in a chunk
 * @param chunks the maximum number of chunks
 * @param machine processor, threads, Java and kernels
 * @param importance the importance matrix; empty without one
 * @param promptTokens the length of the timed prompt
 * @param generatedTokens the number of timed generated tokens
 * @param under the size below which the best type is recommended, in bytes
 * @param source the measurements of the source
 * @param types the measurements of each type, in the order of the options
 * @param missing the types that are not measured yet
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
     * @param settings changes the default options; the model, the text and the folder must be set
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
     * @param folder the folder, created if it does not exist
     * @return the page
     * @throws java.nio.file.FileAlreadyExistsException if such files exist that were not made by a lab
     * @throws IOException if writing fails
     */
    public Path write(Path folder) throws IOException {
        return write(folder, false);
    }

    /**
     * Writes the report, like {@link #write(Path)}.
     *
     * @param folder the folder, created if it does not exist
     * @param overwrite whether to replace files that were not made by a lab
     * @return the page
     * @throws java.nio.file.FileAlreadyExistsException if files exist that may not be replaced
     * @throws IOException if writing fails
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
