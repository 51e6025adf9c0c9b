package dev.skald.kernels.ops;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.machine.Machine;
import dev.skald.kernels.machine.MachineAttention;
import dev.skald.kernels.simd.AttentionKernels;
import dev.skald.kernels.simd.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Causal scaled dot-product attention of a batch of rows over a KV cache: for each query head, out = sum over p of
 * softmax(q k(p))[p] v(p).
 *
 * <p>Rows at consecutive positions of a sequence, and the query heads that share a KV head, are computed together: keys
 * and values are decoded a page and head at a time into the cache nearest to the processor and multiplied by all of these
 * queries, and scores never leave that cache. Many queries stand side by side in lanes, their softmax running along
 * (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018). For few, positions and then values stand
 * in lanes, and the positions are cut into pieces of a fixed length, so that a long text keeps several threads busy with
 * one token; that waits for memory, so some of each page of a piece is decoded at a time. How work is cut depends on the
 * batch only, and sums run in an order of their own: any number of threads gives the same result. Machine code takes the
 * same work in another way, see {@code MachinePieces}.
 *
 * <p>For one caller at a time.
 */
public final class Attention {
    /** Queries that are computed together: more share a decoded page, fewer leave it room in the cache. */
    private static final int MOST_QUERIES = 64;

    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    /** What has been said of machine code that is refused. */
    private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

    /** Up to so many queries, positions stand in lanes. */
    private static final int FEW_QUERIES = 16;

    /** Positions of a piece, whose softmax is one: as many pages as are read side by side. */
    static final int PIECE = AttentionKernels.PAGES * KvLayout.POSITIONS;

    /** Numbers of the keys of a page that are decoded at a time. */
    private static final int KEY_NUMBERS = AttentionKernels.SLICE / KvLayout.POSITIONS;

    /** The score of what a query does not see. */
    private static final float UNSEEN = -Float.MAX_VALUE;

    private static final AttentionKernels KERNELS = AttentionKernels.BEST;
    private static final int WIDTH = KERNELS.width();
    private static final int TILE = KERNELS.tile();

    /**
     * Rows of a batch at consecutive positions of one sequence.
     *
     * @param first the first row
     * @param count how many
     * @param position the position of the first
     * @param pages the pages of the sequence, from position 0 on, which hold the keys and values of these rows too
     * @param single whether each row's answer is to be what it is for that row alone; of other rows, those of a prompt, answers
     *     don't depend on how many there are
     */
    public record Rows(int first, int count, int position, List<MemorySegment> pages, boolean single) {
        /**
         * A row alone, or several of a prompt.
         *
         * @param first the first row
         * @param count how many
         * @param position the position of the first
         * @param pages the pages of the sequence
         */
        public Rows(int first, int count, int position, List<MemorySegment> pages) {
            this(first, count, position, pages, count == 1);
        }
    }

    /**
     * The part of an answer that a thread computes at a time; with a slot, where that of its first query is, it is one of
     * several pieces of positions.
     */
    record Item(
            int row,
            int count,
            int position,
            List<MemorySegment> pages,
            int head,
            int from,
            int to,
            int slot,
            boolean few) {}

    /** Pieces that make an answer: so many, from an item's on. */
    record Sum(Item first, int pieces) {}

    private final WorkerTeam team;
    private final int heads;
    private final int group;
    private final int keySize;
    private final int valueSize;
    private final int window;
    private final MachinePieces machine;
    private final String refusal;
    private final Scratch[] scratch;
    private final List<Item> items = new ArrayList<>();
    private final List<Sum> sums = new ArrayList<>();
    private float[] pieces = {};

