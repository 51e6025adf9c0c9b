package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;
import dev.skald.runtime.layer.Pass.Recurrence;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A gated delta net. The memory of each head is a matrix: a row's query reads what the matrix stored under similar keys.
 * Queries, keys and values first go through a short convolution. For each row, a head's memory fades by a factor that the row
 * decides, and is then corrected so that the row's key gives its value.
 *
 * <p>Source: Yang, Kautz and Hatamizadeh, "Gated Delta Networks", 2024, as Qwen 3.5 has it.
 *
 * <p>The layer remembers the convolution's inputs, then the memories, [value heads][values][keys].
 *
 * @param index of this layer among the recurrent layers of the sequence
 * @param heads number of heads, and their sizes
 * @param qkv projects to queries [key heads][size], keys likewise, and values [value heads][size]
 * @param gate projects to a factor for each output value
 * @param beta projects to a number for each value head; its sigmoid is the share of the difference that is corrected
 * @param alpha projects to a number for each value head that decides how much of the memory fades
 * @param convolution over the outputs of {@code qkv}
 * @param fading of each value head: the memory is multiplied by {@code exp(rate softplus(alpha + bias))}
 * @param norm of each value head's output
 * @param output projects [value heads][size] back to the width of the stream
 */
public record DeltaNet(
        int index,
        Heads heads,
        Linear qkv,
        Linear gate,
        Linear beta,
        Linear alpha,
        Convolution convolution,
        Fading fading,
        Norm norm,
        Linear output)
        implements RecurrentLayer {
    private static final Workspace.Buffer MADE = new Workspace.Buffer("queries, keys and values of a delta net");
    private static final Workspace.Buffer MIXED = new Workspace.Buffer("those after the convolution");
    private static final Workspace.Buffer GATES = new Workspace.Buffer("gates of a delta net");
    private static final Workspace.Buffer BETAS = new Workspace.Buffer("how much is corrected");
    private static final Workspace.Buffer ALPHAS = new Workspace.Buffer("how much is left");
    private static final Workspace.Buffer READ = new Workspace.Buffer("what is read of memories");

    private static final Workspace.Buffer MEMORIES = new Workspace.Buffer("memories that threads change");
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    /** Rows of a memory that one thread computes for all rows of a batch; so many stay in the first-level cache. */
    private static final int TOGETHER = 32;

    /**
     * The numbers and sizes of heads.
     *
     * @param keys the number of heads with queries and keys
     * @param values the number of heads with values; head i uses the queries and keys of head i modulo {@code keys}
     * @param size values in a query, a key or a value
     * @param epsilon the smallest length that queries and keys are divided by
     */
    public record Heads(int keys, int values, int size, float epsilon) {}

    /**
     * How fast memories fade.
     *
     * @param rate of each value head, negative
     * @param bias of each value head
     */
    public record Fading(float[] rate, float[] bias) {
        /** Returns the share of a memory that is left after a row. */
        float left(int head, float alpha) {
            double x = alpha + bias[head];
            // Beyond 20, softplus(x) is x to the last bit of a float.
            double softplus = x > 20 ? x : Math.log1p(Math.exp(x));
            return (float) Math.exp(rate[head] * softplus);
        }
    }

    @Override
    public int remembered() {
        return convolution.remembered() + heads.values * heads.size * heads.size;
    }

    @Override
    public Rows apply(Pass p, Rows x, Rows... used) {
        Rows made = p.rows(MADE, qkv.rows());
        Rows gates = p.rows(GATES, gate.rows());
        Rows betas = p.rows(BETAS, beta.rows());
        Rows left = p.rows(ALPHAS, alpha.rows());
        p.multiply(x, qkv.into(made), gate.into(gates), beta.into(betas), alpha.into(left));
        Rows mixed = p.rows(MIXED, made.width());
        convolution.apply(p, made, mixed, index);
        p.eachRow(row -> {
            Ops.silu(mixed.data(), mixed.at(row), mixed.width());
            for (int h = 0; h < heads.keys; h++) {
                unit(mixed.data(), mixed.at(row) + h * heads.size, 1 / Math.sqrt(heads.size));
                unit(mixed.data(), mixed.at(row) + (heads.keys + h) * heads.size, 1);
            }
            for (int h = 0, at = left.at(row); h < heads.values; h++, at++) {
                betas.data()[at] = Router.sigmoid(betas.data()[at]);
                left.data()[at] = fading.left(h, left.data()[at]);
            }
        });
        Rows read = p.rows(READ, heads.values * heads.size);
        read(p, mixed, betas, left, read);
        p.remembered(index);
        p.eachRow((worker, row) -> {
            for (int h = 0; h < heads.values; h++) {
                int at = read.at(row) + h * heads.size;
                norm.apply(read.data(), at, read.data(), at);
            }
            p.work().gated(Activation.SILU, worker, gates.data(), read.data(), gates.at(row), gates.width());
        });
        p.keepWantedInLastBlock(gates, used);
        return p.output(gates, output);
    }

    /** Scales a query or key to a length. */
    private void unit(float[] x, int at, double length) {
        double squares = 0;
        for (int i = at; i < at + heads.size; i++) {
            squares += (double) x[i] * x[i];
        }
        Pass.scale(x, at, heads.size, (float) (length / Math.max(Math.sqrt(squares), heads.epsilon)));
    }

    /** Runs all rows through the memories, and collects what they read. */
    private void read(Pass p, Rows mixed, Rows betas, Rows left, Rows read) {
        int size = heads.size;
        int blocks = Math.ceilDiv(size, TOGETHER);
        Rows memories = p.work().rows(MEMORIES, p.work().threads(), TOGETHER * size);
        p.work().team().run(heads.values * blocks, 1, (worker, from, to) -> {
            for (int item = from; item < to; item++) {
                int head = item / blocks;
                int first = item % blocks * TOGETHER;
                int rows = Math.min(TOGETHER, size - first);
                int query = head % heads.keys * size;
                int key = heads.keys * size + query;
                int value = head * size + first;
                long at = 4L * (convolution.remembered() + (long) value * size);
                for (Recurrence part : p.recurrences()) {
                    recall(part.stretch().before(index), at, memories, worker, rows * size);
                    for (int row = part.first(); row < part.first() + part.count(); row++) {
                        Ops.deltaRule(
                                memories.data(),
                                memories.at(worker),
                                rows,
                                size,
                                left.data()[left.at(row) + head],
                                betas.data()[betas.at(row) + head],
                                mixed.data(),
                                mixed.at(row) + key,
                                mixed.data(),
                                mixed.at(row) + query,
                                mixed.data(),
                                mixed.at(row) + 2 * heads.keys * size + value,
                                read.data(),
                                read.at(row) + value);
                    }
                    MemorySegment after = part.stretch().after(index);
                    MemorySegment.copy(memories.data(), memories.at(worker), after, FLOAT, at, rows * size);
                }
            }
        });
    }

    private static void recall(MemorySegment before, long at, Rows memories, int worker, int floats) {
        int to = memories.at(worker);
        if (before == null) {
            Arrays.fill(memories.data(), to, to + floats, 0);
        } else {
            MemorySegment.copy(before, FLOAT, at, memories.data(), to, floats);
        }
    }
}
