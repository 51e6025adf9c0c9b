package dev.skald.runtime.layer;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.QuantFormat;
import dev.skald.kernels.QuantFormats;
import dev.skald.kernels.QuantMatrix;
import dev.skald.runtime.error.UnsupportedModelException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors of a file by name, each checked against the shape that the architecture says. */
public final class Weights {
    private final GgufFile file;
    private final Packer packer;
    private final String shape;
    private final Set<String> used;
    private final Map<TensorInfo, QuantMatrix> matrices;
    private final boolean sample;

    /** Tensors whose matrices stay where they are until they are {@link #packed}. */
    public Weights(GgufFile file, Packer packer) {
        this(file, packer, "the architecture", new HashSet<>(), new LinkedHashMap<>(), false);
    }

    private Weights(
            GgufFile file,
            Packer packer,
            String shape,
            Set<String> used,
            Map<TensorInfo, QuantMatrix> matrices,
            boolean sample) {
        this.file = file;
        this.packer = packer;
        this.shape = shape;
        this.used = used;
        this.matrices = matrices;
        this.sample = sample;
    }

    /** The same tensors; a shape that is wrong is reported beside the values that it should have followed from. */
    public Weights shapedBy(String values) {
        return new Weights(file, packer, values, used, matrices, sample);
    }

    /** The same tensors; the matrices that were asked for so far are packed now, if the packer packs. */
    public Weights packed() {
        return new Weights(file, packer, shape, used, packer.pack(file, matrices), sample);
    }

    /**
     * Tensors of the same names and formats, but of any smaller shape that is asked for: the first bytes of each. What a
     * network computes with them means nothing, and takes the same code.
     */
    public Weights sample() {
        return new Weights(file, packer, shape, new HashSet<>(), new LinkedHashMap<>(), true);
    }

    /** The file of the tensors. */
    public GgufFile file() {
        return file;
    }

    /** What will multiply by the matrices. */
    public KernelKind kernels() {
        return packer.kernels();
    }

    public boolean has(String name) {
        return file.tensor(name).isPresent();
    }

    /** A matrix to multiply by. */
    public QuantMatrix matrix(String name, int rows, int columns) {
        return matrices.computeIfAbsent(find(name, rows, columns), tensor -> table(name, rows, columns));
    }

    /** A matrix whose single rows are looked up, where they lie in the file. */
    public QuantMatrix table(String name, int rows, int columns) {
        TensorInfo tensor = find(name, rows, columns);
        return QuantMatrix.of(format(tensor), rows, columns, data(tensor, rows, columns));
    }

    /** A vector such as a norm's weight, decoded. */
    public float[] vector(String name, int size) {
        TensorInfo tensor = find(name, 1, size);
        QuantFormat format = format(tensor);
        float[] out = new float[size];
        format.decode(data(tensor, 1, size), 0, out, 0, size);
        return out;
    }

    /** A vector that a file may leave out, such as a bias; null when it does. */
    public float[] optionalVector(String name, int size) {
        return has(name) ? vector(name, size) : null;
    }

    /**
     * Checks that nothing was left over: a tensor without effect would mean that the model is computed otherwise than it
     * was trained.
     */
    public void checkAllUsed(String architecture) {
        List<String> left = file.tensors().stream()
                .map(TensorInfo::name)
                .filter(name -> !used.contains(name))
                .toList();
        if (!left.isEmpty()) {
            throw new UnsupportedModelException(file.path() + ": " + left.size() + " of "
                    + file.tensors().size()
                    + " tensors have no place in the architecture " + architecture + " as its keys and Skald have it ("
                    + shape + "): " + String.join(", ", left.subList(0, Math.min(5, left.size())))
                    + (left.size() > 5 ? ", …" : "") + ". Use a file of a plain " + architecture + " model");
        }
    }

    private TensorInfo find(String name, int rows, int columns) {
        TensorInfo tensor = file.tensor(name)
                .orElseThrow(() -> new GgufFormatException(
                        file.path() + ": the tensor " + name + " is missing; the metadata ask for it (" + shape + ")"));
        boolean fits = sample
                ? tensor.columns() >= columns && tensor.rows() >= rows
                : tensor.columns() == columns && tensor.rows() == rows;
        if (!fits) {
            throw new GgufFormatException(file.path() + ": the tensor " + name + " has the shape " + tensor.shape()
                    + ", and the metadata ask for [" + columns + ", " + rows + "] (" + shape + ")");
        }
        used.add(name);
        return tensor;
    }

    private MemorySegment data(TensorInfo tensor, int rows, int columns) {
        return file.data(tensor).asSlice(0, tensor.type().bytes(columns) * rows);
    }

    private QuantFormat format(TensorInfo tensor) {
        return QuantFormats.find(tensor.type())
                .orElseThrow(() -> new UnsupportedModelException(file.path() + ": the tensor " + tensor.name()
                        + " has the type " + tensor.type() + ", which Skald does not compute with; it does with "
                        + QuantFormats.all() + ": use a file quantized to one of these"));
    }
}