    /**
     * Attention in a model's shape.
     *
     * @param team does the work
     * @param heads query heads, a multiple of the KV heads
     * @param shape KV heads and sizes; its type does not matter
     * @param window how many positions a row sees, its own included; {@link Integer#MAX_VALUE} for all
     * @param kernels computes by machine code where these do, if the shape allows it; else by what suits the JVM
     */
    public Attention(WorkerTeam team, int heads, KvLayout shape, int window, KernelKind kernels) {
        this.team = team;
        this.heads = heads;
        this.group = heads / shape.heads();
        this.keySize = shape.keySize();
        this.valueSize = shape.valueSize();
        this.window = window;
        this.scratch = new Scratch[team.threads()];
        MachineAttention code = kernels == KernelKind.MACHINE_CODE
                ? Machine.kernels().orElseThrow().attention()
                : null;
        if (code == null || !code.has(valueSize)) {
            machine = null;
            refusal = null;
            return;
        }
        // Found out here and not with the first query: so what computes does not change on the way.
        refusal = code.refusal(keySize, valueSize, MachinePieces.queries(group, mostRows()))
                .orElse(null);
        machine = refusal == null
                ? new MachinePieces(code, team.threads(), heads, shape, window, Math.max(MOST_QUERIES, group))
                : null;
        if (refusal != null && LOGGED.add(keySize + " " + valueSize + " " + refusal)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "attention with heads of {0} and {1} does not run by machine code: {2}",
                    String.valueOf(keySize),
                    String.valueOf(valueSize),
                    refusal);
        }
    }

    /**
     * Why machine code, which was asked for and has kernels for this shape, is not used: one of them did not pass its
     * self-test. They are tried when they are first asked for in a process: they must give what plain Java gives, to the bit,
     * and be faster. That takes some milliseconds. What is refused is logged.
     *
     * @return a clause for people; empty where machine code is used, or was not asked for
     */
    public Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Rows of an item. */
    private int mostRows() {
        return Math.max(1, MOST_QUERIES / group);
    }

    /**
     * Cuts a batch into work, for all of its layers.
     *
     * @param batch its rows, each in one part
     */
    public void plan(List<Rows> batch) {
        items.clear();
        sums.clear();
        int slots = 0;
        // Heads are the outer loop: later rows see more, and each worker's share of the items is to have some of all.
        for (int head = 0; head < heads / group; head++) {
            for (Rows rows : batch) {
                boolean few = rows.single && group <= FEW_QUERIES;
                int most = rows.single ? 1 : mostRows();
                for (int done = 0; done < rows.count; done += most) {
                    int count = Math.min(most, rows.count - done);
                    int position = rows.position + done;
                    int from = Math.max(0, position + 1 - window);
                    int to = position + count;
                    if (!few || from / PIECE == (to - 1) / PIECE) {
                        items.add(new Item(rows.first + done, count, position, rows.pages, head, from, to, -1, few));
                        continue;
                    }
                    int first = items.size();
                    for (int start = from; start < to; start = start / PIECE * PIECE + PIECE) {
                        int end = Math.min(to, start / PIECE * PIECE + PIECE);
                        items.add(new Item(
                                rows.first + done, count, position, rows.pages, head, start, end, slots, true));
                        slots = Math.addExact(slots, count * group);
                    }
                    sums.add(new Sum(items.get(first), items.size() - first));
                }
            }
        }
        if (machine != null) {
            machine.reserve(slots);
        } else if (pieces.length < slots * slotSize()) {
            pieces = new float[Math.multiplyExact(slots, slotSize())];
        }
    }

    /**
     * Attends with all rows of the plan in one layer.
     *
     * @param layout how the pages are laid out
     * @param layer which layer
     * @param q queries, [rows][heads][key size], already scaled (by 1 / sqrt(key size) as a rule)
     * @param out receives [rows][heads][value size] floats
     */
    public void attend(KvLayout layout, int layer, float[] q, float[] out) {
        if (machine != null) {
            machine.layer(layout, layer);
            team.run(items.size(), 1, (worker, first, end) -> {
                for (int i = first; i < end; i++) {
                    machine.compute(items.get(i), q, out, worker);
                }
            });
            team.run(sums.size(), 1, (worker, first, end) -> {
                for (int i = first; i < end; i++) {
                    machine.add(sums.get(i), out, worker);
                }
            });
            return;
        }
        team.run(items.size(), 1, (worker, first, end) -> {
            if (scratch[worker] == null) {
                scratch[worker] = new Scratch(group, keySize, valueSize);
            }
            for (int i = first; i < end; i++) {
                Item item = items.get(i);
                if (item.few) {
                    few(item, layout, layer, q, out, scratch[worker]);
                } else {
                    many(item, layout, layer, q, out, scratch[worker]);
                }
            }
        });
        team.run(sums.size(), 1, (worker, first, end) -> {
            for (int i = first; i < end; i++) {
                add(sums.get(i), out);
            }
        });
    }

    /** Queries four by four; scores [query][positions of the piece]. */
    private void few(Item item, KvLayout layout, int layer, float[] q, float[] out, Scratch s) {
        int queries = item.count * group;
        int base = item.from / KvLayout.POSITIONS * KvLayout.POSITIONS;
        int first = base / KvLayout.POSITIONS;
        List<MemorySegment> pages = item.pages.subList(first, first + Math.ceilDiv(item.to - base, KvLayout.POSITIONS));
        for (int i = 0; i < queries; i++) {
            System.arraycopy(q, query(item, i) * keySize, s.queries, i * keySize, keySize);
        }
        Arrays.fill(s.scores, 0, Math.ceilDiv(queries, 4) * 4 * PIECE, 0);
        for (int d = 0; d < keySize; d += KEY_NUMBERS) {
            int n = Math.min(KEY_NUMBERS, keySize - d);
            layout.readKeys(pages, layer, item.head, d, n, s.block);
            for (int page = 0; page < pages.size(); page++) {
                int keys = AttentionKernels.FIRST + page * AttentionKernels.PAGE;
                int scores = page * KvLayout.POSITIONS;
                add(
                        queries,
                        s.block,
                        keys,
                        KvLayout.POSITIONS,
                        s.queries,
                        d,
                        keySize,
                        n,
                        s.scores,
                        scores,
                        PIECE,
                        KvLayout.POSITIONS);
            }
        }
        int n = pages.size() * KvLayout.POSITIONS;
        for (int i = 0; i < queries; i++) {
            softmax(s, i, n, firstSeen(item, i / group) - base, endSeen(item, i / group) - base);
        }
        int stride = Math.ceilDiv(valueSize, WIDTH) * WIDTH;
        Arrays.fill(s.mixed, 0, Math.ceilDiv(queries, 4) * 4 * stride, 0);
        int rows = Math.max(1, AttentionKernels.SLICE / valueSize);
        for (int p = 0; p < KvLayout.POSITIONS; p += rows) {
            int end = Math.min(p + rows, KvLayout.POSITIONS);
            for (int d = 0; d < valueSize; d += AttentionKernels.SLICE) {
                int numbers = Math.min(AttentionKernels.SLICE, valueSize - d);
                layout.readValues(pages, layer, item.head, p * valueSize + d, (end - p) * numbers, s.block);
                for (int page = 0; page < pages.size(); page++) {
                    int at = page * KvLayout.POSITIONS;
                    int from = Math.max(item.from - base - at, p);
                    int to = Math.min(item.to - base - at, end);
                    if (from < to) {
                        int values = AttentionKernels.FIRST + page * AttentionKernels.PAGE + (from - p) * numbers;
                        int scores = at + from;
                        add(
                                queries, s.block, values, numbers, s.scores, scores, PIECE, to - from, s.mixed, d,
                                stride, numbers);
                    }
                }
            }
        }
        for (int i = 0; i < queries; i++) {
            if (item.slot < 0) {
                float factor = 1 / s.sum[i];
                int o = query(item, i) * valueSize;
                for (int d = 0; d < valueSize; d++) {
                    out[o + d] = s.mixed[i * stride + d] * factor;
                }
            } else {
                int o = (item.slot + i) * slotSize();
                pieces[o] = s.max[i];
                pieces[o + 1] = s.sum[i];
                System.arraycopy(s.mixed, i * stride, pieces, o + 2, valueSize);
            }
        }
    }

    /** c[i][w] += sum over j of a[j][w] b[i][j], for all queries i; a query that is left alone has its own kernel. */
    private static void add(
            int queries,
            float[] a,
            int ao,
            int as,
            float[] b,
            int bo,
            int bs,
            int n,
            float[] c,
            int co,
            int cs,
            int width) {
        for (int i = 0; i < queries; i += 4) {
            if (i == queries - 1) {
                KERNELS.add1(a, ao, as, b, bo + i * bs, n, c, co + i * cs, width);
            } else {
                KERNELS.add4(a, ao, as, b, bo + i * bs, bs, n, c, co + i * cs, cs, width);
            }
        }
    }

    /** Turns n scores of a query, seen in a range, into exponentials, and sets their largest and their sum. */
    private static void softmax(Scratch s, int i, int n, int from, int to) {
        int row = i * PIECE;
        int start = Math.clamp(from, 0, n);
        int end = Math.clamp(to, start, n);
        Arrays.fill(s.scores, row, row + start, UNSEEN);
        Arrays.fill(s.scores, row + end, row + n, UNSEEN);
        Arrays.fill(s.lanes, 0, WIDTH, UNSEEN);
        KERNELS.maxima(s.scores, row, n / WIDTH, s.lanes, 0);
        float max = s.lanes[0];
        for (int w = 1; w < WIDTH; w++) {
            max = Math.max(max, s.lanes[w]);
        }
        Arrays.fill(s.lanes, 0, WIDTH, max);
        KERNELS.exponentials(s.scores, row, n / WIDTH, s.lanes, 0, s.lanes, WIDTH);
        float sum = 0;
        for (int w = WIDTH; w < 2 * WIDTH; w++) {
            sum += s.lanes[w];
        }
        s.max[i] = max;
        s.sum[i] = sum;
    }

    /** The answer of a query is the mean of its pieces' answers, each with the weight of its exponentials. */
    private void add(Sum sum, float[] out) {
        for (int i = 0; i < sum.first.count * group; i++) {
            int at = (sum.first.slot + i) * slotSize();
            int apart = sum.first.count * group * slotSize();
            float max = UNSEEN;
            for (int piece = 0; piece < sum.pieces; piece++) {
                max = Math.max(max, pieces[at + piece * apart]);
            }
            int o = query(sum.first, i) * valueSize;
            Arrays.fill(out, o, o + valueSize, 0);
            float total = 0;
            for (int piece = 0; piece < sum.pieces; piece++) {
                int p = at + piece * apart;
                float factor = (float) Math.exp(pieces[p] - max);
                total += factor * pieces[p + 1];
                Kernels.BEST.axpy(factor, pieces, p + 2, out, o, valueSize);
            }
            for (int d = o; d < o + valueSize; d++) {
                out[d] /= total;
            }
        }
    }

    /** Queries in lanes, a width of them a strip; scores [strip][positions of a page][lanes]. */
    private void many(Item item, KvLayout layout, int layer, float[] q, float[] out, Scratch s) {
        int queries = item.count * group;
        int strips = Math.ceilDiv(queries, WIDTH);
        int rows = Math.ceilDiv(valueSize, TILE) * TILE;
        for (int i = 0; i < queries; i++) {
            int from = query(item, i) * keySize;
            int to = i / WIDTH * keySize * WIDTH + i % WIDTH;
            for (int d = 0; d < keySize; d++) {
                s.queries[to + WIDTH * d] = q[from + d];
            }
        }
        Arrays.fill(s.mixed, 0, strips * rows * WIDTH, 0);
        Arrays.fill(s.max, 0, strips * WIDTH, UNSEEN);
        Arrays.fill(s.sum, 0, strips * WIDTH, 0);
        int first = item.from / KvLayout.POSITIONS;
        int end = Math.ceilDiv(item.to, KvLayout.POSITIONS);
        for (int page = first; page < end; page++) {
            int base = page * KvLayout.POSITIONS;
            layout.readKeys(item.pages.get(page), layer, item.head, s.block);
            for (int strip = 0; strip < strips; strip++) {
                scores(item, base, strip, s);
            }
            layout.readValues(
                    item.pages.get(page), layer, item.head, Math.min(item.to - base, KvLayout.POSITIONS), s.block);
            for (int strip = 0; strip < strips; strip++) {
                int from = from(item, base, strip);
                int n = end(item, base, strip) - from;
                for (int d = 0; d < valueSize && n > 0; d += TILE) {
                    KERNELS.mixTile(
                            s.scores,
                            (strip * KvLayout.POSITIONS + from) * WIDTH,
                            WIDTH,
                            s.block,
                            from * valueSize + d,
                            valueSize,
                            n,
                            s.mixed,
                            (strip * rows + d) * WIDTH,
                            s.lanes,
                            strip * WIDTH);
                }
            }
        }
        for (int i = 0; i < queries; i++) {
            float factor = 1 / s.sum[i];
            int from = i / WIDTH * rows * WIDTH + i % WIDTH;
            int o = query(item, i) * valueSize;
            for (int d = 0; d < valueSize; d++) {
                out[o + d] = s.mixed[from + WIDTH * d] * factor;
            }
        }
    }

    /** The exponentials of a strip over a page, as scores, and in {@code lanes} what earlier pages' sums shrink by. */
    private void scores(Item item, int base, int strip, Scratch s) {
        int from = from(item, base, strip);
        int end = end(item, base, strip);
        if (from >= end) {
            return;
        }
        int at = strip * KvLayout.POSITIONS * WIDTH;
        int queries = strip * keySize * WIDTH;
        for (int p = from / TILE * TILE; p < end; p += TILE) {
            KERNELS.dotTile(
                    s.queries, queries, WIDTH, s.block, p, KvLayout.POSITIONS, keySize, s.scores, at + p * WIDTH);
        }
        // Rows see more to the right and less to the left than the rows before them.
        int last = Math.min(item.count * group, (strip + 1) * WIDTH) - 1;
        int first = strip * WIDTH;
        for (int p = Math.max(from, endSeen(item, first / group) - base); p < end; p++) {
            int blind = base + p - item.position;
            Arrays.fill(s.scores, at + p * WIDTH, at + p * WIDTH + blind * group - first, UNSEEN);
        }
        for (int p = from; p < Math.min(end, firstSeen(item, last / group) - base); p++) {
            // Also the empty lanes behind the last query, which does no harm.
            int seeing = base + p + window - item.position;
            Arrays.fill(s.scores, at + p * WIDTH + Math.max(0, seeing * group - first), at + (p + 1) * WIDTH, UNSEEN);
        }
        int lane = strip * WIDTH;
        System.arraycopy(s.max, lane, s.lanes, lane, WIDTH);
        KERNELS.maxima(s.scores, at + from * WIDTH, end - from, s.max, lane);
        KERNELS.exponentials(s.lanes, lane, 1, s.max, lane, s.sums, 0);
        KERNELS.exponentials(s.scores, at + from * WIDTH, end - from, s.max, lane, s.sums, 0);
        for (int w = 0; w < WIDTH; w++) {
            s.sum[lane + w] = s.sum[lane + w] * s.lanes[lane + w] + s.sums[w];
        }
    }

    /** The first place of a page that a strip sees, and one past the last: at most the first where there is none. */
    private int from(Item item, int base, int strip) {
        return Math.max(0, firstSeen(item, strip * WIDTH / group) - base);
    }

    private int end(Item item, int base, int strip) {
        int last = Math.min(item.count * group, (strip + 1) * WIDTH) - 1;
        return Math.min(KvLayout.POSITIONS, endSeen(item, last / group) - base);
    }

    private int firstSeen(Item item, int row) {
        return Math.max(0, item.position + row + 1 - window);
    }

    private static int endSeen(Item item, int row) {
        return item.position + row + 1;
    }

    /** Which query of the batch is query i of an item: its row's heads, then the next row's. */
    private int query(Item item, int i) {
        return (item.row + i / group) * heads + item.head * group + i % group;
    }

    /** Floats of a query's piece: its largest score, the sum of exponentials, the mixed values. */
    private int slotSize() {
        return 2 + valueSize;
    }

    /** What a thread needs. Tiles read past a block's end, into numbers whose products nobody looks at. */
    private static final class Scratch {
        private final float[] queries;
        private final float[] block;
        private final float[] scores;
        private final float[] mixed;
        private final float[] max;
        private final float[] sum;
        private final float[] lanes;
        private final float[] sums = new float[WIDTH];

        Scratch(int group, int keySize, int valueSize) {
            int queryLanes = Math.ceilDiv(Math.max(MOST_QUERIES, group), WIDTH) * WIDTH;
            int valueLanes = Math.ceilDiv(valueSize, WIDTH) * WIDTH;
            queries = new float[queryLanes * keySize];
            int page = KvLayout.POSITIONS * Math.max(keySize, valueSize);
            block = new float
                    [Math.max(AttentionKernels.PAGES * AttentionKernels.PAGE, page) + WIDTH + AttentionKernels.FIRST];
            scores = new float[Math.max(FEW_QUERIES * PIECE, queryLanes * KvLayout.POSITIONS)];
            mixed = new float[queryLanes * valueLanes];
            max = new float[queryLanes];
            sum = new float[queryLanes];
            lanes = new float[Math.max(queryLanes, 2 * WIDTH)];
        }
    }
}
