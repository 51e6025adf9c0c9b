package dev.skald.kernels.machine;

import dev.skald.kernels.format.KvFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * Attention by machine code. This is the only place that calls the code, after checking that every byte that it reads
 * or writes exists. Thread-safe; a {@link Job} belongs to one thread.
 *
 * <p>After some pages, each query has a state: the largest score, the sum of exponentials and the mixed values. The
 * states of several pieces of a text are merged, and in the end become results. A query's state and result are the same
 * to the bit whatever other queries are beside it.
 */
public final class MachineAttention {
    /** Positions in a page. */
    public static final int POSITIONS = AttentionCode.POSITIONS;

    /** The greatest number of queries in a call. */
    public static final int MOST_QUERIES = AttentionCode.MOST_QUERIES;

    /** Code that can be called with its arguments in the six registers. */
    @FunctionalInterface
    interface Kernel {
        void call(MemorySegment a, MemorySegment b, MemorySegment c, long d, long e, long f);
    }

    private final Isa isa;
    private final BiFunction<String, byte[], Kernel> install;
    private final Map<Key, Kernel> kernels = new ConcurrentHashMap<>();

    /** The results of self-tests so far. */
    final Map<Shape, Optional<String>> refusals = new ConcurrentHashMap<>();

    /** The key of a kernel. Without heads, the kernel is for all heads; without queries, it expands pages. */
    private record Key(Heads heads, int queries) {}

    private static final Key MERGE = new Key(null, 0);
    private static final Key MEAN = new Key(null, 1);

    /** The subject of a self-test: kernels for so many queries. */
    record Shape(Heads heads, int queries) {}

    /**
     * The layout of keys and values.
     *
     * @param keySize numbers in a key; a page has the keys as [key size][positions]
     * @param valueSize numbers in a value; the values come after the keys, [positions][value size]
     * @param format the format of the numbers. In {@link KvFormat#Q8_0}, bytes are in this order, and the keys and the
     *     values are each followed by float scales: [blocks of a key][positions], [positions][blocks of a value]
     */
    public record Heads(int keySize, int valueSize, KvFormat format) {
        /** Numbers that share a scale; the last block of a key or value may have fewer. */
        public static final int BLOCK = 32;

        /** Returns the bytes of a page's keys. */
        public long keyBytes() {
            return bytes(keySize);
        }

        /** Returns the bytes of a page's keys and values. */
        public long bytes() {
            return bytes(keySize) + bytes(valueSize);
        }

        private long bytes(int size) {
            return POSITIONS * (numberBytes() * (long) size + 4L * blocks(size));
        }

        /** Returns the bytes of a number. */
        int numberBytes() {
            return switch (format) {
                case F32 -> 4;
                case F16 -> 2;
                case Q8_0 -> 1;
            };
        }

        /** Returns the scales of so many numbers. */
        int blocks(int size) {
            return scaled() ? Math.ceilDiv(size, BLOCK) : 0;
        }

        /** Returns whether there are scales. */
        boolean scaled() {
            return format == KvFormat.Q8_0;
        }

        /** Returns the same layout with floats. */
        public Heads expanded() {
            return new Heads(keySize, valueSize, KvFormat.F32);
        }
    }

    /** The pages of a head that some queries look at, and which of their positions are visible. */
    public static final class Job {
        private final int mostPages;
        private final MemorySegment data;
        private final int[] from = new int[MOST_QUERIES];
        private final int[] to = new int[MOST_QUERIES];
        private int pages;
        private Heads heads;

        /** Creates a job for at most so many pages. */
        public Job(int mostPages) {
            this.mostPages = mostPages;
            data = Arena.ofAuto().allocate(AttentionCode.PAGES + 8L * (mostPages + 1), 64);
        }

        /**
         * Sets the pages. They must stay open as long as the job is used.
         *
         * @param all pages of a sequence; if there is one after the job's, it is prefetched
         * @param first the job's first
         * @param count how many it has, at least 1
         * @param heads the layout of keys and values in them
         * @param offset where in each page the head's keys begin
         */
        public void pages(List<MemorySegment> all, int first, int count, Heads heads, long offset) {
            Objects.checkIndex(count - 1, mostPages);
            Objects.checkFromIndexSize(first, count, all.size());
            int ahead = Math.min(first + count, all.size() - 1);
            for (int i = 0; i <= count; i++) {
                MemorySegment page = all.get(i < count ? first + i : ahead);
                check("a page", page, offset, heads.bytes());
                data.set(ValueLayout.JAVA_LONG, AttentionCode.PAGES + 8L * i, page.address() + offset);
            }
            pages = count;
            this.heads = heads;
        }

