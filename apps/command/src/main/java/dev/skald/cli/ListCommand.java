package dev.skald.cli;

import dev.skald.gguf.io.Printable;
import dev.skald.hub.Hub;
import dev.skald.hub.HubModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code skald list}: the models in the cache. */
@Command(name = "list", description = "List the models that were downloaded from the Hub, by names that -m takes.")
final class ListCommand implements Callable<Integer> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final List<String> HEAD = List.of("NAME", "QUANTIZATION", "SIZE", "DOWNLOADED");

    private final Streams streams;

    @Option(names = "--json", description = "Print JSON instead of text.")
    private boolean json;

    ListCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        Hub hub = HubModels.hub();
        List<HubModel> models = hub.list();
        if (json) {
            Json.print(streams.out(), models.stream().map(ListCommand::describe).toList());
        } else if (models.isEmpty()) {
            streams.err()
                    .println("skald: there are no models in "
                            + Printable.line(hub.cache().toString()));
        } else {
            print(models);
        }
        return 0;
    }

    private static Map<String, Object> describe(HubModel model) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", model.name());
        one.put("repository", model.repository());
        one.put("commit", model.commit());
        one.put("quantization", model.quantization());
        one.put("bytes", model.bytes());
        one.put("downloaded", model.time().toString());
        one.put("complete", model.complete());
        one.put("files", model.files().stream().map(Path::toString).toList());
        return one;
    }

    private void print(List<HubModel> models) {
        List<List<String>> rows = new ArrayList<>(List.of(HEAD));
        for (HubModel model : models) {
            rows.add(List.of(
                    Printable.line(model.name()),
                    Printable.line(model.quantization().isEmpty() ? "-" : model.quantization()),
                    Hub.size(model.bytes()) + (model.complete() ? "" : ", not complete"),
                    TIME.format(model.time())));
        }
        int[] widths = new int[HEAD.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
            }
            streams.out().println(line.toString().stripTrailing());
        }
    }
}
