package dev.skald.kernels.attention;

import dev.skald.kernels.attention.AttentionPlan.Item;
import dev.skald.kernels.attention.AttentionPlan.Sum;
import dev.skald.kernels.platform.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Computes the items of attention in Java, with vectors if the JVM has them. The keys and values of a page and head are
 * decoded together into the processor's nearest cache and multiplied by all queries of the item. Many queries are put
 * side by side in lanes, with a running softmax (Milakov and Gimelshein, "Online normalizer calculation for softmax",
 * 2018). For few queries, first positions and then values are in lanes. That is limited by memory, so a part of each
 * page of a piece is decoded at a time.
 */
final class JavaPieces implements AttentionPieces {
    /** The number of key values of a page to decode at a time. */
    private static final int KEY_NUMBERS = AttentionKernels.SLICE / KvLayout.POSITIONS;

    /** The score of a position that a query does not see. */
    private static final float UNSEEN = -Float.MAX_VALUE;

    private static final AttentionKernels KERNELS = AttentionKernels.BEST;
    private static final int WIDTH = KERNELS.width();
    private static final int TILE = KERNELS.tile();

    private final int group;
    private final int keySize;
    private final int valueSize;
    private final float softcap;
    private final float[] sinks;
    private final float[] slopes;

    JavaPieces(AttentionShape shape) {
        group = shape.group();
        keySize = shape.keySize();
        valueSize = shape.valueSize();
        softcap = shape.softcap();
        sinks = shape.sinks();
        slopes = shape.slopes();
    }

    /** Memory that all layers use in turn. */
    static final class Room {
        private final Scratch[] scratch;

        /** For each query in a slot: its largest score, the sum of exponentials, and the mixed values. */
        private float[] pieces = {};

        Room(int threads) {
            scratch = new Scratch[threads];
        }
    }

    @Override
    public void reserve(AttentionWorkspace work, int slots) {
        if (work.java.pieces.length < slots * slotSize()) {
            work.java.pieces = new float[Math.multiplyExact(slots, slotSize())];
        }
    }

    @Override
    public void compute(Item item, KvLayer kv, float[] q, float[] out, AttentionWorkspace work, int worker) {
        Scratch s = work.java.scratch[worker];
        if (s == null || !s.holds(group, keySize, valueSize)) {
            s = new Scratch(s, group, keySize, valueSize);
            work.java.scratch[worker] = s;
        }
        s.pieces = work.java.pieces;
        if (item.few()) {
            few(item, kv, q, out, s);
        } else {
            many(item, kv, q, out, s);
        }
    }

    /** Computes few queries, four at a time. */
    private void few(Item item, KvLayer kv, float[] q, float[] out, Scratch s) {
        int queries = item.queries();
        int base = item.from() / KvLayout.POSITIONS * KvLayout.POSITIONS;
        int first = base / KvLayout.POSITIONS;
        List<MemorySegment> pages =
                kv.pages().subList(first, first + Math.ceilDiv(item.to() - base, KvLayout.POSITIONS));
        for (int i = 0; i < queries; i++) {
            System.arraycopy(q, item.query(i) * keySize, s.queries, i * keySize, keySize);
        }
        score(item, kv, pages, s);
        for (int i = 0; i < queries; i++) {
            softmax(item, base, i, pages.size() * KvLayout.POSITIONS, s);
        }
        int stride = Math.ceilDiv(valueSize, WIDTH) * WIDTH;
        mix(item, kv, pages, base, stride, s);
        for (int i = 0; i < queries; i++) {
            if (item.slot() < 0) {
                float factor = 1 / withSink(s.sum[i], s.max[i], item.head(i));
                int o = item.query(i) * valueSize;
                for (int d = 0; d < valueSize; d++) {
                    out[o + d] = s.mixed[i * stride + d] * factor;
                }
            } else {
                int o = (item.slot() + i) * slotSize();
                s.pieces[o] = s.max[i];
                s.pieces[o + 1] = s.sum[i];
                System.arraycopy(s.mixed, i * stride, s.pieces, o + 2, valueSize);
            }
        }
    }

    /** Computes the scores of few queries, as [query][positions of the piece]. */
    private void score(Item item, KvLayer kv, List<MemorySegment> pages, Scratch s) {
        int queries = item.queries();
        Arrays.fill(s.scores, 0, Math.ceilDiv(queries, 4) * 4 * Attention.PIECE, 0);
        for (int d = 0; d < keySize; d += KEY_NUMBERS) {
            int n = Math.min(KEY_NUMBERS, keySize - d);
            kv.layout().readKeys(pages, kv.index(), item.head(), d, n, s.block);
            for (int page = 0; page < pages.size(); page++) {
                add(
                        queries,
                        s.block,
                        AttentionKernels.FIRST + page * AttentionKernels.PAGE,
                        KvLayout.POSITIONS,
                        s.queries,
                        d,
                        keySize,
                        n,
                        s.scores,
                        page * KvLayout.POSITIONS,
                        Attention.PIECE,
                        KvLayout.POSITIONS);
            }
        }
    }

