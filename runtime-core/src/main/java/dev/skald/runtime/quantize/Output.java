package dev.skald.runtime.quantize;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufValueType;
import dev.skald.gguf.GgufWriter;
import dev.skald.runtime.quantize.QuantizationPlan.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The file that is being written, or all parts of a split one. Source for the parts' keys and sizes: {@code gguf-split.cpp} of
 * llama.cpp, where the first part has the metadata and sizes count tensors only.
 */
final class Output implements AutoCloseable {
    /** The version of the blocks' layouts, {@code GGML_QNT_VERSION} in {@code ggml.h}. */
    private static final int QUANTIZATION_VERSION = 2;

    private static final int ALIGNMENT = 32;
    private static final int MAX_PARTS = 65_535;
    private static final String SUFFIX = ".gguf";

    private final List<Path> files;
    private final List<GgufWriter> writers = new ArrayList<>();
    private final List<List<Tensor>> parts;
    private int part;
    private int tensor;

    Output(Source source, QuantizationPlan plan, QuantizeOptions options, List<Path> files) throws IOException {
        this.files = files;
        parts = parts(plan, options.splitBytes());
        try {
            for (int i = 0; i < parts.size(); i++) {
                Path file = files.get(i);
                GgufWriter writer = options.overwrites() ? GgufWriter.replace(file) : GgufWriter.create(file);
                writers.add(writer);
                if (i == 0) {
                    describe(writer, source, plan, options);
                }
                declare(writer, i, plan.tensors().size());
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /** Returns which tensors go into which part. */
    static List<List<Tensor>> parts(QuantizationPlan plan, long splitBytes) {
        List<List<Tensor>> parts = new ArrayList<>();
        List<Tensor> current = new ArrayList<>();
        long bytes = 0;
        for (Tensor tensor : plan.tensors()) {
            long padded = Math.ceilDiv(tensor.bytes(), ALIGNMENT) * ALIGNMENT;
            if (!current.isEmpty() && padded > splitBytes - bytes) {
                parts.add(current);
                current = new ArrayList<>();
                bytes = 0;
            }
            current.add(tensor);
            bytes += padded;
        }
        parts.add(current);
        if (parts.size() > MAX_PARTS) {
            throw new IllegalArgumentException("a split size of " + splitBytes + " bytes makes " + parts.size()
                    + " files; " + MAX_PARTS + " are possible");
        }
        return parts;
    }

    /** Returns the names of so many parts. */
    static List<Path> files(Path target, int count) {
        if (count == 1) {
            return List.of(target);
        }
        String name = target.getFileName().toString();
        String prefix = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
        List<Path> files = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            files.add(target.resolveSibling(String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", prefix, i, count)));
        }
        return files;
    }

    /** What the model's file says, with what is true of the new one. */
    private static void describe(GgufWriter writer, Source source, QuantizationPlan plan, QuantizeOptions options) {
        source.metadata(key -> {
            if (!key.name().startsWith("split.") && !isOurs(key.name())) {
                writer.put(key.name(), key.type(), key.value());
            }
        });
        writer.putUint32("general.quantization_version", QUANTIZATION_VERSION);
        writer.putUint32("general.file_type", fileType(plan));
        ImportanceMatrix importance = options.importance();
        if (importance != null) {
            writer.put("quantize.imatrix.file", options.importanceName());
            if (!importance.datasets().isEmpty()) {
                writer.put("quantize.imatrix.dataset", importance.datasets().getFirst());
            }
            writer.putUint32(
                    "quantize.imatrix.entries_count", importance.tensors().size());
            if (importance.chunks() > 0) {
                writer.putUint32("quantize.imatrix.chunks_count", importance.chunks());
            }
        }
    }

    /** As llama.cpp's converter has it, a file with blocks by its maker is named after these rather than after the rest. */
    private static int fileType(QuantizationPlan plan) {
        boolean blocks = plan.tensors().stream().anyMatch(tensor -> tensor.type() == GgmlType.MXFP4);
        boolean plain = plan.mixture().base().blockElements() == 1;
        return (plain && blocks ? Mixture.MXFP4_MOE : plan.mixture()).fileType();
    }

    private void declare(GgufWriter writer, int index, int allTensors) {
        if (parts.size() > 1) {
            writer.put("split.no", GgufValueType.UINT16, index);
            writer.put("split.count", GgufValueType.UINT16, parts.size());
            writer.put("split.tensors.count", allTensors);
        }
        for (Tensor tensor : parts.get(index)) {
            long[] shape =
                    tensor.source().shape().stream().mapToLong(Long::longValue).toArray();
            writer.tensor(tensor.name(), tensor.type(), shape);
        }
    }

    private static boolean isOurs(String key) {
        return key.equals("general.quantization_version")
                || key.equals("general.file_type")
                || key.startsWith("quantize.imatrix.");
    }

    /** Writes more of a tensor; tensors come in the plan's order. */
    void append(Tensor planned, MemorySegment data) throws IOException {
        while (tensor == parts.get(part).size()) {
            part++;
            tensor = 0;
        }
        writers.get(part).append(planned.name(), data);
    }

    /** Says that a tensor is complete. */
    void completed() {
        tensor++;
    }

    /**
     * Gives all parts their names, the first one last: it has the metadata, so nobody takes the others for a model without it.
     *
     * @return the bytes of all parts
     */
    long commit() throws IOException {
        long bytes = 0;
        for (int i = writers.size() - 1; i >= 0; i--) {
            writers.get(i).commit();
            bytes += Files.size(files.get(i));
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (GgufWriter writer : writers) {
            try {
                writer.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
