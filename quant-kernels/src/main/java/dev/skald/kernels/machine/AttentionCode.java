package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.machine.MachineAttention.Heads;

/**
 * Writes the attention kernel, for some queries that share keys and values, over consecutive pages.
 *
 * <pre>
 * kernel(job, q, states, pages, full, end)
 *   job       the visible positions and the addresses of pages: {@link #FROM} and on
 *   q         floats [query][key size]
 *   states    receives the state of each query: vectors of the largest score (the same in all lanes), of the sum of
 *             exponentials (lane by lane), and of the mixed values. The last of these vectors ends where the values
 *             end, and so may repeat a part of the vector before it
 *   pages     the end of the pages; each page from the first on is seen by some query
 *   full, end in the pages from full on and before end, all queries see all positions
 * </pre>
 *
 * <p>A page is processed in three steps. Scores: positions are in lanes, multiplied by one broadcast number of each
 * query; the sum runs along the key. Softmax: computes the largest score of this page and the pages before it, and e to
 * the power of each score minus the largest. Mixing: values are in lanes, multiplied by one broadcast exponential of
 * each query; the sum runs along the positions, after the earlier sum has been scaled by the change of the largest
 * score. While a page is processed, the next one is prefetched line by line, at several places of it.
 *
 * <p>Registers for products: the sums, some vectors for each query; then either these vectors of keys or values and one
 * broadcast number, or one vector and the numbers of all queries, whichever takes fewer. For softmax: the sum, the
 * largest score, exponentials side by side, and the registers of {@link ExpCode}.
 *
 * <p>The sums of a query do not depend on the other queries: a position that a query does not see adds an exact zero.
 * So its result is the same to the bit with any other queries, except for the sign of a value that is too small for a
 * float and becomes zero.
 */
final class AttentionCode {
    /** Positions in a page. */
    static final int POSITIONS = 64;

    /** The maximum number of queries of a kernel. */
    static final int MOST_QUERIES = 6;

    /** The initial largest score. It is less than any score, and finite, so that differences are finite. */
    static final float UNSEEN = -Float.MAX_VALUE;

    // The fields of a job. Positions count from the beginning of the first page.

    /** Long: one past the last position that any query sees. */
    static final int TO = 0;

    /** Long: the first page that any query sees. */
    static final int FIRST = 8;

    /** Two ints for each query: the last position before those that it sees, and the first position after them. */
    static final int SEEN = 16;

    /** The addresses of the pages' keys, which are followed by the values; and one more page to prefetch. */
    static final int PAGES = SEEN + 8 * MOST_QUERIES;

    // The stack has a row for each query: the scores of a page, which of them it sees, and the factor by which its
    // mixed values
    // shrink, a vector; then how many positions of the page are mixed.

    private static final int VISIBLE = 4 * POSITIONS;
    private static final int FACTOR = 2 * VISIBLE;
    private static final int ROW = FACTOR + 64;

    /** The number of parts of a page to prefetch side by side. Memory serves several readers faster than one. */
    private static final int STREAMS = 4;

    // After the rows come words for which no register is left.

    private static final int MIXED = 0;
    private static final int FULL_END = 8;
    private static final int BLOCKS = 16;
    private static final int SCALES = 24;

    /** The number of exponentials to compute side by side. */
    private static final int SIDE = 4;

    private static final Gpr JOB = Gpr.RDI;
    private static final Gpr Q = Gpr.RSI;
    private static final Gpr STATES = Gpr.RDX;
    private static final Gpr PAGES_END = Gpr.RCX;
    private static final Gpr FULL = Gpr.R8;
    private static final Gpr END = Gpr.R9;

    /** The register of the scales, once {@link #END} is in its place on the stack. */
    private static final Gpr SCALE = END;

    private static final Gpr PAGE = Gpr.RAX;
    private static final Gpr FRAME = Gpr.RBP;
    private static final Gpr FROM = Gpr.R10;
    private static final Gpr NEXT = Gpr.R11;
    private static final Gpr COUNT = Gpr.R12;
    private static final Gpr X = Gpr.R13;
    private static final Gpr BLOCK = Gpr.R14;
    private static final Gpr AT = Gpr.R15;
    private static final Gpr OUT = Gpr.RBX;
    private static final Gpr[] KEPT = {OUT, FRAME, COUNT, X, BLOCK, AT};

