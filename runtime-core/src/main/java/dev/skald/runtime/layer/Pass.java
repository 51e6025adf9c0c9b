package dev.skald.runtime.layer;

import dev.skald.kernels.attention.AttentionWorkspace;
import dev.skald.kernels.attention.Ops;
import dev.skald.kernels.product.MatMul.Product;
import dev.skald.runtime.state.RecurrentState;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One forward pass: the rows of a batch on their way through a network. Each layer computes all rows before the next; what is
 * done row by row is shared out among the team.
 */
public final class Pass {
    private static final Workspace.Buffer OUTPUT = new Workspace.Buffer("what is added to the stream");

    private final Workspace work;
    private final Batch batch;
    private final Results results;
    private final BooleanSupplier cancelled;
    private final List<Ropes> known = new ArrayList<>();
    private final List<Recurrence> recurrences;
    private int rows;
    private int alone;
    private boolean lastBlock;

    /** Which row of the batch each row is. */
    private int[] origins;

    /** The rows with adapters, by these; computed again when rows have been left out. */
    private Map<Adapters, Adapted> adapted;

    /**
     * Rows of a pass with the same adapters, in order.
     *
     * @param alone how many of the first stand alone
     */
    record Adapted(int[] rows, int alone) {
        int count() {
            return rows.length;
        }

        int row(int index) {
            return rows[index];
        }

        /** Whether these are all rows. */
        boolean isAll(Pass p) {
            return rows.length == p.rows;
        }
    }