    /** Mixes the values for few queries, as [query][stride]; the first page begins at position {@code base}. */
    private void mix(Item item, KvLayer kv, List<MemorySegment> pages, int base, int stride, Scratch s) {
        int queries = item.queries();
        Arrays.fill(s.mixed, 0, Math.ceilDiv(queries, 4) * 4 * stride, 0);
        int rows = Math.max(1, AttentionKernels.SLICE / valueSize);
        for (int p = 0; p < KvLayout.POSITIONS; p += rows) {
            int end = Math.min(p + rows, KvLayout.POSITIONS);
            for (int d = 0; d < valueSize; d += AttentionKernels.SLICE) {
                int numbers = Math.min(AttentionKernels.SLICE, valueSize - d);
                kv.layout().readValues(pages, kv.index(), item.head(), p * valueSize + d, (end - p) * numbers, s.block);
                for (int page = 0; page < pages.size(); page++) {
                    int at = page * KvLayout.POSITIONS;
                    int from = Math.max(item.from() - base - at, p);
                    int to = Math.min(item.to() - base - at, end);
                    if (from < to) {
                        add(
                                queries,
                                s.block,
                                AttentionKernels.FIRST + page * AttentionKernels.PAGE + (from - p) * numbers,
                                numbers,
                                s.scores,
                                at + from,
                                Attention.PIECE,
                                to - from,
                                s.mixed,
                                d,
                                stride,
                                numbers);
                    }
                }
            }
        }
    }

    /** c[i][w] += sum over j of a[j][w] b[i][j], for all queries i. A remaining single query has its own kernel. */
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

