package dev.skald.kernels.attention;

import dev.skald.kernels.attention.AttentionPlan.Item;
import dev.skald.kernels.attention.AttentionPlan.Sum;
import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.machine.MachineAttention;
import dev.skald.kernels.machine.MachineAttention.Heads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Computes the items of attention by machine code. Every query processes the same pieces of positions, and the results
 * of pieces are added in order, whether they belong to one item or to several. So the result of a query does not depend
 * on the rest of the batch.
 */
final class MachinePieces implements AttentionPieces {
    private static final int PAGES = Attention.PIECE / KvLayout.POSITIONS;

    /** From this number of calls on, a piece is converted to floats first. */
    private static final int EXPANDED_TILES = 3;

    /** The maximum size of such a piece, which must stay in the cache of a core. */
    private static final long EXPANDED_BYTES = 512 << 10;

    private final MachineAttention code;
    private final int group;
    private final int keySize;
    private final int valueSize;
    private final float[] sinks;
    private final int stateBytes;

    MachinePieces(MachineAttention code, AttentionShape shape) {
        this.code = code;
        group = shape.group();
        keySize = shape.keySize();
        valueSize = shape.valueSize();
        sinks = shape.sinks();
        stateBytes = code.stateBytes(valueSize);
    }

    /** Memory that all layers use in turn. */
    static final class Room {
        private final Scratch[] scratch;
        private MemorySegment slots = MemorySegment.NULL;

        Room(int threads) {
            scratch = new Scratch[threads];
            for (int i = 0; i < threads; i++) {
                scratch[i] = new Scratch();
            }
        }
    }

    /**
     * The scratch memory of a thread, for the queries of an item: the queries, their states, the states of one call,
     * and results.
     */
    private static final class Scratch {
        private final MachineAttention.Job job = new MachineAttention.Job(PAGES);
        private MemorySegment queries = MemorySegment.NULL;
        private MemorySegment states = MemorySegment.NULL;
        private MemorySegment piece = MemorySegment.NULL;
        private MemorySegment results = MemorySegment.NULL;
        private MemorySegment floats = MemorySegment.NULL;

        void reserve(int n, int keySize, int valueSize, int stateBytes) {
            queries = atLeast(4L * n * keySize, queries);
            states = atLeast((long) n * stateBytes, states);
            piece = atLeast((long) Math.max(n, MachineAttention.MOST_QUERIES) * stateBytes, piece);
            results = atLeast(4L * n * valueSize, results);
        }
    }

    private static MemorySegment atLeast(long bytes, MemorySegment segment) {
        return segment.byteSize() < bytes ? Arena.ofAuto().allocate(bytes, 64) : segment;
    }

    /**
     * Returns the possible numbers of queries in a call.
     *
     * @param group the number of queries of a row
     * @param mostRows the maximum number of rows of an item
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

    /** Returns the number of calls for an item's queries. Their sizes differ by at most one. */
    private static int tiles(int queries) {
        return Math.ceilDiv(queries, MachineAttention.MOST_QUERIES);
    }

    @Override
    public void reserve(AttentionWorkspace work, int slots) {
        work.machine.slots = atLeast((long) slots * stateBytes, work.machine.slots);
    }

