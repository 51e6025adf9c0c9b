package dev.skald.runtime.layer;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.QuantFormat;
import dev.skald.kernels.QuantFormats;
import dev.skald.kernels.QuantMatrix;
import dev.skald.runtime.UnsupportedModelException;
import java.lang.foreign.MemorySegment;

/** The tensors of a file by name, each checked against the shape that the architecture says. */
public final class Weights {
    private final GgufFile file;

    public Weights(GgufFile file) {
        this.file = file;
    }

    public boolean has(String name) {
        return file.tensor(name).isPresent();
    }

    /** A weight matrix, used where it lies in the file. */
    public QuantMatrix matrix(String name, int rows, int columns) {
        TensorInfo tensor = find(name);
        check(tensor, rows, columns);
        return QuantMatrix.of(format(tensor), rows, columns, file.data(tensor));
    }

    /** A vector such as a norm's weight, decoded. */
    public float[] vector(String name, int size) {
        TensorInfo tensor = find(name);
        check(tensor, 1, size);
        float[] out = new float[size];
        MemorySegment data = file.data(tensor);
        format(tensor).decode(data, 0, out, 0, size);
        return out;
    }

    /** A vector that a file may leave out, such as a bias; null when it does. */
    public float[] optionalVector(String name, int size) {
        return has(name) ? vector(name, size) : null;
    }

    private TensorInfo find(String name) {
        return file.tensor(name)
                .orElseThrow(() -> new GgufFormatException(
                        file.path() + ": the tensor " + name + " is missing, which this architecture needs"));
    }

    private void check(TensorInfo tensor, int rows, int columns) {
        if (tensor.columns() != columns || tensor.rows() != rows) {
            throw new GgufFormatException(file.path() + ": tensor " + tensor.name() + " has the shape " + tensor.shape()
                    + ", and the metadata says [" + columns + ", " + rows + "]");
        }
    }

    private QuantFormat format(TensorInfo tensor) {
        return QuantFormats.find(tensor.type())
                .orElseThrow(() -> new UnsupportedModelException("tensor " + tensor.name() + " has the type "
                        + tensor.type() + ", which Skald does not compute with; it does with " + QuantFormats.all()
                        + ": use a file quantized to one of these"));
    }
}
