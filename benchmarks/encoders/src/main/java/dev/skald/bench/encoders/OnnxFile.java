package dev.skald.bench.encoders;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of an ONNX file by their names, as far as a BERT needs them: float32 in {@code raw_data}.
 *
 * <p>Source: {@code onnx.proto}; a file is a message of protocol buffers, of which this reads model.graph (7), and of that node (1)
 * and initializer (5).
 */
final class OnnxFile {
    private static final int FLOAT = 1;

    /**
     * A tensor.
     *
     * @param rows the first dimension
     * @param columns the product of the others; 1 for a vector
     */
    record Weights(int rows, int columns, float[] values) {
        /** The same on its side: rows are columns. */
        Weights transposed() {
            float[] turned = new float[values.length];
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    turned[c * rows + r] = values[r * columns + c];
                }
            }
            return new Weights(columns, rows, turned);
        }
    }

    private final Map<String, Weights> weights = new HashMap<>();

    /** Of each node that multiplies: what by. */
    private final Map<String, String> multipliers = new HashMap<>();

    private OnnxFile() {}

    static OnnxFile read(byte[] bytes) throws IOException {
        OnnxFile file = new OnnxFile();
        new Message(bytes, 0, bytes.length).each((field, graph) -> {
            if (field == 7) {
                graph.each((part, message) -> {
                    switch (part) {
                        case 1 -> file.addNode(message);
                        case 5 -> file.addWeights(message);
                        default -> {}
                    }
                });
            }
        });
        return file;
    }

    boolean has(String name) {
        return weights.containsKey(name);
    }

    /** A tensor by the name that its maker gave it. */
    Weights get(String name) throws IOException {
        Weights found = weights.get(name);
        if (found == null) {
            throw new IOException("the ONNX file has no weights " + name + "; it has " + weights.keySet());
        }
        return found;
    }

    /**
     * The matrix of a linear layer, one row for each output. Exporters turn it on its side and name it anew, so that the node that
     * multiplies by it tells which it is.
     */
    Weights linear(String name) throws IOException {
        return get(multipliers.getOrDefault(
                        "/" + name.replace('.', '/').replaceFirst("layer/(\\d+)", "layer.$1") + "/MatMul", name))
                .transposed();
    }

    private void addNode(Message node) throws IOException {
        List<String> inputs = new ArrayList<>();
        String[] name = new String[1];
        node.each((field, value) -> {
            switch (field) {
                case 1 -> inputs.add(value.text());
                case 3 -> name[0] = value.text();
                default -> {}
            }
        });
        if (inputs.size() == 2 && name[0] != null) {
            multipliers.put(name[0], inputs.get(1));
        }
    }

    private void addWeights(Message tensor) throws IOException {
        List<Long> shape = new ArrayList<>();
        long[] type = new long[1];
        String[] name = new String[1];
        Message[] raw = new Message[1];
        tensor.each((field, value) -> {
            switch (field) {
                case 1 -> shape.add(value.number());
                case 2 -> type[0] = value.number();
                case 8 -> name[0] = value.text();
                case 9 -> raw[0] = value;
                default -> {}
            }
        });
        if (type[0] != FLOAT || raw[0] == null || shape.isEmpty()) {
            return;
        }
        float[] values = raw[0].floats();
        int rows = Math.toIntExact(shape.getFirst());
        weights.put(name[0], new Weights(rows, values.length / rows, values));
    }

    /** A message of protocol buffers, or a number in the place of one. */
    private record Message(byte[] bytes, int from, int to) {
        interface Field {
            void accept(int number, Message value) throws IOException;
        }

        void each(Field use) throws IOException {
            int[] at = {from};
            while (at[0] < to) {
                long tag = varint(at);
                int start = at[0];
                switch ((int) tag & 7) {
                    case 0 -> varint(at);
                    case 1 -> at[0] += 8;
                    case 2 -> {
                        long length = varint(at);
                        start = at[0];
                        if (length < 0 || length > to - start) {
                            throw new IOException("no ONNX file: " + length + " bytes at " + start + " of " + to);
                        }
                        at[0] += (int) length;
                    }
                    case 5 -> at[0] += 4;
                    default -> throw new IOException("no ONNX file: a field of kind " + (tag & 7) + " at " + start);
                }
                use.accept((int) (tag >>> 3), new Message(bytes, start, at[0]));
            }
        }

        private long varint(int[] at) throws IOException {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                if (at[0] >= to) {
                    throw new IOException("no ONNX file: it ends within a number");
                }
                byte b = bytes[at[0]++];
                value |= (long) (b & 0x7F) << shift;
                if (b >= 0) {
                    return value;
                }
            }
            throw new IOException("no ONNX file: a number of more than 64 bits at " + at[0]);
        }

        long number() throws IOException {
            return varint(new int[] {from});
        }

        String text() {
            return new String(bytes, from, to - from, StandardCharsets.UTF_8);
        }

        float[] floats() {
            float[] values = new float[(to - from) / Float.BYTES];
            ByteBuffer.wrap(bytes, from, to - from)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
            return values;
        }
    }
}