    @Override
    public void compute(Item item, KvLayer kv, float[] q, float[] out, AttentionWorkspace work, int worker) {
        int n = item.queries();
        Scratch s = scratch(work, worker);
        int rowFloats = group * keySize;
        for (int row = 0; row < item.count(); row++) {
            int from = item.query(row * group) * keySize;
            MemorySegment.copy(q, from, s.queries, ValueLayout.JAVA_FLOAT, 4L * row * rowFloats, rowFloats);
        }
        MemorySegment states = item.slot() < 0
                ? s.states
                : work.machine.slots.asSlice((long) item.slot() * stateBytes, (long) n * stateBytes);
        Heads form = kv.layout().form();
        int tiles = tiles(n);
        boolean expands = form.format() != KvFormat.F32
                && tiles >= EXPANDED_TILES
                && PAGES * form.expanded().bytes() <= EXPANDED_BYTES;
        // Pieces are the outer loop, so that keys and values stay in a cache while all queries use them.
        int end;
        for (int from = item.from(); from < item.to(); from = end) {
            end = Math.min(item.to(), (from / Attention.PIECE + 1) * Attention.PIECE);
            int page = from / KvLayout.POSITIONS;
            int count = Math.ceilDiv(end, KvLayout.POSITIONS) - page;
            long offset = kv.layout().keys(kv.index(), item.head());
            if (expands) {
                expand(kv.pages().subList(page, page + count), form, offset, s);
            } else {
                s.job.pages(kv.pages(), page, count, form, offset);
            }
            for (int tile = 0; tile < tiles; tile++) {
                int first = tile * n / tiles;
                look(item, from, end, first, (tile + 1) * n / tiles - first, states, s);
            }
        }
        if (item.slot() < 0) {
            finish(item, states, s, out);
        }
    }

    /** Converts the job's pages to floats. */
    private void expand(List<MemorySegment> pages, Heads form, long offset, Scratch s) {
        long bytes = form.expanded().bytes();
        s.floats = atLeast(PAGES * bytes, s.floats);
        List<MemorySegment> expanded = new ArrayList<>();
        for (MemorySegment page : pages) {
            MemorySegment to = s.floats.asSlice(expanded.size() * bytes, bytes);
            code.expand(page, form, offset, to);
            expanded.add(to);
        }
        s.job.pages(expanded, 0, expanded.size(), form.expanded(), 0);
    }

    /** Computes a piece for some queries and updates their states. */
    private void look(Item item, int from, int end, int first, int queries, MemorySegment states, Scratch s) {
        int base = from / KvLayout.POSITIONS * KvLayout.POSITIONS;
        for (int i = 0; i < queries; i++) {
            int row = (first + i) / group;
            s.job.sees(i, Math.max(from, item.firstSeen(row)) - base, Math.min(end, item.endSeen(row)) - base);
        }
        MemorySegment q = s.queries.asSlice(4L * first * keySize);
        MemorySegment own = states.asSlice((long) first * stateBytes);
        if (from == item.from()) {
            code.attend(s.job, q, queries, own);
        } else if (code.attend(s.job, q, queries, s.piece)) {
            code.merge(valueSize, own, s.piece, queries);
        }
    }

    @Override
    public void add(Sum sum, float[] out, AttentionWorkspace work, int worker) {
        Item item = sum.first();
        int n = item.queries();
        long bytes = (long) n * stateBytes;
        MemorySegment all = work.machine.slots.asSlice((long) item.slot() * stateBytes, sum.pieces() * bytes);
        for (int piece = 1; piece < sum.pieces(); piece++) {
            code.merge(valueSize, all, all.asSlice(piece * bytes), n);
        }
        finish(item, all, scratch(work, worker), out);
    }

    private void finish(Item item, MemorySegment states, Scratch s, float[] out) {
        int n = item.queries();
        if (sinks != null) {
            // A sink counts as a position without a value.
            for (int i = 0; i < n; i++) {
                code.sink(valueSize, s.piece, i, sinks[item.head(i)]);
            }
            code.merge(valueSize, states, s.piece, n);
        }
        code.results(valueSize, states, n, s.results);
        int rowFloats = group * valueSize;
        for (int row = 0; row < item.count(); row++) {
            int to = item.query(row * group) * valueSize;
            MemorySegment.copy(s.results, ValueLayout.JAVA_FLOAT, 4L * row * rowFloats, out, to, rowFloats);
        }
    }

    private Scratch scratch(AttentionWorkspace work, int worker) {
        Scratch s = work.machine.scratch[worker];
        s.reserve(Math.max(AttentionPlan.MOST_QUERIES, group), keySize, valueSize, stateBytes);
        return s;
    }
}
