package dev.skald.kernels.attention;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.attention.Attention.Item;
import dev.skald.kernels.attention.Attention.Sum;
import dev.skald.kernels.machine.MachineAttention;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;

/**
 * Attention's items by machine code. Every query goes through the same pieces of positions, one after the other, and what it
 * saw of them is added up in order, whether that is one item or an item a piece: so its result does not depend on what is
 * computed beside it.
 */
final class MachinePieces {
    private static final int PAGES = Attention.PIECE / KvLayout.POSITIONS;

    private final MachineAttention code;
    private final int heads;
    private final int group;
    private final KvLayout shape;
    private final int window;
    private final int mostQueries;
    private final Scratch[] scratch;
    private MemorySegment slots = MemorySegment.NULL;

    // Of the layer that is computed.
    private MachineAttention.Heads form;
    private KvLayout layout;
    private int layer;
    private int stateBytes;

    MachinePieces(MachineAttention code, int threads, int heads, KvLayout shape, int window, int mostQueries) {
        this.code = code;
        this.heads = heads;
        this.group = heads / shape.heads();
        this.shape = shape;
        this.window = window;
        this.mostQueries = mostQueries;
        scratch = new Scratch[threads];
        layer(shape, 0);
    }

    /** What a thread needs, for the queries of an item: them, their states, those of one call's piece, and results. */
    private static final class Scratch {
        private final MachineAttention.Job job = new MachineAttention.Job(PAGES);
        private final MemorySegment queries;
        private final MemorySegment states;
        private final MemorySegment piece;
        private final MemorySegment results;

        Scratch(int n, int keySize, int valueSize, int stateBytes) {
            queries = allocate(4L * n * keySize);
            states = allocate((long) n * stateBytes);
            piece = allocate((long) MachineAttention.MOST_QUERIES * stateBytes);
            results = allocate(4L * n * valueSize);
        }
    }

    /**
     * How many queries a call may have.
     *
     * @param group queries of a row
     * @param mostRows of an item
     */
    static Set<Integer> queries(int group, int mostRows) {
        Set<Integer> queries = new HashSet<>();
        for (int rows = 1; rows <= mostRows; rows++) {
            int n = rows * group;
            int tiles = tiles(n);
            queries.add(n / tiles);
            queries.add(Math.ceilDiv(n, tiles));
        }
        return queries;
    }

    /** Calls for an item's queries, whose sizes differ by one at most. */
    private static int tiles(int queries) {
        return Math.ceilDiv(queries, MachineAttention.MOST_QUERIES);
    }

    private static MemorySegment allocate(long bytes) {
        return Arena.ofAuto().allocate(bytes, 64);
    }

    /** Makes room for the states of so many queries that stand in slots. */
    void reserve(int queries) {
        long bytes = (long) queries * stateBytes;
        if (slots.byteSize() < bytes) {
            slots = allocate(bytes);
        }
    }

    /** Sets what is computed next. */
    void layer(KvLayout layout, int layer) {
        this.layout = layout;
        this.layer = layer;
        form = new MachineAttention.Heads(shape.keySize(), shape.valueSize(), layout.type() == GgmlType.F16);
        stateBytes = code.stateBytes(form);
    }

    /** Computes an item: into its slots, or to the end where it has none. */
    void compute(Item item, float[] q, float[] out, int worker) {
        int n = item.count() * group;
        Scratch s = scratch(worker);
        int rowFloats = group * shape.keySize();
        for (int row = 0; row < item.count(); row++) {
            int from = first(item, row) * shape.keySize();
            MemorySegment.copy(q, from, s.queries, ValueLayout.JAVA_FLOAT, 4L * row * rowFloats, rowFloats);
        }
        MemorySegment states =
                item.slot() < 0 ? s.states : slots.asSlice((long) item.slot() * stateBytes, (long) n * stateBytes);
        int tiles = tiles(n);
        // Pieces are the outer loop: their keys and values stay in a cache while all queries look at them.
        int end;
        for (int from = item.from(); from < item.to(); from = end) {
            end = Math.min(item.to(), (from / Attention.PIECE + 1) * Attention.PIECE);
            int page = from / KvLayout.POSITIONS;
            int count = Math.ceilDiv(end, KvLayout.POSITIONS) - page;
            s.job.pages(item.pages(), page, count, form, layout.keys(layer, item.head()));
            for (int tile = 0; tile < tiles; tile++) {
                int first = tile * n / tiles;
                look(item, from, end, first, (tile + 1) * n / tiles - first, states, s);
            }
        }
        if (item.slot() < 0) {
            finish(item, states, s, out);
        }
    }

    /** Some queries look at a piece, and their states grow by what they see. */
    private void look(Item item, int from, int end, int first, int queries, MemorySegment states, Scratch s) {
        int base = from / KvLayout.POSITIONS * KvLayout.POSITIONS;
        for (int i = 0; i < queries; i++) {
            int row = (first + i) / group;
            s.job.sees(i, Math.max(from, firstSeen(item, row)) - base, Math.min(end, endSeen(item, row)) - base);
        }
        MemorySegment q = s.queries.asSlice(4L * first * shape.keySize());
        MemorySegment own = states.asSlice((long) first * stateBytes);
        if (from == item.from()) {
            code.attend(s.job, q, queries, own);
        } else if (code.attend(s.job, q, queries, s.piece)) {
            code.merge(form, own, s.piece, queries);
        }
    }

    /** The answers of queries that have several pieces. */
    void add(Sum sum, float[] out, int worker) {
        Item item = sum.first();
        int n = item.count() * group;
        long bytes = (long) n * stateBytes;
        MemorySegment all = slots.asSlice((long) item.slot() * stateBytes, sum.pieces() * bytes);
        for (int piece = 1; piece < sum.pieces(); piece++) {
            code.merge(form, all, all.asSlice(piece * bytes), n);
        }
        finish(item, all, scratch(worker), out);
    }

    private void finish(Item item, MemorySegment states, Scratch s, float[] out) {
        code.results(form, states, item.count() * group, s.results);
        int rowFloats = group * shape.valueSize();
        for (int row = 0; row < item.count(); row++) {
            int to = first(item, row) * shape.valueSize();
            MemorySegment.copy(s.results, ValueLayout.JAVA_FLOAT, 4L * row * rowFloats, out, to, rowFloats);
        }
    }

    private Scratch scratch(int worker) {
        if (scratch[worker] == null) {
            scratch[worker] = new Scratch(mostQueries, shape.keySize(), shape.valueSize(), stateBytes);
        }
        return scratch[worker];
    }

    private int firstSeen(Item item, int row) {
        return Math.max(0, item.position() + row + 1 - window);
    }

    private static int endSeen(Item item, int row) {
        return item.position() + row + 1;
    }

    /** Which query of the batch is the first of a row's. */
    private int first(Item item, int row) {
        return (item.row() + row) * heads + item.head() * group;
    }
}
