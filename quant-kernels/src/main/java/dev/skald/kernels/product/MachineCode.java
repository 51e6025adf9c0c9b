package dev.skald.kernels.product;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.machine.Ahead;
import dev.skald.kernels.machine.Machine;
import dev.skald.kernels.machine.MachineKernels;
import dev.skald.kernels.machine.MachineMatrix;
import dev.skald.kernels.machine.Rounding;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Multiplies any number of tokens by weights packed for machine code. Activations are rounded, see {@link Rounding}.
 * Tokens are divided into tiles of a few, and a few groups of rows are multiplied at a time. The division does not
 * change any result, to the bit.
 */
final class MachineCode implements Way {
    /**
     * The weights that one call reads from memory, or that stay in a cache while several tiles of tokens are
     * multiplied.
     */
    private static final long STREAMED_BYTES = 1 << 20;

    private static final long CACHED_BYTES = 384 << 10;

    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    private final WorkerTeam team;
    private final Scratch[] scratch;
    private final Map<Packing, Records> records = new HashMap<>();
    private final Set<Packing> taken = new HashSet<>();
    private Rounding rounding = Rounding.BITS_16;
    private float[] x;
    private int first;
    private int n;

    MachineCode(WorkerTeam team) {
        this.team = team;
        scratch = new Scratch[team.threads()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    /** Sets the rounding, before the first product. */
    void round(Rounding to) {
        if (!records.isEmpty()) {
            throw new IllegalStateException("activations have been rounded by " + rounding + " already");
        }
        rounding = to;
    }

    /** A worker's own memory. */
    private static final class Scratch {
        private MemorySegment activations = MemorySegment.NULL;
        private MemorySegment results = MemorySegment.NULL;
    }

    /** The activations of all tokens in the form of a packing, tile by tile. */
    private static final class Records {
        private final MachineKernels kernels;
        private MemorySegment data = MemorySegment.NULL;
        private int n;
        private int tiles;

        /** The records of each tile. */
        private MemorySegment[] ofTiles = {};

        /** The number of groups that are multiplied side by side. */
        private int side;

        Records(MachineKernels kernels) {
            this.kernels = kernels;
        }

        /** Returns the first token of a tile. */
        int first(int tile) {
            return (int) ((long) n * tile / tiles);
        }

        int size(int tile) {
            return first(tile + 1) - first(tile);
        }

        /** Returns the tile of a token. */
        int tileOf(int token) {
            int tile = (int) ((long) token * tiles / n);
            return token >= first(tile + 1) ? tile + 1 : tile;
        }
    }

    @Override
    public boolean applies(QuantMatrix w, int n) {
        return w.packed() instanceof MachineWeights;
    }

    @Override
    public void begin(float[] x, int first, int n, int columns) {
        this.x = x;
        this.first = first;
        this.n = n;
        taken.clear();
    }

    @Override
    public int prepare(QuantMatrix w) {
        MachineWeights weights = (MachineWeights) w.packed();
        if (taken.add(weights.packing())) {
            take(weights);
        }
        int side = records.get(weights.packing()).side;
        return weights.groups() / side + weights.groups() % side;
    }

    /** Quantizes the activations for weights of one packing. */
    private void take(MachineWeights w) {
        MachineMatrix matrix = w.matrix();
        Records r = records.computeIfAbsent(w.packing(), key -> new Records(kernels(key)));
        MachineKernels kernels = r.kernels;
        r.n = n;
        r.tiles = kernels.tiles(w.packing(), n);
        r.side = kernels.groups(w.packing(), Math.ceilDiv(n, r.tiles));
        long tokenBytes = kernels.recordBytes(matrix, 1);
        r.data = grown(r.data, n * tokenBytes);
        r.ofTiles = new MemorySegment[r.tiles];
        Arrays.setAll(r.ofTiles, tile -> r.data.asSlice(r.first(tile) * tokenBytes, r.size(tile) * tokenBytes));
        int columns = matrix.columns();
        long bytes = 4L * matrix.paddedColumns();
        team.run(n, 1, (worker, from, to) -> {
            Scratch own = scratch[worker];
            own.activations = grown(own.activations, bytes);
            MemorySegment row = own.activations.asSlice(0, bytes);
            for (int t = from; t < to; t++) {
                int tile = r.tileOf(t);
                kernels.quantize(
                        matrix, x, (first + t) * columns, row, r.ofTiles[tile], t - r.first(tile), r.size(tile));
            }
        });
    }

    /**
     * Returns the kernels for a packing. Weights are packed only if the kernels with 16-bit rounding have passed their
     * self-test. These replace the others if those have failed.
     */
    private MachineKernels kernels(Packing packing) {
        MachineKernels wanted = Machine.kernels(rounding).orElseThrow();
        Optional<String> refusal = wanted.refusal(packing);
        if (refusal.isEmpty()) {
            return wanted;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "activations are rounded to 16 bits, not 8, for codes of {0} bits: {1}",
                packing.kind().bits(),
                refusal.get());
        return Machine.kernels().orElseThrow();
    }

    @Override
    public void run(QuantMatrix w, float[] y, int worker, int from, int to) {
        MachineWeights weights = (MachineWeights) w.packed();
        int side = records.get(weights.packing()).side;
        int steps = weights.groups() / side;
        if (from < steps) {
            multiply(weights, from, Math.min(to, steps), side, steps, y, scratch[worker]);
        }
        if (to > steps) {
            // From {@code steps} on, item i is group side x steps + i - steps.
            int shift = (side - 1) * steps;
            multiply(weights, Math.max(from, steps) + shift, to + shift, 1, 0, y, scratch[worker]);
        }
    }

    /**
     * Multiplies some groups of rows, or {@code side} times as many. Weights that are streamed from memory once come
     * from places that are {@code apart}, because memory serves several streams faster than one. Otherwise, adjacent
     * groups are multiplied side by side.
     */
    private void multiply(MachineWeights w, int from, int to, int side, int apart, float[] y, Scratch own) {
        MachineMatrix matrix = w.matrix();
        Records r = records.get(w.packing());
        boolean streamed = r.tiles == 1;
        long atOnce = (streamed ? STREAMED_BYTES : CACHED_BYTES) / (side * matrix.groupBytes());
        int most = Math.clamp(atOnce, 1, to - from);
        int lanes = matrix.lanes();
        own.results = grown(own.results, 4L * r.kernels.mostTokens(w.packing()) * side * most * lanes);
        // The places of y that a call writes for each token.
        int places = streamed ? side : 1;
        for (int item = from; item < to; item += most) {
            int steps = Math.min(most, to - item);
            int group = streamed ? item : item * side;
            int distance = streamed ? apart : steps;
            int floats = side / places * steps * lanes;
            for (int tile = 0; tile < r.tiles; tile++) {
                int tokens = r.size(tile);
                product(w, group, side, distance, steps, tile, own.results);
                for (int i = 0; i < tokens * places; i++) {
                    int row = (group + i % places * distance) * lanes;
                    int count = Math.min(floats, matrix.rows() - row);
                    int out = (first + r.first(tile) + i / places) * matrix.rows() + row;
                    MemorySegment.copy(own.results, ValueLayout.JAVA_FLOAT, 4L * i * floats, y, out, count);
                }
            }
        }
    }

    /** Makes one call. The first tile reads the weights from memory, so that the others find them in a cache. */
    private void product(MachineWeights w, int group, int side, int apart, int steps, int tile, MemorySegment results) {
        MachineMatrix matrix = w.matrix();
        Records r = records.get(w.packing());
        int tokens = r.size(tile);
        Ahead ahead = r.kernels.ahead(w.packing());
        int distance = tile == 0 ? ahead.distance(tokens) : 0;
        boolean timed = n == 1 && !ahead.isChosen();
        long start = timed ? System.nanoTime() : 0;
        r.kernels.product(matrix, group, side, apart, steps, r.ofTiles[tile], tokens, distance, results);
        if (timed) {
            ahead.took(distance, steps * side * matrix.groupBytes(), System.nanoTime() - start);
        }
    }

    private static MemorySegment grown(MemorySegment memory, long bytes) {
        return memory.byteSize() < bytes ? Arena.ofAuto().allocate(bytes, 64) : memory;
    }
}
