package dev.skald.runtime.arch;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.MatMul;
import dev.skald.kernels.MatMul.Product;
import dev.skald.kernels.QuantMatrix;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.ops.Attention;
import dev.skald.kernels.ops.KvLayout;
import dev.skald.kernels.ops.Ops;
import dev.skald.kernels.ops.Rope;
import dev.skald.kernels.ops.SwiGlu;
import dev.skald.runtime.engine.Batch;
import dev.skald.runtime.engine.Network;
import dev.skald.runtime.engine.Results;
import dev.skald.runtime.engine.Want;
import dev.skald.runtime.layer.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** The forward pass of the Llama family. Activations are row-major: all values of a batch's first row, then the next. */
final class LlamaNetwork implements Network {
    /** Weights of one block; a bias or a norm that the file leaves out is null. */
    private record Layer(
            float[] attentionNorm,
            QuantMatrix q,
            QuantMatrix k,
            QuantMatrix v,
            QuantMatrix o,
            float[] qBias,
            float[] kBias,
            float[] vBias,
            float[] oBias,
            float[] qNorm,
            float[] kNorm,
            float[] ffnNorm,
            QuantMatrix gate,
            QuantMatrix up,
            QuantMatrix down,
            float[] gateBias,
            float[] upBias,
            float[] downBias) {}

    /** The longest array that every JVM can make. */
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    // The matrices of a block that are multiplied by the same numbers.
    private static final List<String> QKV = List.of("attn_q", "attn_k", "attn_v");
    private static final List<String> OUTPUT = List.of("attn_output");
    private static final List<String> GATE_UP = List.of("ffn_gate", "ffn_up");
    private static final List<String> DOWN = List.of("ffn_down");

    private final Hyperparameters h;
    private final int vocabulary;
    private final QuantMatrix embedding;
    private final Layer[] layers;
    private final float[] outputNorm;
    private final QuantMatrix output;
    private final KvLayout kvLayout;
    private final WorkerTeam team;
    private final MatMul matMul;
    private final Attention attention;
    private final SwiGlu swiGlu;
    private boolean halfPrecision;

    // The work space, as many rows as the largest batch so far.
    private int rows;
    private float[] x;
    private float[] normed;
    private float[] q;
    private float[] k;
    private float[] v;
    private float[] mixed;
    private float[] gate;
    private float[] up;
    private float[] turns;

    LlamaNetwork(Weights w, Hyperparameters h, int vocabulary, WorkerTeam team) {
        this.h = h;
        this.vocabulary = vocabulary;
        this.team = team;
        this.matMul = new MatMul(team);
        this.kvLayout = new KvLayout(h.layers(), h.kvHeads(), h.keySize(), h.valueSize(), GgmlType.F32);
        this.swiGlu = new SwiGlu(team.threads(), w.kernels());
        int qDim = h.heads() * h.keySize();
        int kDim = h.kvHeads() * h.keySize();
        int vDim = h.kvHeads() * h.valueSize();
        int oDim = h.heads() * h.valueSize();
        embedding = w.table("token_embd.weight", vocabulary, h.dim());
        layers = new Layer[h.layers()];
        for (int i = 0; i < layers.length; i++) {
            String b = "blk." + i + ".";
            layers[i] = new Layer(
                    w.vector(b + "attn_norm.weight", h.dim()),
                    w.matrix(b + "attn_q.weight", qDim, h.dim()),
                    w.matrix(b + "attn_k.weight", kDim, h.dim()),
                    w.matrix(b + "attn_v.weight", vDim, h.dim()),
                    w.matrix(b + "attn_output.weight", h.dim(), oDim),
                    w.optionalVector(b + "attn_q.bias", qDim),
                    w.optionalVector(b + "attn_k.bias", kDim),
                    w.optionalVector(b + "attn_v.bias", vDim),
                    w.optionalVector(b + "attn_output.bias", h.dim()),
                    w.optionalVector(b + "attn_q_norm.weight", h.keySize()),
                    w.optionalVector(b + "attn_k_norm.weight", h.keySize()),
                    w.vector(b + "ffn_norm.weight", h.dim()),
                    w.matrix(b + "ffn_gate.weight", h.ffn(), h.dim()),
                    w.matrix(b + "ffn_up.weight", h.ffn(), h.dim()),
                    w.matrix(b + "ffn_down.weight", h.dim(), h.ffn()),
                    w.optionalVector(b + "ffn_gate.bias", h.ffn()),
                    w.optionalVector(b + "ffn_up.bias", h.ffn()),
                    w.optionalVector(b + "ffn_down.bias", h.dim()));
        }
        outputNorm = w.vector("output_norm.weight", h.dim());
        output = w.matrix(w.has("output.weight") ? "output.weight" : "token_embd.weight", vocabulary, h.dim());
        // Last, when the file has been found to have these heads: it tries its kernels.
        attention = new Attention(team, h.heads(), kvLayout, h.window(), w.kernels());
    }

