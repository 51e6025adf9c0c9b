package dev.skald.runtime.convert;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** All weights of a folder: one safetensors file, or several with an index. */
final class Checkpoint implements AutoCloseable {
    private static final String INDEX = "model.safetensors.index.json";

    /** The place of a tensor: its file and its entry. */
    record Place(Safetensors file, Safetensors.Entry entry) {
        Weight weight() {
            return Weight.of(file, entry);
        }

        /** Returns the tensor as bytes, for blocks that are already quantized. */
        Weight bytes() {
            if (entry.type() != Dtype.U8) {
                throw new GgufFormatException(file.path() + ": tensor '" + entry.name() + "' is " + entry.type()
                        + "; quantized blocks are U8");
            }
            return Weight.bytes(file, entry);
        }
    }

    private final List<Safetensors> files = new ArrayList<>();
    private final Map<String, Place> places = new LinkedHashMap<>();

    private Checkpoint() {}

    static Config config(Folder folder) throws IOException {
        Config config = folder.json("config.json")
                .orElseThrow(() -> new NoSuchFileException(
                        folder.path().resolve("config.json").toString(),
                        null,
                        "there is no such file: name the folder of a model as its maker publishes it, with config.json,"
                                + " safetensors and a tokenizer"));
        // The names that models with vision or audio use for their language model.
        for (String name : List.of("llm_config", "lm_config", "language_config", "lfm")) {
            if (config.has(name)) {
                config = config.with("text_config", config.object(name).values());
            }
        }
        return config;
    }

    static Checkpoint open(Folder folder) throws IOException {
        Checkpoint checkpoint = new Checkpoint();
        try {
            Map<String, String> index = index(folder);
            for (Path file : index.isEmpty() ? files(folder) : files(folder, index)) {
                checkpoint.add(file);
            }
            if (!index.isEmpty()) {
                checkpoint.checkIndex(folder, index);
            }
            return checkpoint;
        } catch (Throwable e) {
            checkpoint.close();
            throw e;
        }
    }

    /** Returns the file of each tensor; empty without an index. */
    private static Map<String, String> index(Folder folder) throws IOException {
        Map<String, String> index = new LinkedHashMap<>();
        var json = folder.json(INDEX);
        if (json.isPresent()) {
            Config weights = json.get().object("weight_map");
            weights.values().forEach((tensor, file) -> {
                // The name must not contain separators, so that only files beside the index can be read.
                if (!(file instanceof String name) || !name.matches("[^/\\\\]+\\.safetensors")) {
                    throw weights.wrong(tensor, file, "the name of a file *.safetensors in the same folder");
                }
                index.put(tensor, name);
            });
        }
        return index;
    }

    private static List<Path> files(Folder folder, Map<String, String> index) {
        return new TreeSet<>(index.values())
                .stream().map(folder.path()::resolve).toList();
    }

    private static List<Path> files(Folder folder) throws IOException {
        try (Stream<Path> all = Files.list(folder.path())) {
            List<Path> files = all.filter(file -> file.getFileName().toString().matches("model.*\\.safetensors"))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                boolean pickled = folder.has("pytorch_model.bin") || folder.has("pytorch_model.bin.index.json");
                throw new NoSuchFileException(
                        folder.path().resolve("model.safetensors").toString(),
                        null,
                        pickled
                                ? "there is no such file, only pytorch_model.bin, which is a program and is not run:"
                                        + " look for the model in safetensors"
                                : "there is no such file, so there are no weights: is the download complete?");
            }
            return files;
        }
    }

    private void add(Path file) throws IOException {
        Safetensors safetensors = Safetensors.open(file);
        files.add(safetensors);
        for (Safetensors.Entry entry : safetensors.entries().values()) {
            Place before = places.put(entry.name(), new Place(safetensors, entry));
            if (before != null) {
                throw new GgufFormatException(
                        file + ": has tensor '" + entry.name() + "', and so has " + before.file.path());
            }
        }
    }

    private void checkIndex(Folder folder, Map<String, String> index) {
        Path path = folder.path().resolve(INDEX);
        index.forEach((tensor, file) -> {
            if (!places.containsKey(tensor)) {
                throw new GgufFormatException(
                        path + ": names tensor '" + tensor + "' in " + file + ", which does not have it");
            }
        });
        places.keySet().forEach(tensor -> {
            if (!index.containsKey(tensor)) {
                throw new GgufFormatException(path + ": does not name tensor '" + tensor + "' of "
                        + places.get(tensor).file.path().getFileName());
            }
        });
    }

    List<Safetensors> files() {
        return files;
    }

    /** Returns the tensors, file by file. */
    Map<String, Place> places() {
        return places;
    }

    /** Returns the 16-bit type of the first matrix that has one; F16 if no matrix has one. */
    GgmlType floatType() {
        return places.values().stream()
                .filter(place -> place.entry.shape().size() >= 2)
                .map(place -> place.entry.type().type())
                .filter(type -> type == GgmlType.BF16 || type == GgmlType.F16)
                .findFirst()
                .orElse(GgmlType.F16);
    }

    @Override
    public void close() {
        files.forEach(Safetensors::close);
    }
}
