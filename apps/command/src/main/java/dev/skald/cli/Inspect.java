package dev.skald.cli;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.TensorInfo;
import dev.skald.gguf.io.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code skald inspect}: shows what a file contains, and what Skald can do with it. */
@Command(name = "inspect", description = "Show a model file's metadata and tensors, and whether Skald can run it.")
final class Inspect implements Callable<Integer> {
    private final Streams streams;

    @ArgGroup(multiplicity = "1")
    private Named named;

    private static final class Named {
        @Parameters(
                paramLabel = "MODEL",
                converter = NamedModel.Converter.class,
                description =
                        "A GGUF file (any part of a split one), or a name on Hugging Face such as org/repo:Q4_K_M.")
        private NamedModel file;

        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                converter = NamedModel.Converter.class,
                description = "The same, as other commands have it.")
        private NamedModel model;
    }

    @Option(names = "--json", description = "Print JSON instead of text.")
    private boolean json;

    Inspect(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        try (GgufFile gguf = GgufFile.open((named.file == null ? named.model : named.file).file())) {
            if (json) {
                Json.print(streams.out(), describe(gguf));
            } else {
                printText(gguf);
            }
        }
        return 0;
    }

    private record Total(GgmlType type, long tensors, long weights, long bytes) {
        Total plus(TensorInfo tensor) {
            return new Total(type, tensors + 1, weights + tensor.elements(), bytes + tensor.bytes());
        }
    }

    private static List<Total> totals(GgufFile gguf) {
        Map<GgmlType, Total> totals = new EnumMap<>(GgmlType.class);
        for (TensorInfo tensor : gguf.tensors()) {
            totals.merge(
                    tensor.type(),
                    new Total(tensor.type(), 1, tensor.elements(), tensor.bytes()),
                    (sum, one) -> sum.plus(tensor));
        }
        return List.copyOf(totals.values());
    }

    private static Map<String, Object> describe(GgufFile gguf) throws IOException {
        Map<String, Object> metadata = new LinkedHashMap<>();
        GgufMetadata source = gguf.metadata();
        for (String key : source.keys()) {
            metadata.put(key, MetadataValue.of(source, key).forJson());
        }
        List<Map<String, Object>> tensors = new ArrayList<>();
        for (TensorInfo tensor : gguf.tensors()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", tensor.name());
            one.put("type", tensor.type());
            one.put("shape", tensor.shape());
            one.put("part", tensor.part());
            one.put("offset", tensor.offset());
            one.put("bytes", tensor.bytes());
            tensors.add(one);
        }
        List<Map<String, Object>> totals = new ArrayList<>();
        for (Total total : totals(gguf)) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("type", total.type());
            one.put("tensors", total.tensors());
            one.put("weights", total.weights());
            one.put("bytes", total.bytes());
            totals.add(one);
        }
        Support support = Support.of(gguf);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("file", gguf.path().toString());
        all.put("parts", gguf.parts().stream().map(Path::toString).toList());
        all.put("version", gguf.version());
        all.put("alignment", gguf.alignment());
        all.put("bytes", gguf.bytes());
        all.put("metadata", metadata);
        all.put("tensors", tensors);
        all.put("totals", totals);
        Map<String, Object> skald = new LinkedHashMap<>();
        skald.put("can", support.can());
        skald.put("missing", support.missing());
        all.put("skald", skald);
        return all;
    }

    private void printText(GgufFile gguf) throws IOException {
        line("File");
        line("  %s", Printable.line(gguf.path().toString()));
        line(
                "  GGUF v%d, %s in %s, alignment %d",
                gguf.version(), size(gguf.bytes()), count(gguf.parts().size(), "file"), gguf.alignment());

        GgufMetadata metadata = gguf.metadata();
        line("");
        line("Metadata (%d)", metadata.keys().size());
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        metadata.keys().forEach(key -> values.put(Text.printable(key), MetadataValue.of(metadata, key)));
        int keyWidth = width(values.keySet());
        int typeWidth = width(values.values().stream().map(MetadataValue::type).toList());
        values.forEach((key, value) ->
                line("  %-" + keyWidth + "s  %-" + typeWidth + "s  %s", key, value.type(), value.forText()));

        line("");
        line("Tensors (%d)", gguf.tensors().size());
        int nameWidth = width(gguf.tensors().stream().map(Inspect::name).toList());
        int shapeWidth = width(gguf.tensors().stream().map(Inspect::shape).toList());
        boolean split = gguf.parts().size() > 1;
        for (TensorInfo tensor : gguf.tensors()) {
            line(
                    "  %-" + nameWidth + "s  %-7s  %-" + shapeWidth + "s  %s%13d  %,13d",
                    name(tensor),
                    tensor.type(),
                    shape(tensor),
                    split ? "part %d ".formatted(tensor.part() + 1) : "",
                    tensor.offset(),
                    tensor.bytes());
        }

        line("");
        line("Totals");
        for (Total total : totals(gguf)) {
            line(
                    "  %-7s  %5d tensors  %,15d weights  %,15d bytes  %5.1f %%",
                    total.type(),
                    total.tensors(),
                    total.weights(),
                    total.bytes(),
                    100.0 * total.bytes() / Math.max(1, gguf.bytes()));
        }

        Support support = Support.of(gguf);
        line("");
        line("Skald");
        support.can().forEach(text -> line("  can       %s", Printable.line(text)));
        support.missing().forEach(text -> line("  missing   %s", Printable.line(text)));
    }

    private void line(String format, Object... values) {
        streams.out().println(String.format(Locale.ROOT, format, values));
    }

    private static int width(Iterable<String> texts) {
        int width = 1;
        for (String text : texts) {
            width = Math.max(width, text.length());
        }
        return width;
    }

    private static String name(TensorInfo tensor) {
        return Text.printable(tensor.name());
    }

    private static String shape(TensorInfo tensor) {
        return tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(" x "));
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private static String size(long bytes) {
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%,d bytes", bytes)
                : String.format(Locale.ROOT, "%.1f MiB (%,d bytes)", bytes / 1048576.0, bytes);
    }
}