    @Override
    public Optional<String> attentionRefusal() {
        return attention.refusal();
    }

    @Override
    public int vocabularySize() {
        return vocabulary;
    }

    @Override
    public int contextLength() {
        return h.context();
    }

    @Override
    public long weightBytes() {
        long bytes = output.bytes();
        for (Layer l : layers) {
            for (QuantMatrix w : new QuantMatrix[] {l.q, l.k, l.v, l.o, l.gate, l.up, l.down}) {
                bytes += w.bytes();
            }
        }
        return bytes;
    }

    @Override
    public int largestBatch() {
        int widest = IntStream.of(
                        vocabulary,
                        h.dim(),
                        h.ffn(),
                        h.heads() * h.keySize(),
                        h.heads() * h.valueSize(),
                        h.rope().dims())
                .max()
                .getAsInt();
        // The multiplication works on copies filled up to four rows and 32 columns.
        return Math.max(1, MAX_ARRAY / (widest + 31) / 4 * 4);
    }

    @Override
    public int promptUnit() {
        return halfPrecision && MatMul.halfPrecisionPays() ? MatMul.HALF_UNIT : 1;
    }

    @Override
    public int width() {
        return h.dim();
    }

    @Override
    public Rope rope() {
        return h.rope();
    }

    @Override
    public KvLayout kvLayout() {
        return kvLayout;
    }

    @Override
    public void allowHalfPrecision() {
        halfPrecision = true;
        matMul.allowHalfPrecision();
    }

    @Override
    public void roundActivationsToBytes() {
        matMul.roundActivationsToBytes();
    }

    @Override
    public List<String> approximations() {
        return halfPrecision && MatMul.halfPrecisionPays()
                ? List.of("products of long prompts in half precision")
                : List.of();
    }

    @Override
    public boolean forward(Batch batch, Results results, BooleanSupplier cancelled) {
        int n = batch.size();
        reserve(n);
        eachRow(n, row -> {
            embedding.decodeRow(batch.token(row), x, row * h.dim());
            scale(x, row * h.dim(), h.dim(), h.embeddingScale());
            h.rope().fill(batch.position(row), turns, row * h.rope().dims());
        });
        attention.plan(runs(batch));
        matMul.singles(batch.singles());
        int rows = n;
        for (int i = 0; i < layers.length; i++) {
            if (cancelled.getAsBoolean()) {
                return false;
            }
            Layer l = layers[i];
            norm(n, l.attentionNorm);
            batch.tell(i, QKV, normed, h.dim());
            matMul.multiply(normed, n, new Product(l.q, q), new Product(l.k, k), new Product(l.v, v));
            int layer = i;
            // Neighbours write to the same lines of the keys' pages, so that a thread had better do many of them.
            int grain = Math.clamp(n / (4 * team.threads()), 1, KvLayout.POSITIONS / 2);
            eachRow(n, grain, row -> finishQkv(l, batch, layer, row));
            attention.attend(batch.layout(), i, q, mixed);
            if (i == layers.length - 1 && !batch.hasListener()) {
                rows = keepWanted(batch);
                if (rows == 0) {
                    return true;
                }
            }
            batch.tell(i, OUTPUT, mixed, l.o.columns());
            matMul.multiply(mixed, rows, new Product(l.o, normed));
            addToResidual(rows, l.oBias);
            norm(rows, l.ffnNorm);
            batch.tell(i, GATE_UP, normed, h.dim());
            matMul.multiply(normed, rows, new Product(l.gate, gate), new Product(l.up, up));
            gateUp(rows, l);
            batch.tell(i, DOWN, gate, h.ffn());
            matMul.multiply(gate, rows, new Product(l.down, normed));
            addToResidual(rows, l.downBias);
        }
        if (batch.hasListener()) {
            rows = keepWanted(batch);
        }
        if (rows > 0) {
            results(batch, rows, results);
        }
        return true;
    }

    /** Biases, norms of queries and keys, rotation, and into the cache. */
    private void finishQkv(Layer l, Batch batch, int layer, int row) {
        int qo = row * l.q.rows();
        int ko = row * l.k.rows();
        int vo = row * l.v.rows();
        addBias(l.qBias, q, qo);
        addBias(l.kBias, k, ko);
        addBias(l.vBias, v, vo);
        normHeads(l.qNorm, q, qo, h.heads());
        normHeads(l.kNorm, k, ko, h.kvHeads());
        int turn = row * h.rope().dims();
        h.rope().apply(q, qo, h.heads(), h.keySize(), turns, turn);
        h.rope().apply(k, ko, h.kvHeads(), h.keySize(), turns, turn);
        scale(q, qo, l.q.rows(), h.attentionScale());
        batch.cache(row).store(batch.sequence(row), layer, batch.position(row), k, ko, v, vo);
    }

