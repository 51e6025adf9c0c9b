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
 * One forward pass: the rows of a batch go through a network. Each layer computes all rows before the next layer begins; work
 * on single rows is shared among the team.
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

    /** The index in the batch of each row. */
    private int[] origins;

    /** The rows with adapters, grouped by adapters; computed again after rows have been left out. */
    private Map<Adapters, Adapted> adapted;

    /**
     * The rows of a pass that share adapters, in order.
     *
     * @param alone how many of the first are single rows
     */
    record Adapted(int[] rows, int alone) {
        int count() {
            return rows.length;
        }

        int row(int index) {
            return rows[index];
        }

        /** Whether these are all rows of the pass. */
        boolean isAll(Pass p) {
            return rows.length == p.rows;
        }
    }

    /** The caller no longer wants the results. */
    public static final class Cancelled extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Cancelled() {
            super("cancelled", null, false, false);
        }
    }

    /**
     * Consecutive rows of one sequence in a recurrent layer: from the state before them to the state after them.
     *
     * @param first the first row
     */
    record Recurrence(int first, RecurrentState.Stretch stretch) {
        int count() {
            return stretch.count();
        }
    }

    /** Work on one row. */
    interface Row {
        void run(int row);
    }

    /** Work of one worker on one row. */
    interface WorkersRow {
        void run(int worker, int row);
    }

    /**
     * Creates a pass over a batch.
     *
     * @param batch whose sequences have already been extended
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

    /** Some rows of the same pass, for work on single rows. */
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

    /** The same pass over some of its rows, which have been gathered, single rows first. */
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

    /** Returns how many of the first rows are single rows, whose products do not depend on the number of rows. */
    int alone() {
        return alone;
    }

    /** Returns the parts of the batch that attend together: consecutive rows of a sequence. */
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

    /** Returns the stretches of a batch for recurrent layers: each sequence's rows, cut at its checkpoints. */
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

    /** Returns what recurrent layers compute; the stretches of a sequence are in order. */
    List<Recurrence> recurrences() {
        return recurrences;
    }

    /** Records that a recurrent layer has processed all rows. */
    void remembered(int layer) {
        recurrences.forEach(part -> part.stretch().done(layer));
    }

    /** Iterates over the blocks of a network, until the pass is {@linkplain Cancelled cancelled}. */
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

    /** Returns the number of rows that are computed: all of the batch at first, later only those with a wanted result. */
    int size() {
        return rows;
    }

    /** Returns a buffer with this many values for each row. */
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

    /** Multiplies the same rows by several matrices, with scales and without biases. A listener gets the rows. */
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

    /** Multiplies the one row of each of several activations by a matrix, as {@link #multiply} does. */
    void multiplyEach(Rows[] x, Linear.Into... products) {
        if (work.isExact() || alone == 0 || !adapted.isEmpty()) {
            for (int i = 0; i < products.length; i++) {
                multiplyUntold(x[i], products[i]);
            }
            return;
        }
        float[][] inputs = new float[products.length][];
        Product[] all = new Product[products.length];
        for (int i = 0; i < all.length; i++) {
            inputs[i] = x[i].data();
            all[i] = new Product(products[i].linear().matrix(), products[i].y().data());
        }
        work.multiplyEach(inputs, all);
        for (Linear.Into product : products) {
            scale(product);
        }
    }

    private void scale(Linear.Into product) {
        float scale = product.linear().scale();
        if (scale != 1) {
            Rows y = product.y();
            eachRow(row -> scale(y.data(), y.at(row), y.width(), scale));
        }
    }

    /** Adds what adapters add to the embeddings of tokens. */
    void addToEmbedding(Rows x, float scale) {
        adapted.forEach((adapters, own) -> adapters.addToEmbedding(this, own, x, scale));
    }

    /** Computes the last product and bias of a part of a block. The next part reuses the buffer. */
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

    /** Returns the rotations of the batch's rows: by their positions, and by the context of each row's sequence. */
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
     * Drops the rows of which nothing is wanted, if this is the last block. Called once the keys and values of all rows are
     * stored, because only then does no other row need them. With a listener, all rows stay.
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

    /** Drops the rows of which nothing is wanted, unless that has been done. */
    public void keepWanted(Rows x) {
        if (rows > batch.wanted()) {
            moveWanted(x);
            leaveWanted();
        }
    }

    /** Copies the hidden states that are wanted, and keeps the rows that want logits. */
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