        /**
         * Sets the positions that a query sees.
         *
         * @param query the index of the query
         * @param first the first position, counted from the beginning of the job's first page; may be before it
         * @param end one past the last; may be beyond the last page
         */
        public void sees(int query, int first, int end) {
            from[query] = first;
            to[query] = end;
            data.set(ValueLayout.JAVA_INT, AttentionCode.SEEN + 8L * query, first - 1);
            data.set(ValueLayout.JAVA_INT, AttentionCode.SEEN + 8L * query + 4, end);
        }
    }

    /** Creates it for kernels that are installed and called. */
    static MachineAttention of(Isa isa, BiFunction<String, byte[], MemorySegment> memory) {
        return new MachineAttention(isa, (name, code) -> {
            MemorySegment installed = memory.apply(name, code);
            return (a, b, c, d, e, f) -> Abi.call(installed, a, b, c, d, e, f);
        });
    }

    /** Creates it for kernels that run in any other way. */
    MachineAttention(Isa isa, BiFunction<String, byte[], Kernel> install) {
        this.isa = isa;
        this.install = install;
    }

    /** Describes it for people. */
    static String description(Heads heads, int queries) {
        return queries + " queries of " + description(heads);
    }

    private static String description(Heads heads) {
        return "heads of " + heads.keySize + " and " + heads.valueSize
                + (heads.format == KvFormat.F32 ? "" : ", " + heads.format.description());
    }

    /** Returns how many numbers a vector has. */
    int lanes() {
        return isa.lanes();
    }

    /**
     * Returns why queries must not attend by machine code: a kernel has failed its self-test. Kernels that have not
     * been tested are tested now, which takes some milliseconds.
     *
     * @param heads the layout of keys and values, for which there {@linkplain #has are} kernels
     * @param queries the possible numbers of queries in a call, each from 1 to {@link #MOST_QUERIES}
     * @return a clause for people; empty if all kernels have passed
     */
    public synchronized Optional<String> refusal(Heads heads, Set<Integer> queries) {
        List<Integer> untried = queries.stream()
                .filter(n -> !refusals.containsKey(new Shape(heads, n)))
                .sorted()
                .toList();
        if (!untried.isEmpty()) {
            AttentionSelfTest.refuse(this, heads, untried);
        }
        return queries.stream()
                .sorted()
                .flatMap(n -> refusals.get(new Shape(heads, n)).stream())
                .findFirst();
    }

    /**
     * Returns whether there are kernels for such heads: values must fill at least a vector, or only whole vectors if
     * there are scales.
     */
    public boolean has(Heads heads) {
        return AttentionCode.has(heads, isa.lanes());
    }

    /** Returns the bytes of a query's state. */
    public int stateBytes(int valueSize) {
        return AttentionCode.stateBytes(valueSize, isa.lanes());
    }