    /** The parts of a batch that attend together: rows that follow each other in a sequence. */
    private static List<Attention.Rows> runs(Batch batch) {
        List<Attention.Rows> runs = new ArrayList<>();
        for (int row = 0, end; row < batch.size(); row = end) {
            end = row + 1;
            while (end < batch.size() && batch.follows(end)) {
                end++;
            }
            runs.add(new Attention.Rows(
                    row,
                    end - row,
                    batch.position(row),
                    batch.cache(row).pages(batch.sequence(row)),
                    row < batch.singles()));
        }
        return runs;
    }

    private void gateUp(int n, Layer l) {
        team.run(n, 1, (worker, from, to) -> {
            for (int row = from; row < to; row++) {
                addBias(l.gateBias, gate, row * h.ffn());
                addBias(l.upBias, up, row * h.ffn());
                swiGlu.apply(worker, gate, up, row * h.ffn(), h.ffn());
            }
        });
    }

    /**
     * Moves the rows whose logits are wanted to the front. After the last layer's attention nobody needs the others: their
     * keys and values are in the cache.
     */
    private int keepWanted(Batch batch) {
        int wanted = 0;
        for (int row = 0; row < batch.size(); row++) {
            if (batch.want(row) != Want.NOTHING) {
                move(x, row, wanted, h.dim());
                move(mixed, row, wanted, h.heads() * h.valueSize());
                wanted++;
            }
        }
        matMul.singles(batch.wanted(batch.singles()));
        return wanted;
    }

    private static void move(float[] rows, int from, int to, int size) {
        System.arraycopy(rows, from * size, rows, to * size, size);
    }

    /** The last norm, and the output matrix for rows that want logits. */
    private void results(Batch batch, int n, Results results) {
        norm(n, outputNorm);
        int logits = 0;
        int singles = 0;
        int hidden = 0;
        for (int row = 0, kept = 0; row < batch.size(); row++) {
            switch (batch.want(row)) {
                case NOTHING -> {}
                case LOGITS -> {
                    move(normed, kept++, logits++, h.dim());
                    singles += row < batch.singles() ? 1 : 0;
                }
                case HIDDEN ->
                    System.arraycopy(normed, kept++ * h.dim(), results.hidden(), hidden++ * h.dim(), h.dim());
            }
        }
        if (logits > 0) {
            matMul.singles(singles);
            matMul.multiply(normed, logits, new Product(output, results.logits()));
            scale(results.logits(), 0, logits * vocabulary, h.logitScale());
        }
    }

    private void norm(int n, float[] weight) {
        eachRow(n, row -> Ops.rmsNorm(x, row * h.dim(), weight, normed, row * h.dim(), h.dim(), h.epsilon()));
    }

    private void addToResidual(int n, float[] bias) {
        eachRow(n, row -> {
            addBias(bias, normed, row * h.dim());
            Ops.axpy(h.residualScale(), normed, row * h.dim(), x, row * h.dim(), h.dim());
        });
    }

    private void normHeads(float[] weight, float[] y, int o, int heads) {
        if (weight != null) {
            for (int head = 0; head < heads; head++) {
                int at = o + head * h.keySize();
                Ops.rmsNorm(y, at, weight, y, at, h.keySize(), h.epsilon());
            }
        }
    }

    private static void addBias(float[] bias, float[] y, int o) {
        if (bias != null) {
            Ops.axpy(1, bias, 0, y, o, bias.length);
        }
    }

    private static void scale(float[] y, int o, int n, float factor) {
        if (factor != 1) {
            for (int i = o; i < o + n; i++) {
                y[i] *= factor;
            }
        }
    }

    private interface Row {
        void run(int row);
    }

    private void eachRow(int n, Row body) {
        eachRow(n, 1, body);
    }

    private void eachRow(int n, int grain, Row body) {
        team.run(n, grain, (worker, from, to) -> {
            for (int row = from; row < to; row++) {
                body.run(row);
            }
        });
    }

    private void reserve(int n) {
        if (n > rows) {
            rows = n;
            x = new float[n * h.dim()];
            normed = new float[n * h.dim()];
            q = new float[n * h.heads() * h.keySize()];
            k = new float[n * h.kvHeads() * h.keySize()];
            v = new float[n * h.kvHeads() * h.valueSize()];
            mixed = new float[n * h.heads() * h.valueSize()];
            gate = new float[n * h.ffn()];
            up = new float[n * h.ffn()];
            turns = new float[n * h.rope().dims()];
        }
    }
}
