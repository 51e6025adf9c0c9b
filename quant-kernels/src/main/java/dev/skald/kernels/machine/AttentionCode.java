package dev.skald.kernels.machine;

import static dev.skald.kernels.machine.AttentionFrame.AT;
import static dev.skald.kernels.machine.AttentionFrame.BLOCK;
import static dev.skald.kernels.machine.AttentionFrame.BLOCKS;
import static dev.skald.kernels.machine.AttentionFrame.COUNT;
import static dev.skald.kernels.machine.AttentionFrame.FACTOR;
import static dev.skald.kernels.machine.AttentionFrame.FROM;
import static dev.skald.kernels.machine.AttentionFrame.FULL;
import static dev.skald.kernels.machine.AttentionFrame.FULL_END;
import static dev.skald.kernels.machine.AttentionFrame.JOB;
import static dev.skald.kernels.machine.AttentionFrame.MIXED;
import static dev.skald.kernels.machine.AttentionFrame.NEXT;
import static dev.skald.kernels.machine.AttentionFrame.OUT;
import static dev.skald.kernels.machine.AttentionFrame.PAGE;
import static dev.skald.kernels.machine.AttentionFrame.PAGES_END;
import static dev.skald.kernels.machine.AttentionFrame.Q;
import static dev.skald.kernels.machine.AttentionFrame.ROW;
import static dev.skald.kernels.machine.AttentionFrame.SCALE;
import static dev.skald.kernels.machine.AttentionFrame.SCALES;
import static dev.skald.kernels.machine.AttentionFrame.STATES;
import static dev.skald.kernels.machine.AttentionFrame.X;

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
 *   job       the visible positions and the addresses of pages: {@link #TO} and on
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
 * <p>{@link AttentionFrame} lists the general registers and what is on the stack, {@link PageProducts} and {@link SoftmaxCode}
 * the vector registers.
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

    private final AttentionFrame frame;
    private final PageProducts products;
    private final SoftmaxCode softmax;
    private final Assembler a;
    private final Heads heads;
    private final int queries;
    private final int lanes;
    private final int vector;
    private final int size;
    private final int vectorSize;
    private final int stateBytes;

    /** Creates the writer for this number of queries. */
    AttentionCode(Isa isa, Heads heads, int queries) {
        if (queries < 1 || queries > MOST_QUERIES || !has(heads, isa.lanes())) {
            throw new IllegalArgumentException(queries + " queries of " + heads + " on " + isa);
        }
        frame = new AttentionFrame(isa, heads, queries);
        products = new PageProducts(frame);
        softmax = new SoftmaxCode(frame);
        a = frame.a;
        this.heads = heads;
        this.queries = queries;
        lanes = frame.lanes;
        vector = frame.vector;
        size = frame.size;
        vectorSize = frame.vectorSize;
        stateBytes = frame.stateBytes;
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
        frame.enter();
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
        a.load(X, frame.word(FULL_END));
        a.compare(PAGE, X);
        a.jump(Condition.GREATER_OR_EQUAL, masked);
        softmax.write(false);
        a.jump(mix);
        a.bind(masked);
        softmax.write(true);
        a.bind(mix);
        mix();
        a.add(PAGE, 1);
        a.compare(PAGE, PAGES_END);
        a.jump(Condition.LESS, page);
        frame.leave();
        return a.code();
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
     * Computes the scores of all positions of the page at {@link AttentionFrame#FROM}, which then points past the first
     * row of keys.
     */
    private void scores() {
        int n = products.wide();
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

    /** Adds the products of {@code rows} key rows, from {@link AttentionFrame#AT} on, to the sums. */
    private void rows(int n, int rows) {
        int rowBytes = POSITIONS * size;
        int unroll = Math.min(products.unroll(n), Integer.lowestOneBit(rows));
        a.move(COUNT, rows / unroll);
        a.align(32);
        Label loop = a.here();
        for (int u = 0; u < unroll; u++) {
            PageProducts.Vector[] vectors = new PageProducts.Vector[n];
            for (int v = 0; v < n; v++) {
                vectors[v] = new PageProducts.Vector(u * rowBytes + v * vectorSize, v * vector);
            }
            products.add(vectors, false, Mem.at(X, 4 * u), 4 * heads.keySize());
        }
        if (unroll == products.unroll(n)) {
            products.fetch();
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
            a.store(frame.word(BLOCKS), COUNT);
            rows(n, Heads.BLOCK);
            products.fetch();
            a.add(SCALE, 4 * POSITIONS);
            a.load(COUNT, frame.word(BLOCKS));
            a.subtract(COUNT, 1);
            a.jump(Condition.NOT_EQUAL, block);
        }
        if (rest > 0) {
            rows(n, rest);
        }
    }

    /** Adds the page's values, multiplied by their exponentials. */
    private void mix() {
        int vectors = vectors(heads.valueSize(), lanes);
        int n = Math.min(products.wide(), vectors);
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
        a.store(frame.word(MIXED), COUNT);
        a.add(FROM, (int) heads.keyBytes() - POSITIONS * size);
        a.address(OUT, Mem.at(STATES, 2 * vector));
        if (heads.scaled()) {
            a.address(SCALE, Mem.at(FROM, heads.valueSize() * POSITIONS));
            a.store(frame.word(SCALES), SCALE);
        }
        if (steps > 0) {
            a.move(BLOCK, steps);
            a.align(32);
            Label block = a.here();
            mix(n, step, step * lanes);
            a.add(FROM, step * vectorSize);
            if (heads.scaled()) {
                a.load(SCALE, frame.word(SCALES));
                a.add(SCALE, 4 * (columns / Heads.BLOCK));
                a.store(frame.word(SCALES), SCALE);
            }
            a.subtract(BLOCK, 1);
            a.jump(Condition.NOT_EQUAL, block);
        }
        mix(n, vectors - steps * step, heads.valueSize() - steps * columns);
    }

    /**
     * Adds {@code n} vectors of values, in columns from {@link AttentionFrame#FROM} on. The last vector ends where the
     * columns end.
     */
    private void mix(int n, int vectors, int columns) {
        for (int first = 0; first < vectors; first += n) {
            PageProducts.Vector[] from = new PageProducts.Vector[Math.min(n, vectors - first)];
            for (int v = 0; v < from.length; v++) {
                int column = Math.min((first + v) * lanes, columns - lanes);
                from[v] = new PageProducts.Vector(column * size, column / Heads.BLOCK * 4);
            }
            mix(from);
            a.add(OUT, from.length * vector);
        }
    }

    /** Adds some vectors of values. */
    private void mix(PageProducts.Vector[] from) {
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
        int unroll = products.unroll(n);
        Label several = new Label();
        Label one = new Label();
        Label end = new Label();
        a.load(COUNT, frame.word(MIXED));
        a.move(X, Gpr.RSP);
        a.move(AT, FROM);
        if (heads.scaled()) {
            a.load(SCALE, frame.word(SCALES));
        }
        a.compare(COUNT, unroll);
        a.jump(Condition.LESS, one);
        a.align(32);
        a.bind(several);
        for (int u = 0; u < unroll; u++) {
            PageProducts.Vector[] places = new PageProducts.Vector[n];
            for (int v = 0; v < n; v++) {
                places[v] = new PageProducts.Vector(from[v].at() + u * rowBytes, from[v].scale() + u * rowScales);
            }
            products.add(places, true, Mem.at(X, 4 * u), ROW);
        }
        products.fetch();
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
        products.add(from, true, Mem.at(X, 0), ROW);
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