    /** Turns n scores of a query, from a position on, into exponentials, and stores their maximum and their sum. */
    private void softmax(Item item, int base, int i, int n, Scratch s) {
        int row = i * Attention.PIECE;
        int start = Math.clamp(item.firstSeen(i / group) - base, 0, n);
        int end = Math.clamp(item.endSeen(i / group) - base, start, n);
        if (softcap > 0) {
            KERNELS.hold(s.scores, row, n / WIDTH, softcap);
        }
        if (slopes != null) {
            float slope = slopes[item.head(i)];
            int position = item.position() + i / group - base;
            for (int p = start; p < end; p++) {
                s.scores[row + p] -= slope * Math.abs(position - p);
            }
        }
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

    /** The result of a query is the mean of its pieces' results, weighted by their exponentials. */
    @Override
    public void add(Sum sum, float[] out, AttentionWorkspace work, int worker) {
        Item item = sum.first();
        float[] pieces = work.java.pieces;
        int apart = item.queries() * slotSize();
        for (int i = 0; i < item.queries(); i++) {
            int at = (item.slot() + i) * slotSize();
            float max = UNSEEN;
            for (int piece = 0; piece < sum.pieces(); piece++) {
                max = Math.max(max, pieces[at + piece * apart]);
            }
            int o = item.query(i) * valueSize;
            Arrays.fill(out, o, o + valueSize, 0);
            float total = 0;
            for (int piece = 0; piece < sum.pieces(); piece++) {
                int p = at + piece * apart;
                float factor = (float) Math.exp(pieces[p] - max);
                total += factor * pieces[p + 1];
                Kernels.BEST.axpy(factor, pieces, p + 2, out, o, valueSize);
            }
            total = withSink(total, max, item.head(i));
            for (int d = o; d < o + valueSize; d++) {
                out[d] /= total;
            }
        }
    }

    /** Returns a sum of exponentials relative to the largest score, including the sink of a head. */
    private float withSink(float sum, float max, int head) {
        return sinks == null ? sum : (float) (sum + Math.exp(sinks[head] - max));
    }

    /**
     * Computes many queries in lanes; a strip is one width of them. The scores are [strip][positions of a page][lanes].
     */
    private void many(Item item, KvLayer kv, float[] q, float[] out, Scratch s) {
        int queries = item.queries();
        int strips = Math.ceilDiv(queries, WIDTH);
        int rows = Math.ceilDiv(valueSize, TILE) * TILE;
        for (int i = 0; i < queries; i++) {
            int from = item.query(i) * keySize;
            int to = i / WIDTH * keySize * WIDTH + i % WIDTH;
            for (int d = 0; d < keySize; d++) {
                s.queries[to + WIDTH * d] = q[from + d];
            }
        }
        Arrays.fill(s.mixed, 0, strips * rows * WIDTH, 0);
        Arrays.fill(s.max, 0, strips * WIDTH, UNSEEN);
        Arrays.fill(s.sum, 0, strips * WIDTH, 0);
        int first = item.from() / KvLayout.POSITIONS;
        int end = Math.ceilDiv(item.to(), KvLayout.POSITIONS);
        for (int page = first; page < end; page++) {
            int base = page * KvLayout.POSITIONS;
            kv.layout().readKeys(kv.pages().get(page), kv.index(), item.head(), s.block);
            for (int strip = 0; strip < strips; strip++) {
                scores(item, base, strip, s);
            }
            kv.layout()
                    .readValues(
                            kv.pages().get(page),
                            kv.index(),
                            item.head(),
                            Math.min(item.to() - base, KvLayout.POSITIONS),
                            s.block);
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
            float factor = 1 / withSink(s.sum[i], s.max[i], item.head(i));
            int from = i / WIDTH * rows * WIDTH + i % WIDTH;
            int o = item.query(i) * valueSize;
            for (int d = 0; d < valueSize; d++) {
                out[o + d] = s.mixed[from + WIDTH * d] * factor;
            }
        }
    }

    /**
     * Turns a strip's scores over a page into exponentials, and stores in {@code lanes} the factors for the earlier
     * sums.
     */
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
        if (softcap > 0) {
            KERNELS.hold(s.scores, at + from * WIDTH, end - from, softcap);
        }
        if (slopes != null) {
            fade(item, base, strip, from, end, s);
        }
        // Each row sees more to the right and less to the left than the row before it.
        int last = Math.min(item.queries(), (strip + 1) * WIDTH) - 1;
        int first = strip * WIDTH;
        for (int p = Math.max(from, item.endSeen(first / group) - base); p < end; p++) {
            int blind = base + p - item.position() - item.form().after();
            Arrays.fill(s.scores, at + p * WIDTH, at + p * WIDTH + blind * group - first, UNSEEN);
        }
        for (int p = from; p < Math.min(end, item.firstSeen(last / group) - base); p++) {
            // This includes the empty lanes after the last query, which does no harm.
            int seeing = base + p + 1 + item.form().before() - item.position();
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

    /** Subtracts from a strip's scores the penalty for the distance of positions. */
    private void fade(Item item, int base, int strip, int from, int end, Scratch s) {
        int first = strip * WIDTH;
        int at = strip * KvLayout.POSITIONS * WIDTH;
        for (int i = first; i < Math.min(first + WIDTH, item.queries()); i++) {
            float slope = slopes[item.head(i)];
            int position = item.position() + i / group - base;
            for (int p = from; p < end; p++) {
                s.scores[at + p * WIDTH + i - first] -= slope * Math.abs(position - p);
            }
        }
    }

    /** Returns the first place of a page that a strip sees, and one past the last; they are equal if it sees none. */
    private int from(Item item, int base, int strip) {
        return Math.max(0, item.firstSeen(strip * WIDTH / group) - base);
    }

    private int end(Item item, int base, int strip) {
        int last = Math.min(item.queries(), (strip + 1) * WIDTH) - 1;
        return Math.min(KvLayout.POSITIONS, item.endSeen(last / group) - base);
    }

    /** Returns the number of floats in a query's piece. */
    private int slotSize() {
        return 2 + valueSize;
    }

    /**
     * The scratch memory of a thread. Tiles read beyond the end of a block; the products of those values are never
     * used.
     */
    private static final class Scratch {
        private final int group;
        private final int keySize;
        private final int valueSize;
        private float[] pieces;
        private final float[] queries;
        private final float[] block;
        private final float[] scores;
        private final float[] mixed;
        private final float[] max;
        private final float[] sum;
        private final float[] lanes;
        private final float[] sums = new float[WIDTH];

        /** Allocates memory that fits heads of this shape, and those of another scratch memory. */
        Scratch(Scratch other, int group, int keySize, int valueSize) {
            this.group = other == null ? group : Math.max(group, other.group);
            this.keySize = other == null ? keySize : Math.max(keySize, other.keySize);
            this.valueSize = other == null ? valueSize : Math.max(valueSize, other.valueSize);
            int queryLanes = Math.ceilDiv(Math.max(AttentionPlan.MOST_QUERIES, this.group), WIDTH) * WIDTH;
            int valueLanes = Math.ceilDiv(this.valueSize, WIDTH) * WIDTH;
            queries = new float[queryLanes * this.keySize];
            int page = KvLayout.POSITIONS * Math.max(this.keySize, this.valueSize);
            block = new float
                    [Math.max(AttentionKernels.PAGES * AttentionKernels.PAGE, page) + WIDTH + AttentionKernels.FIRST];
            scores = new float[Math.max(AttentionPlan.FEW_QUERIES * Attention.PIECE, queryLanes * KvLayout.POSITIONS)];
            mixed = new float[queryLanes * valueLanes];
            max = new float[queryLanes];
            sum = new float[queryLanes];
            lanes = new float[Math.max(queryLanes, 2 * WIDTH)];
        }

        boolean holds(int group, int keySize, int valueSize) {
            return group <= this.group && keySize <= this.keySize && valueSize <= this.valueSize;
        }
    }
}