    private final Heads heads;
    private final int queries;
    private final int lanes;
    private final int vector;

    /** The bytes of a number in a page, and of a vector of them. */
    private final int size;

    private final int vectorSize;
    private final int stateBytes;
    private final Assembler a;

    /** Creates the writer for this number of queries. */
    AttentionCode(Isa isa, Heads heads, int queries) {
        if (queries < 1 || queries > MOST_QUERIES || !has(heads, isa.lanes())) {
            throw new IllegalArgumentException(queries + " queries of " + heads + " on " + isa);
        }
        this.heads = heads;
        this.queries = queries;
        lanes = isa.lanes();
        a = isa.assembler();
        vector = a.vectorBytes();
        size = heads.numberBytes();
        vectorSize = lanes * size;
        stateBytes = stateBytes(heads.valueSize(), lanes);
    }

    /** Returns whether there is code for such heads. There is none if the numbers of a vector have several scales. */
    static boolean has(Heads heads, int lanes) {
        return heads.valueSize() >= lanes && (!heads.scaled() || heads.valueSize() % lanes == 0);
    }

    /** Returns the number of vectors that the values of a query fill. */
    static int vectors(int valueSize, int lanes) {
        return Math.ceilDiv(valueSize, lanes);
    }

    /** Returns the bytes of a query's state. */
    static int stateBytes(int valueSize, int lanes) {
        return (2 + vectors(valueSize, lanes)) * 4 * lanes;
    }

    byte[] code() {
        Abi.enter(a, KEPT);
        a.move(FRAME, Gpr.RSP);
        a.and(Gpr.RSP, -64);
        a.subtract(Gpr.RSP, queries * ROW + 64);
        a.store(word(FULL_END), END);
        begin();
        a.load(PAGE, Mem.at(JOB, FIRST));
        a.align(32);
        Label page = a.here();
        a.load(FROM, Mem.at(JOB, PAGE, 8, PAGES));
        a.load(NEXT, Mem.at(JOB, PAGE, 8, PAGES + 8));
        scores();
        Label masked = new Label();
        Label mix = new Label();
        a.compare(PAGE, FULL);
        a.jump(Condition.LESS, masked);
        a.load(X, word(FULL_END));
        a.compare(PAGE, X);
        a.jump(Condition.GREATER_OR_EQUAL, masked);
        softmax(false);
        a.jump(mix);
        a.bind(masked);
        softmax(true);
        a.bind(mix);
        mix();
        a.add(PAGE, 1);
        a.compare(PAGE, PAGES_END);
        a.jump(Condition.LESS, page);
        a.move(Gpr.RSP, FRAME);
        Abi.leave(a, KEPT);
        return a.code();
    }

    /** Returns one of the words after the rows. */
    private Mem word(int offset) {
        return Mem.at(Gpr.RSP, queries * ROW + offset);
    }

    /** Initializes the states. */
    private void begin() {
        int most = 1;
        a.zero(0);
        a.vector(Op.VPBROADCASTD, most, 0, a.constant(UNSEEN));
        a.move(OUT, STATES);
        a.move(COUNT, queries * stateBytes / vector);
        Label loop = a.here();
        a.vector(Op.VMOVDQU_STORE, 0, 0, Mem.at(OUT, 0));
        a.add(OUT, vector);
        a.subtract(COUNT, 1);
        a.jump(Condition.NOT_EQUAL, loop);
        for (int q = 0; q < queries; q++) {
            a.vector(Op.VMOVDQU_STORE, most, 0, Mem.at(STATES, q * stateBytes));
        }
    }

    /**
     * Returns the number of vectors of sums that a query gets at a time: enough that sums do not wait for each other.
     */
    private int wide() {
        if (lanes == 16) {
            return 4;
        }
        // A scale takes a register.
        return queries == 1 ? 8 : queries <= (heads.scaled() ? 2 : 3) ? 4 : 2;
    }

