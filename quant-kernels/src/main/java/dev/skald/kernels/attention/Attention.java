package dev.skald.kernels.attention;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.attention.AttentionPlan.Form;
import dev.skald.kernels.attention.AttentionPlan.Item;
import dev.skald.kernels.attention.AttentionPlan.Sum;
import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.machine.Machine;
import dev.skald.kernels.machine.MachineAttention;
import dev.skald.kernels.machine.MachineAttention.Heads;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Scaled dot-product attention of one layer: for each query head of a row, out = sum over p of softmax(q k(p))[p] v(p).
 *
 * <p>Rows at consecutive positions of a sequence, and the query heads that share a KV head, are computed together, and
 * scores never leave the processor's nearest cache. For few queries, the positions are divided into pieces of a fixed
 * length, so that several threads can work on one token of a long text. The division of work depends only on the batch,
 * and the order of sums is fixed, so any number of threads gives the same result. {@code JavaPieces} and {@code
 * MachinePieces} are the two implementations.
 *
 * <p>This class is immutable. The mutable data of a batch is in an {@link AttentionWorkspace}, which all layers share.
 */
public final class Attention {
    /** The positions of a piece, which has one softmax: as many pages as are read side by side. */
    static final int PIECE = AttentionKernels.PAGES * KvLayout.POSITIONS;

    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    /** The refusals of machine code that have been logged. */
    private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

    private final AttentionShape shape;
    private final Form form;
    private final MachineAttention code;
    private final AttentionPieces java;
    private final AttentionPieces machine;
    private final Map<KvFormat, Optional<String>> refusals = new ConcurrentHashMap<>();

    /**
     * Creates attention of a shape.
     *
     * @param shape the heads and the positions that they see
     * @param kernels the kernels of the model; if these are machine code and the shape allows it, attention uses
     *     machine code, and otherwise the best kernels of the JVM
     */
    public Attention(AttentionShape shape, KernelKind kernels) {
        this.shape = shape;
        form = Form.of(shape);
        code = kernels == KernelKind.MACHINE_CODE && shape.softcap() == 0 && shape.slopes() == null
                ? Machine.kernels().orElseThrow().attention()
                : null;
        java = new JavaPieces(shape);
        machine = code == null ? null : new MachinePieces(code, shape);
        // Tested here for the most common format, not at the first query.
        refusal(KvFormat.F16);
        refusal(KvFormat.F32);
    }

    /**
     * Returns the shape.
     *
     * @return the shape
     */
    public AttentionShape shape() {
        return shape;
    }

    /**
     * Returns why machine code is not used although it was requested and has kernels for this shape: a kernel has
     * failed its self-test. The first request in a process tests the kernels, which takes some milliseconds. A kernel
     * must give the same results as plain Java, to the bit, and be faster. A refusal is logged.
     *
     * @param format the format of keys and values
     * @return a clause; empty if machine code is used, was not requested, or has no kernels for this shape
     */
    public Optional<String> refusal(KvFormat format) {
        Heads heads = new Heads(shape.keySize(), shape.valueSize(), format);
        if (code == null || !code.has(heads)) {
            return Optional.empty();
        }
        return refusals.computeIfAbsent(format, f -> {
            Optional<String> refusal = code.refusal(heads, MachinePieces.queries(form.group(), form.mostRows()));
            refusal.ifPresent(why -> {
                if (LOGGED.add(shape.keySize() + " " + shape.valueSize() + " " + why)) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "attention with heads of {0} and {1} does not run by machine code: {2}",
                            String.valueOf(shape.keySize()),
                            String.valueOf(shape.valueSize()),
                            why);
                }
            });
            return refusal;
        });
    }

    /** Returns the implementation for keys and values of a format. It is always the same for a format. */
    private AttentionPieces pieces(KvFormat format) {
        boolean byMachine = code != null
                && code.has(new Heads(shape.keySize(), shape.valueSize(), format))
                && refusal(format).isEmpty();
        return byMachine ? machine : java;
    }

    /**
     * Returns whether a row has the same result, to the bit, as a single row and as a row of a prompt.
     *
     * @param format the format of keys and values
     * @return true if the kind of row does not matter
     */
    public boolean rowsAlike(KvFormat format) {
        return pieces(format) == machine || form.group() > AttentionPlan.FEW_QUERIES;
    }

    /**
     * Computes attention for all rows of the workspace's batch.
     *
     * @param work the workspace; its {@linkplain AttentionWorkspace#plan batch} is set, and the keys and values of its
     *     rows are stored
     * @param layer the index of the layer in {@link AttentionWorkspace.Rows#layers}
     * @param q queries, [rows][heads][key size], already scaled (usually by 1 / sqrt(key size))
     * @param out receives [rows][heads][value size] floats
     */
    public void attend(AttentionWorkspace work, int layer, float[] q, float[] out) {
        AttentionPlan plan = work.plan(form);
        WorkerTeam team = work.team();
        AttentionPieces[] ways = new AttentionPieces[KvFormat.values().length];
        for (Item item : plan.items()) {
            KvFormat format = item.rows().layers().get(layer).layout().format();
            if (ways[format.ordinal()] == null) {
                ways[format.ordinal()] = pieces(format);
                ways[format.ordinal()].reserve(work, plan.slots());
            }
        }
        team.run(plan.items().size(), 1, (worker, first, end) -> {
            for (int i = first; i < end; i++) {
                Item item = plan.items().get(i);
                KvLayer kv = item.rows().layers().get(layer);
                ways[kv.layout().format().ordinal()].compute(item, kv, q, out, work, worker);
            }
        });
        team.run(plan.sums().size(), 1, (worker, first, end) -> {
            for (int i = first; i < end; i++) {
                Sum sum = plan.sums().get(i);
                KvLayer kv = sum.first().rows().layers().get(layer);
                ways[kv.layout().format().ordinal()].add(sum, out, work, worker);
            }
        });
    }
}