    /** Whoever started the pass no longer wants it. */
    public static final class Cancelled extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Cancelled() {
            super("cancelled", null, false, false);
        }
    }

    /**
     * Rows of a sequence that a recurrent layer goes through one after the other, from what it remembers to what it remembers then.
     *
     * @param first the first row
     */
    record Recurrence(int first, RecurrentState.Stretch stretch) {
        int count() {
            return stretch.count();
        }
    }

    /** What is done to a row. */
    interface Row {
        void run(int row);
    }

    /** What a worker does to a row. */
    interface WorkersRow {
        void run(int worker, int row);
    }

    /**
     * A pass of a batch.
     *
     * @param batch whose sequences are already extended to hold it
     * @param results receives what the rows want
     * @param cancelled asked before each block
     */
    public Pass(Workspace work, Batch batch, Results results, BooleanSupplier cancelled) {
        this.work = work;
        this.batch = batch;
        this.results = results;
        this.cancelled = cancelled;
        rows = batch.size();
        alone = batch.singles();
        origins = IntStream.range(0, rows).toArray();
        adapted = adapted();
        recurrences = recurrences(batch);
        work.attention().plan(runs(batch));
    }

    /** Some rows of the same pass, for what is done row by row. */
    private Pass(Pass whole, int[] some, int alone) {
        work = whole.work;
        batch = whole.batch;
        results = whole.results;
        cancelled = whole.cancelled;
        recurrences = whole.recurrences;
        rows = some.length;
        this.alone = alone;
        origins = IntStream.of(some).map(row -> whole.origins[row]).toArray();
        adapted = whole.adapted.isEmpty() ? whole.adapted : adapted();
    }

    /** The same pass over some of its rows, which have been gathered: first those that stand alone. */
    Pass part(int[] some, int someAlone) {
        return new Pass(this, some, someAlone);
    }

    private Map<Adapters, Adapted> adapted() {
        Map<Adapters, List<Integer>> all = new LinkedHashMap<>();
        for (int row = 0; row < rows; row++) {
            Adapters adapters = batch.adapters(origins[row]);
            if (adapters != null) {
                all.computeIfAbsent(adapters, key -> new ArrayList<>()).add(row);
            }
        }
        Map<Adapters, Adapted> made = new LinkedHashMap<>();
        all.forEach((adapters, own) -> made.put(
                adapters, new Adapted(own.stream().mapToInt(Integer::intValue).toArray(), (int)
                        own.stream().filter(row -> row < alone).count())));
        return made;
    }

    /** How many of the first rows stand alone, so that their products don't depend on how many rows there are. */
    int alone() {
        return alone;
    }

    /** The parts of a batch that attend together: rows that follow each other in a sequence. */
    private static List<AttentionWorkspace.Rows> runs(Batch batch) {
        List<AttentionWorkspace.Rows> runs = new ArrayList<>();
        for (int row = 0, end; row < batch.size(); row = end) {
            boolean alone = row < batch.singles();
            end = row + 1;
            while (!alone && end < batch.size() && batch.follows(end)) {
                end++;
            }
            runs.add(new AttentionWorkspace.Rows(
                    row, end - row, batch.position(row), batch.state(row).layers(), alone));
        }
        return runs;
    }

    /** The sequences of a batch whose network has recurrent layers, each cut at its checkpoints. */
    private static List<Recurrence> recurrences(Batch batch) {
        List<Recurrence> all = new ArrayList<>();
        for (int row = 0, end; row < batch.size(); row = end) {
            RecurrentState state = batch.state(row).recurrent();
            end = row + 1;
            while (end < batch.size() && batch.state(end) == batch.state(row)) {
                end++;
            }
            if (!state.isEmpty()) {
                int first = row;
                for (RecurrentState.Stretch stretch : state.begin(batch.position(row), end - row)) {
                    all.add(new Recurrence(first, stretch));
                    first += stretch.count();
                }
            }
        }
        return all;
    }

    /** What recurrent layers go through; several parts of a sequence in order. */
    List<Recurrence> recurrences() {
        return recurrences;
    }

    /** Says that a recurrent layer remembers all rows. */
    void remembered(int layer) {
        recurrences.forEach(part -> part.stretch().done(layer));
    }

    /** The blocks of a network in turn, until the pass is {@linkplain Cancelled given up}. */
    public <T> Iterable<T> through(List<T> blocks) {
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < blocks.size();
            }

            @Override
            public T next() {
                if (cancelled.getAsBoolean()) {
                    throw new Cancelled();
                }
                lastBlock = next == blocks.size() - 1;
                return blocks.get(next++);
            }
        };
    }

    Workspace work() {
        return work;
    }

    Batch batch() {
        return batch;
    }

    /** How many rows are computed: all of the batch, until only those are left that something is wanted of. */
    int size() {
        return rows;
    }

    /** Room for as many values of each row. */
    Rows rows(Workspace.Buffer kind, int width) {
        return work.rows(kind, rows, width);
    }

    Results results() {
        return results;
    }

    void eachRow(Row body) {
        eachRow(1, body);
    }

    void eachRow(int grain, Row body) {
        work.team().run(rows, grain, (worker, from, to) -> {
            for (int row = from; row < to; row++) {
                body.run(row);
            }
        });
    }

    void eachRow(WorkersRow body) {
        work.team().run(rows, 1, (worker, from, to) -> {
            for (int row = from; row < to; row++) {
                body.run(worker, row);
            }
        });
    }

    /** Products of the same rows with their scales, without biases. A listener is told of them. */
    void multiply(Rows x, Linear.Into... products) {
        if (batch.hasListener()) {
            List<String> names = Stream.of(products)
                    .map(product -> product.linear().name())
                    .distinct()
                    .toList();
            batch.tell(names, products[0].linear().expert(), x.data(), rows, x.width());
        }
        multiplyUntold(x, products);
    }

    void multiplyUntold(Rows x, Linear.Into... products) {
        if (rows == 0) {
            return;
        }
        Product[] all = new Product[products.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = new Product(products[i].linear().matrix(), products[i].y().data());
        }
        work.multiply(x.data(), rows, alone, all);
        for (Linear.Into product : products) {
            scale(product);
        }
        adapted.forEach((adapters, own) -> adapters.add(this, own, x, products));
    }

    private void scale(Linear.Into product) {
        float scale = product.linear().scale();
        if (scale != 1) {
            Rows y = product.y();
            eachRow(row -> scale(y.data(), y.at(row), y.width(), scale));
        }
    }

    /** Adds what adapters have of the tokens to their rows. */
    void addToEmbedding(Rows x, float scale) {
        adapted.forEach((adapters, own) -> adapters.addToEmbedding(this, own, x, scale));
    }

    /** The product and bias that end a part of a block; the next part's take the same place. */
    Rows output(Rows x, Linear linear) {
        Rows y = rows(OUTPUT, linear.rows());
        multiply(x, linear.into(y));
        if (linear.bias() != null) {
            eachRow(row -> linear.addBias(y.data(), y.at(row)));
        }
        return y;
    }

    /** x += y. */
    public void add(Rows x, Rows y) {
        add(x, y, 1);
    }

    /** x += scale y. */
    public void add(Rows x, Rows y, float scale) {
        eachRow(row -> Ops.axpy(scale, y.data(), y.at(row), x.data(), x.at(row), x.width()));
    }

    int position(int row) {
        return batch.position(row);
    }

    /** What turns the rows of the batch, by their positions, each as its sequence's context has it. */
    Rows rotations(Ropes ropes) {
        int index = known.indexOf(ropes);
        Ropes own = index < 0 ? ropes : known.get(index);
        Rows rotations = work.rows(own, batch.size(), ropes.dims());
        if (index < 0) {
            known.add(ropes);
            eachRow(row -> ropes.of(batch.state(row).contextLength())
                    .fill(batch.position(row), rotations.data(), rotations.at(row)));
        }
        return rotations;
    }

    /** Stores the keys and values of a row. */
    void store(int layer, int row, Rows keys, Rows values) {
        batch.state(row)
                .layers()
                .get(layer)
                .store(batch.position(row), keys.data(), keys.at(row), values.data(), values.at(row));
    }

    /**
     * Once the keys and values of all rows are stored, nobody needs the rows that nothing is wanted of: keeps only the
     * others, if this is the last block. A listener is told of all.
     */
    void keepWantedInLastBlock(Rows mixed, Rows... used) {
        if (lastBlock && !batch.hasListener()) {
            moveWanted(mixed);
            for (Rows x : used) {
                moveWanted(x);
            }
            leaveWanted();
        }
    }

    /** Keeps only the rows that something is wanted of, unless that was done. */
    public void keepWanted(Rows x) {
        if (rows > batch.wanted()) {
            moveWanted(x);
            leaveWanted();
        }
    }

    /** Hands out the rows that are wanted as they are, and leaves those that want logits. */
    public Pass handOut(Rows wanted) {
        if (batch.wanting(Want.HIDDEN) == 0) {
            return this;
        }
        int width = wanted.width();
        int row = 0;
        int handedOut = 0;
        int left = 0;
        int[] gathered = new int[batch.wanting(Want.LOGITS)];
        for (int i = 0; i < batch.size(); i++) {
            switch (batch.want(i)) {
                case NOTHING -> {}
                case HIDDEN ->
                    System.arraycopy(wanted.data(), wanted.at(row++), results.hidden(), handedOut++ * width, width);
                case LOGITS -> {
                    gathered[left] = row;
                    System.arraycopy(wanted.data(), wanted.at(row++), wanted.data(), wanted.at(left++), width);
                }
            }
        }
        return part(gathered, batch.singlesWanting(Want.LOGITS));
    }

    private void leaveWanted() {
        rows = batch.wanted();
        alone = batch.singlesWanting(Want.LOGITS) + batch.singlesWanting(Want.HIDDEN);
        origins = IntStream.of(origins)
                .filter(row -> batch.want(row) != Want.NOTHING)
                .toArray();
        adapted = adapted.isEmpty() ? adapted : adapted();
    }

    private void moveWanted(Rows x) {
        int wanted = 0;
        for (int row = 0; row < batch.size(); row++) {
            if (batch.want(row) != Want.NOTHING) {
                System.arraycopy(x.data(), x.at(row), x.data(), x.at(wanted), x.width());
                wanted++;
            }
        }
    }

    static void scale(float[] y, int at, int n, float factor) {
        if (factor != 1) {
            for (int i = at; i < at + n; i++) {
                y[i] *= factor;
            }
        }
    }
}