    /**
     * Computes the scores of all positions of the page at {@link #FROM}, which then points past the first row of keys.
     */
    private void scores() {
        int n = wide();
        a.move(BLOCK, POSITIONS / (n * lanes));
        a.move(OUT, Gpr.RSP);
        Label block = a.here();
        for (int i = 0; i < n * queries; i++) {
            a.zero(i);
        }
        a.move(X, Q);
        a.move(AT, FROM);
        if (heads.scaled()) {
            scaledRows(n);
        } else {
            rows(n, heads.keySize());
        }
        for (int q = 0; q < queries; q++) {
            for (int v = 0; v < n; v++) {
                a.vector(Op.VMOVDQU_STORE, q * n + v, 0, Mem.at(OUT, q * ROW + v * vector));
            }
        }
        a.add(OUT, n * vector);
        a.add(FROM, n * vectorSize);
        a.subtract(BLOCK, 1);
        a.jump(Condition.NOT_EQUAL, block);
    }

    /** Adds the products of {@code rows} key rows, from {@link #AT} on, to the sums. */
    private void rows(int n, int rows) {
        int rowBytes = POSITIONS * size;
        int unroll = Math.min(unroll(n), Integer.lowestOneBit(rows));
        a.move(COUNT, rows / unroll);
        a.align(32);
        Label loop = a.here();
        for (int u = 0; u < unroll; u++) {
            Vector[] vectors = new Vector[n];
            for (int v = 0; v < n; v++) {
                vectors[v] = new Vector(u * rowBytes + v * vectorSize, v * vector);
            }
            products(vectors, false, Mem.at(X, 4 * u), 4 * heads.keySize());
        }
        if (unroll == unroll(n)) {
            fetch();
        }
        a.add(AT, unroll * rowBytes);
        a.add(X, 4 * unroll);
        a.subtract(COUNT, 1);
        a.jump(Condition.NOT_EQUAL, loop);
    }

    /** Adds the products of all key rows to the sums, block by block. Each block has a scale for each position. */
    private void scaledRows(int n) {
        int whole = heads.keySize() / Heads.BLOCK;
        int rest = heads.keySize() % Heads.BLOCK;
        a.load(SCALE, Mem.at(JOB, PAGE, 8, PAGES));
        a.move(COUNT, FROM);
        a.subtract(COUNT, SCALE);
        a.address(SCALE, Mem.at(SCALE, COUNT, 4, heads.keySize() * POSITIONS));
        if (whole > 0) {
            a.move(COUNT, whole);
            Label block = a.here();
            a.store(word(BLOCKS), COUNT);
            rows(n, Heads.BLOCK);
            fetch();
            a.add(SCALE, 4 * POSITIONS);
            a.load(COUNT, word(BLOCKS));
            a.subtract(COUNT, 1);
            a.jump(Condition.NOT_EQUAL, block);
        }
        if (rest > 0) {
            rows(n, rest);
        }
    }

    /** The byte offsets of a vector of keys or values from {@link #AT}, and of its scale from {@link #SCALE}. */
    private record Vector(int at, int scale) {}

    /**
     * Adds the products of vectors at offsets from {@link #AT} and one number of each query to the sums. The numbers
     * are {@code apart} bytes apart.
     *
     * @param oneScale whether all numbers of a vector share one scale
     */
    private void products(Vector[] from, boolean oneScale, Mem number, int apart) {
        int n = from.length;
        int free = n * queries;
        if (queries < n) {
            for (int q = 0; q < queries; q++) {
                a.vector(Op.VPBROADCASTD, free + q, 0, number.plus(q * apart));
            }
            for (int v = 0; v < n; v++) {
                load(free + queries, from[v], oneScale, free + queries + 1);
                for (int q = 0; q < queries; q++) {
                    a.vector(Op.VFMADD231PS, q * n + v, free + queries, free + q);
                }
            }
            return;
        }
        for (int v = 0; v < n; v++) {
            load(free + v, from[v], oneScale, free + n);
        }
        for (int q = 0; q < queries; q++) {
            a.vector(Op.VPBROADCASTD, free + n, 0, number.plus(q * apart));
            for (int v = 0; v < n; v++) {
                a.vector(Op.VFMADD231PS, q * n + v, free + v, free + n);
            }
        }
    }

