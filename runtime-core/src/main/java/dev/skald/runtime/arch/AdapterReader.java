package dev.skald.runtime.arch;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.product.QuantMatrix;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.layer.Deltas;
import dev.skald.runtime.layer.Linear;
import dev.skald.runtime.layer.LowRank;
import dev.skald.runtime.layer.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * Reads a LoRA adapter as llama.cpp's converter writes it: two tensors for each matrix that it changes, named after the matrix
 * with {@code .lora_a} and {@code .lora_b} added. Everything is checked against the model.
 */
public final class AdapterReader {
    private static final String A = ".lora_a";
    private static final String B = ".lora_b";
    private static final String TOKENS = "token_embd.weight";
    private static final Pattern VECTORS = Pattern.compile("(cls|cls\\.output|dense_\\d+)\\.weight");
    private static final String ALPHA = "adapter.lora.alpha";

    private final GgufFile file;
    private final Network network;
    private final Weights weights;
    private final float alpha;

    private AdapterReader(Network network, Weights weights, float alpha) {
        this.file = weights.file();
        this.network = network;
        this.weights = weights;
        this.alpha = alpha;
    }

    /**
     * Reads an adapter. The file and the packer of its weights must stay open as long as the adapter is used.
     *
     * @param model the file of the network
     * @throws GgufFormatException if the file is damaged, is not an adapter, or does not fit the model
     * @throws UnsupportedModelException if Skald does not apply adapters of its kind
     */
    public static Deltas read(GgufFile model, Network network, Weights weights) {
        float alpha = check(weights.file(), model.metadata().getString("general.architecture"));
        // First without packing, so that an adapter that does not fit is refused at once.
        new AdapterReader(network, weights, alpha).deltas();
        return new AdapterReader(network, weights.packed(), alpha).deltas();
    }

    private static float check(GgufFile file, String architecture) {
        GgufMetadata metadata = file.metadata();
        String type = metadata.getString("general.type", "");
        if (!type.equals("adapter")) {
            throw new GgufFormatException(file.path() + ": is not an adapter: general.type is "
                    + (type.isEmpty() ? "missing" : type) + ", not adapter");
        }
        String own = metadata.getString("general.architecture", "");
        if (!own.equals(architecture)) {
            throw new GgufFormatException(file.path() + ": is an adapter for a model of the architecture " + own
                    + ", and this one is of " + architecture + ": use the model that it was made for");
        }
        String kind = metadata.getString("adapter.type", "");
        if (!kind.equals("lora")) {
            throw new UnsupportedModelException(
                    file.path() + ": adapter.type is " + kind + ", and Skald applies adapters of the type lora");
        }
        if (metadata.contains("adapter.alora.invocation_tokens")) {
            throw new UnsupportedModelException(file.path() + ": is an activated LoRA"
                    + " (adapter.alora.invocation_tokens), which applies from some tokens on, and Skald applies adapters"
                    + " to whole texts: use a plain LoRA");
        }
        float alpha = metadata.getFloat(ALPHA, 0);
        if (!(alpha >= 0) || alpha == Float.POSITIVE_INFINITY) {
            throw new GgufFormatException(file.path() + ": " + ALPHA + ": " + alpha + " is not a number of at least 0");
        }
        return alpha;
    }