    /**
     * Computes attention of some queries over the pages of a job.
     *
     * @param job a job with {@link Job#pages} and {@link Job#sees} set; pages hold numbers up to the last visible
     *     position
     * @param q native floats [query][key size]
     * @param queries the number of queries, 1 to {@link #MOST_QUERIES}
     * @param states receives their states
     * @return whether any position was visible
     */
    public boolean attend(Job job, MemorySegment q, int queries, MemorySegment states) {
        Objects.checkIndex(queries - 1, MOST_QUERIES);
        Heads heads = job.heads;
        check("queries", q, 0, 4L * queries * heads.keySize());
        check("states", states, 0, (long) queries * stateBytes(heads.valueSize()));
        // The positions that any query sees, and the positions that all queries see.
        int from = Integer.MAX_VALUE;
        int to = 0;
        int latest = 0;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < queries; i++) {
            int start = Math.max(job.from[i], 0);
            int end = Math.min(job.to[i], job.pages * POSITIONS);
            if (start < end) {
                from = Math.min(from, start);
                to = Math.max(to, end);
            }
            latest = Math.max(latest, job.from[i]);
            least = Math.min(least, job.to[i]);
        }
        if (from >= to) {
            clear(heads, states, queries);
            return false;
        }
        job.data.set(ValueLayout.JAVA_LONG, AttentionCode.TO, to);
        job.data.set(ValueLayout.JAVA_LONG, AttentionCode.FIRST, from / POSITIONS);
        int end = Math.ceilDiv(to, POSITIONS);
        int full = Math.ceilDiv(latest, POSITIONS);
        int fullEnd = Math.floorDiv(least, POSITIONS);
        kernels.computeIfAbsent(
                        new Key(heads, queries),
                        key -> install.apply(
                                "attention: " + description(heads, queries),
                                new AttentionCode(isa, heads, queries).code()))
                .call(job.data, q, states, end, full, fullEnd);
        return true;
    }

    /** Initializes the states of queries that have seen no position. */
    private void clear(Heads heads, MemorySegment states, int queries) {
        int bytes = stateBytes(heads.valueSize());
        states.asSlice(0, (long) queries * bytes).fill((byte) 0);
        for (int q = 0; q < queries; q++) {
            for (int lane = 0; lane < isa.lanes(); lane++) {
                states.set(ValueLayout.JAVA_FLOAT, (long) q * bytes + 4L * lane, AttentionCode.UNSEEN);
            }
        }
    }

    /**
     * Converts the keys and values of a head in a page to floats, once for many queries. Queries get the same states
     * from either form, to the bit.
     *
     * @param page a page; all of its numbers are read
     * @param heads its layout
     * @param offset where in the page the head's keys begin
     * @param to receives a page of {@link Heads#expanded}
     */
    public void expand(MemorySegment page, Heads heads, long offset, MemorySegment to) {
        check("a page", page, offset, heads.bytes());
        check("floats", to, 0, heads.expanded().bytes());
        kernels.computeIfAbsent(
                        new Key(heads, 0),
                        key -> install.apply(
                                "attention: floats of " + description(heads), new ExpandCode(isa, heads).code()))
                .call(page.asSlice(offset), to, to, 0, 0, 0);
    }

    /** Updates the states of some queries with those of {@code others}, which have seen other pages. */
    public void merge(int valueSize, MemorySegment states, MemorySegment others, int queries) {
        long bytes = (long) queries * stateBytes(valueSize);
        check("states", states, 0, bytes);
        check("states", others, 0, bytes);
        kernels.computeIfAbsent(MERGE, key -> install.apply("attention: merge", MergeCode.code(isa)))
                .call(states, others, others, atLeastOne(queries), AttentionCode.vectors(valueSize, isa.lanes()), 0);
    }

    /** Initializes the state of a query with one position of value 0: a sink, which takes its share of the softmax. */
    public void sink(int valueSize, MemorySegment states, int query, float score) {
        int bytes = stateBytes(valueSize);
        int vector = 4 * isa.lanes();
        MemorySegment state = states.asSlice((long) query * bytes, bytes).fill((byte) 0);
        for (int at = 0; at < vector; at += 4) {
            state.set(ValueLayout.JAVA_FLOAT, at, score);
        }
        state.set(ValueLayout.JAVA_FLOAT, vector, 1);
    }

    /** Turns the states of some queries into results: floats [query][value size]. */
    public void results(int valueSize, MemorySegment states, int queries, MemorySegment y) {
        check("states", states, 0, (long) queries * stateBytes(valueSize));
        check("results", y, 0, 4L * queries * valueSize);
        if (valueSize < isa.lanes()) {
            throw new IllegalArgumentException("values of " + valueSize + " numbers fill no vector");
        }
        int vectors = AttentionCode.vectors(valueSize, isa.lanes());
        kernels.computeIfAbsent(MEAN, key -> install.apply("attention: mean", MeanCode.code(isa)))
                .call(states, y, y, atLeastOne(queries), vectors, 4L * valueSize);
    }

    private static int atLeastOne(int queries) {
        return Objects.checkIndex(queries - 1, Integer.MAX_VALUE) + 1;
    }

    private static void check(String what, MemorySegment segment, long from, long bytes) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(what + " in the Java heap");
        }
        Objects.checkFromIndexSize(from, bytes, segment.byteSize());
    }
}