    private void load(int to, Vector from, boolean oneScale, int free) {
        Mem numbers = Mem.at(AT, from.at);
        switch (heads.format()) {
            case F32 -> a.vector(Op.VMOVDQU, to, 0, numbers);
            case F16 -> a.vector(Op.VCVTPH2PS, to, 0, numbers);
            case Q8_0 -> {
                a.vector(Op.VPMOVSXBD, to, 0, numbers);
                a.vector(Op.VCVTDQ2PS, to, 0, to);
                Mem scale = Mem.at(SCALE, from.scale);
                if (!oneScale) {
                    a.vector(Op.VMULPS, to, to, scale);
                } else if (lanes == 16) {
                    a.vectorBroadcast(Op.VMULPS, to, to, scale);
                } else {
                    a.vector(Op.VPBROADCASTD, free, 0, scale);
                    a.vector(Op.VMULPS, to, to, free);
                }
            }
        }
    }

    /** Returns how often to repeat {@link #products} of n vectors, so that {@link #STREAMS} cache lines are read. */
    private int unroll(int n) {
        return Math.max(1, STREAMS * 64 / (n * vectorSize));
    }

    /** Prefetches a cache line of each quarter of the next page. */
    private void fetch() {
        int quarter = (int) heads.bytes() / STREAMS;
        for (int i = 0; i < STREAMS; i++) {
            a.prefetch(Mem.at(NEXT, i * quarter));
        }
        a.add(NEXT, 64);
    }

    /**
     * Turns scores into exponentials, and updates the largest score, the sum and the factor for earlier sums. First
     * come the largest scores of all queries, then the factors, because each has a long latency but little work.
     */
    private void softmax(boolean masked) {
        int sum = 0;
        int most = 1;
        int x = 2;
        ExpCode exp = new ExpCode(a, SIDE, x + SIDE);
        if (masked) {
            a.move(X, JOB);
            a.move(BLOCK, PAGE);
            a.shiftLeft(BLOCK, Integer.numberOfTrailingZeros(POSITIONS));
        }
        Label largest = beginQueries();
        if (masked) {
            mask();
            a.add(X, 8);
        }
        largest();
        endQueries(largest);

        exp.load();
        for (int q = 0; q < queries; q += SIDE) {
            int n = Math.min(SIDE, queries - q);
            for (int i = 0; i < n; i++) {
                a.vector(Op.VMOVDQU, x + i, 0, Mem.at(Gpr.RSP, (q + i) * ROW + FACTOR));
            }
            exp.exp(x, n);
            for (int i = 0; i < n; i++) {
                a.vector(Op.VMOVDQU_STORE, x + i, 0, Mem.at(Gpr.RSP, (q + i) * ROW + FACTOR));
            }
        }

        Label exponentials = beginQueries();
        a.vector(Op.VMOVDQU, most, 0, Mem.at(AT, 0));
        a.vector(Op.VMOVDQU, sum, 0, Mem.at(OUT, FACTOR));
        a.vector(Op.VMULPS, sum, sum, Mem.at(AT, vector));
        for (int v = 0; v < POSITIONS / lanes; v += SIDE) {
            for (int i = 0; i < SIDE; i++) {
                a.vector(Op.VMOVDQU, x + i, 0, Mem.at(OUT, (v + i) * vector));
                a.vector(Op.VSUBPS, x + i, x + i, most);
            }
            exp.exp(x, SIDE);
            for (int i = 0; i < SIDE; i++) {
                if (masked) {
                    a.vector(Op.VPAND, x + i, x + i, Mem.at(OUT, VISIBLE + (v + i) * vector));
                }
                a.vector(Op.VMOVDQU_STORE, x + i, 0, Mem.at(OUT, (v + i) * vector));
                a.vector(Op.VADDPS, sum, sum, x + i);
            }
        }
        a.vector(Op.VMOVDQU_STORE, sum, 0, Mem.at(AT, vector));
        endQueries(exponentials);
    }

    /** Begins a loop over queries. {@link #OUT} points to their rows, and {@link #AT} to their states. */
    private Label beginQueries() {
        a.move(OUT, Gpr.RSP);
        a.move(AT, STATES);
        a.move(COUNT, queries);
        a.align(32);
        return a.here();
    }

    private void endQueries(Label loop) {
        a.add(OUT, ROW);
        a.add(AT, stateBytes);
        a.subtract(COUNT, 1);
        a.jump(Condition.NOT_EQUAL, loop);
    }