    private Deltas deltas() {
        Map<String, List<Linear>> matrices = new LinkedHashMap<>();
        for (Linear linear : network.linears()) {
            matrices.computeIfAbsent(linear.name(), name -> new ArrayList<>()).add(linear);
        }
        Map<Linear, LowRank> products = new IdentityHashMap<>();
        LowRank embedding = null;
        boolean any = false;
        for (TensorInfo tensor : file.tensors()) {
            String name = matrix(tensor);
            TensorInfo a = pair(name, A);
            TensorInfo b = pair(name, B);
            any = true;
            if (name.equals(TOKENS)) {
                // A has a row for each token. If the output uses the same tensor, the output is not changed.
                int rank = rank(a, b, a.dim(0), network.vocabularySize(), network.width());
                checkShape(a, name, rank, network.vocabularySize());
                checkShape(b, name, rank, network.width());
                embedding = lowRank(weights.rows(a, 0, network.vocabularySize()), b, 0, network.width());
            } else if (tensor == a) {
                List<Linear> own = matrices.get(name);
                if (own == null) {
                    throw new GgufFormatException(
                            file.path() + ": changes " + name
                                    + ", and the model multiplies by no matrix of that name: use the model that it was made for");
                }
                if (VECTORS.matcher(name).matches()) {
                    throw new UnsupportedModelException(
                            file.path() + ": changes " + name
                                    + ", which makes a vector or scores of a whole text, and to which Skald applies no adapter");
                }
                own.forEach(linear -> products.put(linear, delta(linear, a, b)));
            }
        }
        if (!any) {
            throw new GgufFormatException(file.path() + ": is an adapter without tensors");
        }
        return new Deltas(file, products, embedding);
    }

    /** Returns the name of the matrix that a tensor belongs to. */
    private String matrix(TensorInfo tensor) {
        String name = tensor.name();
        if (!name.endsWith(A) && !name.endsWith(B)) {
            throw new UnsupportedModelException(file.path() + ": the tensor " + name + " is neither " + A + " nor " + B
                    + " of a matrix, and Skald applies adapters that have nothing else");
        }
        return name.substring(0, name.length() - A.length());
    }

    private TensorInfo pair(String matrix, String end) {
        return file.tensor(matrix + end)
                .orElseThrow(() -> new GgufFormatException(
                        file.path() + ": the tensor " + matrix + end + " is missing, the other of its pair is there"));
    }

    private LowRank delta(Linear linear, TensorInfo a, TensorInfo b) {
        if (linear.place() == null) {
            throw new UnsupportedModelException(file.path() + ": changes " + linear.name()
                    + ", which Skald multiplies by from its other side and to which it applies no adapter");
        }
        int rows = linear.place().of();
        int rank = rank(a, b, a.dim(1), rows, linear.columns());
        long[] experts = linear.expert() == null
                ? new long[0]
                : new long[] {linear.expert().count()};
        int expert = linear.expert() == null ? 0 : linear.expert().index();
        checkShape(a, linear.name(), joined(linear.columns(), rank, experts));
        checkShape(b, linear.name(), joined(rank, rows, experts));
        return lowRank(
                weights.rows(a, (long) expert * rank, rank),
                b,
                (long) expert * rows + linear.place().first(),
                linear.rows());
    }

    private LowRank lowRank(QuantMatrix a, TensorInfo b, long first, int rows) {
        int rank = (int) b.columns();
        return new LowRank(a, weights.rows(b, first, rows), alpha == 0 ? 1 : alpha / rank);
    }

    private int rank(TensorInfo a, TensorInfo b, long rank, int rows, int columns) {
        int most = Math.max(rows, columns);
        if (rank < 1 || rank > most) {
            throw new GgufFormatException(file.path() + ": the tensors " + a.name() + " " + a.shape() + " and "
                    + b.name() + " " + b.shape() + " meet in " + rank + " values, and a matrix of " + rows + " x "
                    + columns + " has no use for more than " + most);
        }
        return (int) rank;
    }

    private static long[] joined(int columns, int rows, long... experts) {
        return LongStream.concat(LongStream.of(columns, rows), LongStream.of(experts))
                .toArray();
    }

    private void checkShape(TensorInfo tensor, String matrix, long... shape) {
        for (int i = 0; i < 4; i++) {
            if (tensor.dim(i) != (i < shape.length ? shape[i] : 1)) {
                throw new GgufFormatException(file.path() + ": the tensor " + tensor.name() + " has the shape "
                        + tensor.shape() + ", and the model's " + matrix + " asks for " + Arrays.toString(shape)
                        + ": use the model that the adapter was made for");
            }
        }
    }
}
