package dev.skald.runtime.layer;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.attention.AttentionWorkspace;
import dev.skald.kernels.attention.Ops;
import dev.skald.kernels.attention.SwiGlu;
import dev.skald.kernels.product.MatMul;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a forward pass needs besides weights: who does the work, the ways to multiply, and room for activations. It belongs to
 * who computes; one pass at a time.
 */
public final class Workspace {
    private final WorkerTeam team;
    private final MatMul matMul;
    private final SwiGlu swiGlu;
    private final AttentionWorkspace attention;

    /** As many rows of each as the largest batch so far. */
    private final Map<Object, float[]> buffers = new IdentityHashMap<>();

    private boolean halfPrecision;
    private boolean exact;

    /** A kind of activations, of which a pass needs one set of rows at a time. */
    record Buffer(String name) {}

    /** Creates a workspace for the kernels that a network's weights are packed for. The team stays the caller's to close. */
    public Workspace(WorkerTeam team, KernelKind kernels) {
        this.team = team;
        matMul = new MatMul(team);
        swiGlu = new SwiGlu(team.threads(), kernels);
        attention = new AttentionWorkspace(team);
    }

    /** Allows long prompts to be computed in half precision, if that is faster. */
    public void allowHalfPrecision() {
        halfPrecision = true;
        matMul.allowHalfPrecision();
    }

    /** Rounds the activations of products by machine code to 8 bits instead of 16; before the first forward pass. */
    public void roundActivationsToBytes() {
        matMul.roundActivationsToBytes();
    }

    /** Multiplies single tokens as those of prompts, see {@link MatMul#roundsSingles}. */
    public void beExact() {
        exact = true;
    }

    /**
     * The paths in use that round more than float32 with exact scales does, for people; empty when all are exact.
     *
     * @param linears what is multiplied by
     */
    public List<String> approximations(List<Linear> linears) {
        List<String> all = new ArrayList<>();
        if (halfPrecision && MatMul.halfPrecisionPays()) {
            all.add("products of long prompts in half precision");
        }
        if (!exact && linears.stream().anyMatch(linear -> MatMul.roundsSingles(linear.matrix()))) {
            all.add("products of single tokens in float32, rounded up to ten times as much as plain sums");
        }
        return all;
    }

    /** Why SwiGLU does not run by machine code although it could, for people; empty where it does or could not. */
    public Optional<String> swiGluRefusal() {
        return swiGlu.refusal();
    }

    /**
     * Where a prompt may be cut without a change to its numbers: at positions that are multiples of this, after whole units of so
     * many. 1 for anywhere.
     */
    public int promptUnit() {
        return halfPrecision && MatMul.halfPrecisionPays() ? MatMul.HALF_UNIT : 1;
    }

    int threads() {
        return team.threads();
    }

    WorkerTeam team() {
        return team;
    }

    /** Multiplies rows, of which some stand alone, by some matrices. */
    void multiply(float[] x, int rows, int alone, MatMul.Product... products) {
        matMul.multiply(x, rows, exact ? 0 : alone, products);
    }

    /** Multiplies single rows, each by a matrix of its own. */
    void multiplyEach(float[][] x, MatMul.Product... products) {
        matMul.multiplyEach(x, products);
    }

    /** Whether single rows are multiplied as those of prompts. */
    boolean isExact() {
        return exact;
    }

    /** Whether a row gives the same product, to the bit, as a single one and as one of a prompt. */
    public boolean rowsAlike(Linear linear) {
        return exact || matMul.rowsAlike(linear.matrix());
    }

    /** Multiplies rows that are all single by a matrix, without its bias. */
    void multiply(float[] x, int rows, Linear linear, float[] y) {
        multiply(x, rows, rows, new MatMul.Product(linear.matrix(), y));
    }

    AttentionWorkspace attention() {
        return attention;
    }

    /** Returns the buffer of a kind for all rows; its former contents are lost. */
    Rows rows(Object kind, int rows, int width) {
        int size = Math.multiplyExact(rows, width);
        float[] data = buffers.get(kind);
        if (data == null || data.length < size) {
            data = new float[size];
            buffers.put(kind, data);
        }
        return new Rows(data, width);
    }

    /** gate = activation(gate) up, for some values of a row. */
    void gated(Activation activation, int worker, float[] gate, float[] up, int at, int n) {
        switch (activation) {
            case SILU -> swiGlu.apply(worker, gate, up, at, n);
            case GELU -> Ops.geGlu(gate, up, at, n);
            case CLAMPED_SILU -> Activation.clampedSilu(gate, up, at, n);
        }
    }
}