    /** Updates the largest score of a query, and stores its difference to the previous one in place of the factor. */
    private void largest() {
        int most = 0;
        int t = 1;
        int before = 2;
        a.vector(Op.VMOVDQU, most, 0, Mem.at(OUT, 0));
        a.vector(Op.VMOVDQU, t, 0, Mem.at(OUT, vector));
        for (int v = 2; v < POSITIONS / lanes; v++) {
            int r = v % 2 == 0 ? most : t;
            a.vector(Op.VMAXPS, r, r, Mem.at(OUT, v * vector));
        }
        a.vector(Op.VMAXPS, most, most, t);
        across(a, Op.VMAXPS, most, t, Mem.at(OUT, FACTOR));
        a.vector(Op.VMOVDQU, before, 0, Mem.at(AT, 0));
        a.vector(Op.VMAXPS, most, most, before);
        a.vector(Op.VMOVDQU_STORE, most, 0, Mem.at(AT, 0));
        a.vector(Op.VSUBPS, before, before, most);
        a.vector(Op.VMOVDQU_STORE, before, 0, Mem.at(OUT, FACTOR));
    }

    /** Sets the scores of all positions that the query at {@link #X} does not see to {@link #UNSEEN}. */
    private void mask() {
        int first = 0;
        int before = 1;
        int after = 2;
        int unseen = 3;
        int at = 4;
        int t = 5;
        a.storeWord(Mem.at(OUT, FACTOR), BLOCK);
        a.vector(Op.VPBROADCASTD, first, 0, Mem.at(OUT, FACTOR));
        a.vector(Op.VPBROADCASTD, before, 0, Mem.at(X, SEEN));
        a.vector(Op.VPBROADCASTD, after, 0, Mem.at(X, SEEN + 4));
        a.vector(Op.VPBROADCASTD, unseen, 0, a.constant(UNSEEN));
        for (int v = 0; v < POSITIONS / lanes; v++) {
            a.vector(Op.VPADDD, at, first, places(v));
            // Both differences are negative if the position is seen.
            a.vector(Op.VPSUBD, t, before, at);
            a.vector(Op.VPSUBD, at, at, after);
            a.vector(Op.VPAND, at, at, t);
            a.shift(Op.VPSRAD, at, at, 31);
            a.vector(Op.VMOVDQU_STORE, at, 0, Mem.at(OUT, VISIBLE + v * vector));
            a.vector(Op.VPXOR, t, unseen, Mem.at(OUT, v * vector));
            a.vector(Op.VPAND, t, t, at);
            a.vector(Op.VPXOR, t, t, unseen);
            a.vector(Op.VMOVDQU_STORE, t, 0, Mem.at(OUT, v * vector));
        }
    }

    /** Returns the numbers of a vector's positions within their page. */
    private Mem places(int v) {
        byte[] bytes = new byte[vector];
        for (int i = 0; i < lanes; i++) {
            bytes[4 * i] = (byte) (v * lanes + i);
        }
        return a.constant(bytes);
    }

    /** Combines all lanes, and puts the result into all of them, through 64 bytes of memory. */
    static void across(Assembler a, Op op, int r, int free, Mem through) {
        a.vector(Op.VMOVDQU_STORE, r, 0, through);
        a.vector(Op.VBROADCASTI128, r, 0, through);
        for (int at = 16; at < a.vectorBytes(); at += 16) {
            a.vector(Op.VBROADCASTI128, free, 0, through.plus(at));
            a.vector(op, r, r, free);
        }
        a.vector(Op.VPERMILPS, free, 0, r, 0x4E);
        a.vector(op, r, r, free);
        a.vector(Op.VPERMILPS, free, 0, r, 0xB1);
        a.vector(op, r, r, free);
    }

