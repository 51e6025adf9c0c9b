package dev.skald.runtime.layer;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.product.QuantMatrix;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.layer.Packer.Part;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The tensors of a file by name. Each is checked against the shape that the architecture expects. */
public final class Weights {
    private final GgufFile file;
    private final Packer packer;
    private final Supplier<String> shape;
    private final Set<String> used;
    private final Map<Part, QuantMatrix> matrices;
    private final boolean sample;

    /** Creates the tensors of a file; their matrices stay in place until {@link #packed}. */
    public Weights(GgufFile file, Packer packer) {
        this(file, packer, () -> "the architecture", new HashSet<>(), new LinkedHashMap<>(), false);
    }

    private Weights(
            GgufFile file,
            Packer packer,
            Supplier<String> shape,
            Set<String> used,
            Map<Part, QuantMatrix> matrices,
            boolean sample) {
        this.file = file;
        this.packer = packer;
        this.shape = shape;
        this.used = used;
        this.matrices = matrices;
        this.sample = sample;
    }

    /** Returns the same tensors; an error about a shape names the values that the shape follows from. */
    public Weights shapedBy(Supplier<String> values) {
        return new Weights(file, packer, values, used, matrices, sample);
    }

    /** Returns the same tensors with all matrices requested so far packed, if the packer packs. */
    public Weights packed() {
        return new Weights(file, packer, shape, used, packer.pack(file, matrices), sample);
    }

    /**
     * Returns tensors of the same names and formats but of any smaller shape that is requested: the first bytes of each. A
     * network of them runs the same code, but its results mean nothing.
     */
    public Weights sample() {
        return new Weights(file, packer, shape, new HashSet<>(), new LinkedHashMap<>(), true);
    }

    /** The file of the tensors. */
    public GgufFile file() {
        return file;
    }

    /** Returns the kernels that will multiply the matrices. */
    public KernelKind kernels() {
        return packer.kernels();
    }

    public boolean has(String name) {
        return file.tensor(name).isPresent();
    }

    /** Returns how many rows a tensor has; 1 if there is no such tensor, or if the number exceeds an int. */
    public int rows(String name) {
        return file.tensor(name)
                .map(tensor -> tensor.dim(1))
                .filter(rows -> rows <= Integer.MAX_VALUE)
                .orElse(1L)
                .intValue();
    }

    /** Returns a matrix. */
    public QuantMatrix matrix(String name, int rows, int columns) {
        return part(find(name, columns, rows), 0, rows, columns);
    }

    /** Returns the matrices that the file has fused in one tensor, from the top. */
    public List<QuantMatrix> stacked(String name, int columns, int... rows) {
        TensorInfo tensor = find(name, columns, IntStream.of(rows).sum());
        List<QuantMatrix> parts = new ArrayList<>();
        long first = 0;
        for (int count : rows) {
            parts.add(part(tensor, first, count, columns));
            first += count;
        }
        return parts;
    }

    /**
     * Returns some consecutive rows of a tensor as a transposed matrix, in float32 on the heap. Few files need this.
     *
     * @param allRows rows of the tensor
     * @param rows rows of the part, which become columns
     */
    public QuantMatrix transposed(String name, int allRows, int columns, int first, int rows) {
        TensorInfo tensor = find(name, columns, allRows);
        QuantFormat format = format(tensor);
        float[] row = new float[columns];
        float[] turned = new float[Math.multiplyExact(rows, columns)];
        for (int r = 0; r < rows; r++) {
            format.decode(
                    data(tensor, tensor.type().bytes(tensor.columns()) * (first + r), 1, columns), 0, row, 0, columns);
            for (int c = 0; c < columns; c++) {
                turned[c * rows + r] = row[c];
            }
        }
        MemorySegment data = MemorySegment.ofArray(new byte[Math.multiplyExact(turned.length, 4)]);
        QuantFormat f32 = QuantFormats.of(GgmlType.F32);
        f32.encode(turned, 0, data, 0, turned.length);
        return QuantMatrix.of(f32, columns, rows, data);
    }

    /** Returns some consecutive rows of a tensor. */
    public QuantMatrix part(String name, int allRows, int columns, int first, int rows) {
        return part(find(name, columns, allRows), first, rows, columns);
    }

    /**
     * Returns the matrices of experts that are fused in a three-dimensional tensor.
     *
     * @param rows rows of each matrix of an expert; several numbers if its matrices are fused
     * @return all matrices of the first expert, then those of the next
     */
    public List<QuantMatrix> experts(String name, int experts, int columns, int... rows) {
        TensorInfo tensor = find(name, columns, IntStream.of(rows).sum(), experts);
        List<QuantMatrix> parts = new ArrayList<>();
        for (int expert = 0; expert < experts; expert++) {
            long first = expert * tensor.dim(1);
            for (int count : rows) {
                parts.add(part(tensor, first, count, columns));
                first += count;
            }
        }
        return parts;
    }

    /** Returns a matrix of which only single rows are looked up; it stays in the file. */
    public QuantMatrix table(String name, int rows, int columns) {
        TensorInfo tensor = find(name, columns, rows);
        return QuantMatrix.of(format(tensor), rows, columns, data(tensor, 0, rows, columns));
    }

