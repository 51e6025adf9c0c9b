package dev.skald.kernels.attention;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.attention.AttentionPlan.Form;
import dev.skald.kernels.attention.AttentionPlan.Item;
import dev.skald.kernels.machine.Machine;
import dev.skald.kernels.machine.MachineAttention;
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
    private final AttentionPieces pieces;
    private final String refusal;

    /**
     * Attention of a shape.
     *
     * @param shape heads and what they see
     * @param kernels computes by machine code where these do, if the shape allows it; else by what suits the JVM
     */
    public Attention(AttentionShape shape, KernelKind kernels) {
        this.shape = shape;
        form = Form.of(shape);
        MachineAttention code = kernels == KernelKind.MACHINE_CODE
                ? Machine.kernels().orElseThrow().attention()
                : null;
        if (code == null || !code.has(shape.valueSize()) || shape.softcap() > 0) {
            pieces = new JavaPieces(shape);
            refusal = null;
            return;
        }
        // Found out here and not with the first query: so what computes does not change on the way.
        refusal = code.refusal(shape.keySize(), shape.valueSize(), MachinePieces.queries(form.group(), form.mostRows()))
                .orElse(null);
        pieces = refusal == null ? new MachinePieces(code, shape) : new JavaPieces(shape);
        if (refusal != null && LOGGED.add(shape.keySize() + " " + shape.valueSize() + " " + refusal)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "attention with heads of {0} and {1} does not run by machine code: {2}",
                    String.valueOf(shape.keySize()),
                    String.valueOf(shape.valueSize()),
                    refusal);
        }
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
     * @return a clause for people; empty where machine code is used, was not asked for, or has no kernels for this shape
     */
    public Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /**
     * Attends with all rows of the workspace's batch.
     *
     * @param work its {@linkplain AttentionWorkspace#plan batch} is set, and keys and values of its rows are stored
     * @param layer whose keys and values are looked at: which of {@link AttentionWorkspace.Rows#layers}
     * @param q queries, [rows][heads][key size], already scaled (by 1 / sqrt(key size) as a rule)
     * @param out receives [rows][heads][value size] floats
     */
    public void attend(AttentionWorkspace work, int layer, float[] q, float[] out) {
        AttentionPlan plan = work.plan(form);
        WorkerTeam team = work.team();
        pieces.reserve(work, plan.slots());
        team.run(plan.items().size(), 1, (worker, first, end) -> {
            for (int i = first; i < end; i++) {
                Item item = plan.items().get(i);
                pieces.compute(item, item.rows().layers().get(layer), q, out, work, worker);
            }
        });
        team.run(plan.sums().size(), 1, (worker, first, end) -> {
            for (int i = first; i < end; i++) {
                pieces.add(plan.sums().get(i), out, work, worker);
            }
        });
    }
}