    /** Adds the page's values, multiplied by their exponentials. */
    private void mix() {
        int vectors = vectors(heads.valueSize(), lanes);
        int n = Math.min(wide(), vectors);
        // The columns of a loop step are whole blocks, so that each step finds its scales at the same places.
        int columns = heads.scaled() ? Math.max(n * lanes, Heads.BLOCK) : n * lanes;
        int step = columns / lanes;
        // The last vector is computed separately.
        int steps = (vectors - 1) / step;
        // Unseen positions at the end may hold anything, so they are skipped. Those at the beginning are multiplied by
        // zero.
        Label all = new Label();
        a.move(AT, PAGE);
        a.shiftLeft(AT, Integer.numberOfTrailingZeros(POSITIONS));
        a.load(COUNT, Mem.at(JOB, TO));
        a.subtract(COUNT, AT);
        a.compare(COUNT, POSITIONS);
        a.jump(Condition.LESS, all);
        a.move(COUNT, POSITIONS);
        a.bind(all);
        a.store(word(MIXED), COUNT);
        a.add(FROM, (int) heads.keyBytes() - POSITIONS * size);
        a.address(OUT, Mem.at(STATES, 2 * vector));
        if (heads.scaled()) {
            a.address(SCALE, Mem.at(FROM, heads.valueSize() * POSITIONS));
            a.store(word(SCALES), SCALE);
        }
        if (steps > 0) {
            a.move(BLOCK, steps);
            a.align(32);
            Label block = a.here();
            mix(n, step, step * lanes);
            a.add(FROM, step * vectorSize);
            if (heads.scaled()) {
                a.load(SCALE, word(SCALES));
                a.add(SCALE, 4 * (columns / Heads.BLOCK));
                a.store(word(SCALES), SCALE);
            }
            a.subtract(BLOCK, 1);
            a.jump(Condition.NOT_EQUAL, block);
        }
        mix(n, vectors - steps * step, heads.valueSize() - steps * columns);
    }

    /**
     * Adds {@code n} vectors of values, in columns from {@link #FROM} on. The last vector ends where the columns end.
     */
    private void mix(int n, int vectors, int columns) {
        for (int first = 0; first < vectors; first += n) {
            Vector[] from = new Vector[Math.min(n, vectors - first)];
            for (int v = 0; v < from.length; v++) {
                int column = Math.min((first + v) * lanes, columns - lanes);
                from[v] = new Vector(column * size, column / Heads.BLOCK * 4);
            }
            mix(from);
            a.add(OUT, from.length * vector);
        }
    }

    /** Adds some vectors of values. */
    private void mix(Vector[] from) {
        int n = from.length;
        int free = n * queries;
        for (int q = 0; q < queries; q++) {
            a.vector(Op.VMOVDQU, free, 0, Mem.at(Gpr.RSP, q * ROW + FACTOR));
            for (int v = 0; v < n; v++) {
                a.vector(Op.VMULPS, q * n + v, free, Mem.at(OUT, q * stateBytes + v * vector));
            }
        }
        int rowBytes = heads.valueSize() * size;
        int rowScales = 4 * heads.blocks(heads.valueSize());
        int unroll = unroll(n);
        Label several = new Label();
        Label one = new Label();
        Label end = new Label();
        a.load(COUNT, word(MIXED));
        a.move(X, Gpr.RSP);
        a.move(AT, FROM);
        if (heads.scaled()) {
            a.load(SCALE, word(SCALES));
        }
        a.compare(COUNT, unroll);
        a.jump(Condition.LESS, one);
        a.align(32);
        a.bind(several);
        for (int u = 0; u < unroll; u++) {
            Vector[] places = new Vector[n];
            for (int v = 0; v < n; v++) {
                places[v] = new Vector(from[v].at + u * rowBytes, from[v].scale + u * rowScales);
            }
            products(places, true, Mem.at(X, 4 * u), ROW);
        }
        fetch();
        a.add(AT, unroll * rowBytes);
        if (heads.scaled()) {
            a.add(SCALE, unroll * rowScales);
        }
        a.add(X, 4 * unroll);
        a.subtract(COUNT, unroll);
        a.compare(COUNT, unroll);
        a.jump(Condition.GREATER_OR_EQUAL, several);
        a.bind(one);
        a.compare(COUNT, 0);
        a.jump(Condition.EQUAL, end);
        products(from, true, Mem.at(X, 0), ROW);
        a.add(AT, rowBytes);
        if (heads.scaled()) {
            a.add(SCALE, rowScales);
        }
        a.add(X, 4);
        a.subtract(COUNT, 1);
        a.jump(one);
        a.bind(end);
        for (int q = 0; q < queries; q++) {
            for (int v = 0; v < n; v++) {
                a.vector(Op.VMOVDQU_STORE, q * n + v, 0, Mem.at(OUT, q * stateBytes + v * vector));
            }
        }
    }
}