    /** Returns some consecutive rows of a tensor of any shape; the rows of experts follow each other. */
    public QuantMatrix rows(TensorInfo tensor, long first, int rows) {
        return part(tensor, first, rows, (int) tensor.columns());
    }

    private QuantMatrix part(TensorInfo tensor, long firstRow, int rows, int columns) {
        return matrices.computeIfAbsent(
                new Part(tensor, firstRow, rows),
                part -> QuantMatrix.of(format(tensor), rows, columns, data(tensor, part.offset(), rows, columns)));
    }

    /** Returns a decoded vector, such as the weights of a norm. */
    public float[] vector(String name, int size) {
        TensorInfo tensor = find(name, size);
        QuantFormat format = format(tensor);
        float[] out = new float[size];
        format.decode(data(tensor, 0, 1, size), 0, out, 0, size);
        return out;
    }

    /** Returns a small decoded matrix, row after row. */
    public float[] floats(String name, int rows, int columns) {
        TensorInfo tensor = find(name, columns, rows);
        float[] out = new float[Math.multiplyExact(rows, columns)];
        format(tensor).decode(data(tensor, 0, rows, columns), 0, out, 0, out.length);
        return out;
    }

    /** Returns a vector for each expert; null if the file has none. */
    public float[][] optionalVectors(String name, int count, int size) {
        if (!has(name)) {
            return null;
        }
        TensorInfo tensor = find(name, size, count);
        QuantFormat format = format(tensor);
        float[][] out = new float[count][size];
        for (int i = 0; i < count; i++) {
            format.decode(data(tensor, tensor.type().bytes(tensor.columns()) * i, 1, size), 0, out[i], 0, size);
        }
        return out;
    }

    /**
     * Returns the factors that the file stores beside a tensor whose format has too narrow a range. NVFP4 has one for each
     * matrix, and one for each expert. Source: {@code create_tensor(..., "scale", ...)} and {@code build_lora_mm} of llama.cpp
     * (August 2026).
     *
     * <p>A file may also store {@code .input_scale}, which says how activations were converted to FP4. Skald's activations are
     * wider, so it is ignored.
     *
     * @param name without {@code .weight}
     * @param count how many matrices the tensor holds
     * @return a factor for each matrix; 1 if the file has none, or has something else under that name
     * @throws GgufFormatException if a factor is not finite
     */
    public float[] scales(String name, int count) {
        if (isPerMatrix(name + ".input_scale", count)) {
            used.add(name + ".input_scale");
        }
        float[] scales = new float[count];
        if (!isPerMatrix(name + ".scale", count)) {
            Arrays.fill(scales, 1);
            return scales;
        }
        TensorInfo tensor = find(name + ".scale", sample ? 1 : count);
        format(tensor).decode(data(tensor, 0, 1, count), 0, scales, 0, count);
        for (float scale : scales) {
            if (!Float.isFinite(scale)) {
                throw new GgufFormatException(file.path() + ": the tensor " + tensor.name() + " has the factor " + scale
                        + ": the file is damaged, download it again");
            }
        }
        return scales;
    }

    private boolean isPerMatrix(String name, int count) {
        return file.tensor(name)
                .filter(tensor -> sample ? tensor.elements() >= count : tensor.elements() == count)
                .isPresent();
    }

    /** Returns a vector that a file may leave out, such as a bias; null if it does. */
    public float[] optionalVector(String name, int size) {
        return has(name) ? vector(name, size) : null;
    }

    /** Marks the tensors whose names begin with this as deliberately unused. */
    public void leaveOut(String prefix) {
        file.tensors().stream()
                .map(TensorInfo::name)
                .filter(name -> name.startsWith(prefix))
                .forEach(used::add);
    }

    /**
     * Checks that every tensor was used. An unused tensor would mean that the computation differs from the model's training.
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
                    + shape.get() + "): " + String.join(", ", left.subList(0, Math.min(5, left.size())))
                    + (left.size() > 5 ? ", …" : "") + ". Use a file of a plain " + architecture + " model");
        }
    }

    private TensorInfo find(String name, int... shape) {
        TensorInfo tensor = file.tensor(name)
                .orElseThrow(() -> new GgufFormatException(file.path() + ": the tensor " + name
                        + " is missing; the metadata ask for it (" + this.shape.get() + ")"));
        for (int i = 0; i < 4; i++) {
            int wanted = i < shape.length ? shape[i] : 1;
            if (sample ? tensor.dim(i) < wanted : tensor.dim(i) != wanted) {
                throw new GgufFormatException(file.path() + ": the tensor " + name + " has the shape " + tensor.shape()
                        + ", and the metadata ask for " + Arrays.toString(shape) + " (" + this.shape.get() + ")");
            }
        }
        used.add(name);
        return tensor;
    }

    private MemorySegment data(TensorInfo tensor, long offset, int rows, int columns) {
        return file.data(tensor).asSlice(offset, tensor.type().bytes(columns) * rows);
    }

    private QuantFormat format(TensorInfo tensor) {
        return QuantFormats.find(tensor.type())
                .orElseThrow(() -> new UnsupportedModelException(file.path() + ": the tensor " + tensor.name()
                        + " has the type " + tensor.type() + ", which Skald does not compute with; it does with "
                        + QuantFormats.all() + ": use a file quantized to one of these"));
    }
}
