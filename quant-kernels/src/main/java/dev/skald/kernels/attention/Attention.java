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
 * <p>Rows at consecutive positions of a sequence, and the query heads that share a KV head, are computed together, and scores
 * never leave the processor's nearest cache. For few queries the positions are cut into pieces of a fixed length, so that a
 * long text keeps several threads busy with one token. How work is cut depends on the batch only, and sums run in an order of
 * their own: any number of threads gives the same result. {@code JavaPieces} and {@code MachinePieces} are the two ways to do
 * it.
 *
 * <p>Immutable: what is needed while a batch is computed is in an {@link AttentionWorkspace}, which all layers share.
 */
public final class Attention {
    /** Positions of a piece, whose softmax is one: as many pages as are read side by side. */
    static final int PIECE = AttentionKernels.PAGES * KvLayout.POSITIONS;

    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    /** What has been said of machine code that is refused. */
    private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

    private final AttentionShape shape;
    private final Form form;
    private final MachineAttention code;
    private final AttentionPieces java;
    private final AttentionPieces machine;
    private final Map<KvFormat, Optional<String>> refusals = new ConcurrentHashMap<>();

    /**
     * Attention of a shape.
     *
     * @param shape heads and what they see
     * @param kernels computes by machine code where these do, if the shape allows it; else by what suits the JVM
     */
    public Attention(AttentionShape shape, KernelKind kernels) {
        this.shape = shape;
        form = Form.of(shape);
        code = kernels == KernelKind.MACHINE_CODE && shape.softcap() == 0 && shape.slopes() == null
                ? Machine.kernels().orElseThrow().attention()
                : null;
        java = new JavaPieces(shape);
        machine = code == null ? null : new MachinePieces(code, shape);
        // Found out here and not with the first query, for the formats that are used most.
        refusal(KvFormat.F16);
        refusal(KvFormat.F32);
    }

    /**
     * What it looks like.
     *
     * @return the shape
     */
    public AttentionShape shape() {
        return shape;
    }

    /**
     * Why machine code, which was asked for and has kernels for this shape, is not used: one of them did not pass its
     * self-test. They are tried when they are first asked for in a process: they must give what plain Java gives, to the bit,
     * and be faster. That takes some milliseconds. What is refused is logged.
     *
     * @param format how keys and values are kept
     * @return part of a sentence; empty where machine code is used, was not asked for, or has no kernels for this shape
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

    /** What computes with keys and values of a format: always the same. */
    private AttentionPieces pieces(KvFormat format) {
        boolean byMachine = code != null
                && code.has(new Heads(shape.keySize(), shape.valueSize(), format))
                && refusal(format).isEmpty();
        return byMachine ? machine : java;
    }

    /**
     * Whether a row's answer is the same, to the bit, for a row alone and for one of a prompt.
     *
     * @param format how keys and values are kept
     * @return true where it does not matter
     */
    public boolean rowsAlike(KvFormat format) {
        return pieces(format) == machine || form.group() > AttentionPlan.FEW_QUERIES;
    }

    /**
     * Attends with all rows of the workspace's batch.
     *
     * @param work its {@linkplain AttentionWorkspace#plan batch} is set, and keys and values of its rows are stored
     * @param layer whose keys and values are looked at: which of {@link AttentionWorkspace.Rows#layers}
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
