package dev.skald.kernels;

import dev.skald.kernels.machine.Machine;
import dev.skald.kernels.machine.MachineKernels;
import dev.skald.kernels.machine.MachineMatrix;
import dev.skald.kernels.machine.Rounding;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Products by machine code. Tokens are cut into tiles of a few, and groups of rows are multiplied a few at a time; how does not
 * change a result, to the bit.
 */
final class MachineProducts {
    /** Weights that one call reads from memory, or that stay in a cache while several tiles of tokens pass by. */
    private static final long STREAMED_BYTES = 1 << 20;

    private static final long CACHED_BYTES = 192 << 10;

    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    private final WorkerTeam team;
    private final Rounding rounding;
    private final Map<Packing, Records> records = new HashMap<>();

    /** For weights that are packed for machine code. */
    MachineProducts(WorkerTeam team, Rounding rounding) {
        this.team = team;
        this.rounding = rounding;
    }

    /**
     * The kernels for a packing. Weights are packed only for those that round to 16 bits and have passed their self-test; they
     * take the place of others that have not.
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

    /** A worker's own memory. */
    static final class Scratch {
        private MemorySegment activations = MemorySegment.NULL;
        private MemorySegment results = MemorySegment.NULL;
    }

    /** The activations of all tokens as a packing wants them, tile by tile. */
    private static final class Records {
        private final MachineKernels kernels;
        private MemorySegment data = MemorySegment.NULL;
        private int n;
        private int tiles;
        private long tokenBytes;

        Records(MachineKernels kernels) {
            this.kernels = kernels;
        }

        /** The first token of a tile. */
        int first(int tile) {
            return (int) ((long) n * tile / tiles);
        }

        int size(int tile) {
            return first(tile + 1) - first(tile);
        }

        MemorySegment of(int tile) {
            return data.asSlice(first(tile) * tokenBytes, size(tile) * tokenBytes);
        }

        /** The tile of a token. */
        int tileOf(int token) {
            int tile = (int) ((long) token * tiles / n);
            return token >= first(tile + 1) ? tile + 1 : tile;
        }
    }

    /**
     * Takes the activations for weights of one packing.
     *
     * @param x n x columns floats
     */
    void take(MachineWeights w, float[] x, int n, Scratch[] scratch) {
        MachineMatrix matrix = w.matrix();
        Records r = records.computeIfAbsent(w.packing(), key -> new Records(kernels(key)));
        MachineKernels kernels = r.kernels;
        r.n = n;
        r.tiles = Math.ceilDiv(n, kernels.mostTokens(w.packing()));
        r.tokenBytes = kernels.recordBytes(matrix, 1);
        r.data = grown(r.data, n * r.tokenBytes);
        int columns = matrix.columns();
        long bytes = 4L * matrix.paddedColumns();
        team.run(n, 1, (worker, from, to) -> {
            Scratch own = scratch[worker];
            own.activations = grown(own.activations, bytes);
            MemorySegment row = own.activations.asSlice(0, bytes);
            row.asSlice(4L * columns).fill((byte) 0);
            for (int t = from; t < to; t++) {
                MemorySegment.copy(x, t * columns, row, ValueLayout.JAVA_FLOAT, 0, columns);
                int tile = r.tileOf(t);
                kernels.quantize(matrix, row, r.of(tile), t - r.first(tile), r.size(tile));
            }
        });
    }

    /** How many items of work a product has: steps of a few groups, and the groups that are left over. */
    int items(MachineWeights w, int n) {
        int side = sideBySide(w, n);
        return w.groups() / side + w.groups() % side;
    }

    private int sideBySide(MachineWeights w, int n) {
        MachineKernels kernels = records.get(w.packing()).kernels;
        return kernels.groups(w.packing(), Math.ceilDiv(n, Math.ceilDiv(n, kernels.mostTokens(w.packing()))));
    }

    /** Does some of the items, for all tokens. */
    void multiply(MachineWeights w, float[] y, int from, int to, int n, Scratch own) {
        int side = sideBySide(w, n);
        int steps = w.groups() / side;
        if (from < steps) {
            multiply(w, from, Math.min(to, steps), side, steps, y, own);
        }
        if (to > steps) {
            // Item i > steps is group side x steps + i - steps.
            int shift = (side - 1) * steps;
            multiply(w, Math.max(from, steps) + shift, to + shift, 1, 0, y, own);
        }
    }

    private void multiply(MachineWeights w, int from, int to, int side, int apart, float[] y, Scratch own) {
        MachineMatrix matrix = w.matrix();
        Records r = records.get(w.packing());
        MachineKernels kernels = r.kernels;
        boolean streamed = r.tiles == 1;
        long atOnce = (streamed ? STREAMED_BYTES : CACHED_BYTES) / (side * matrix.groupBytes());
        int most = Math.clamp(atOnce, 1, to - from);
        int lanes = matrix.lanes();
        own.results = grown(own.results, 4L * kernels.mostTokens(w.packing()) * side * most * lanes);
        for (int group = from; group < to; group += most) {
            int steps = Math.min(most, to - group);
            for (int tile = 0; tile < r.tiles; tile++) {
                int tokens = r.size(tile);
                kernels.product(matrix, group, side, apart, steps, r.of(tile), tokens, tile == 0, own.results);
                for (int t = 0; t < tokens; t++) {
                    for (int g = 0; g < side; g++) {
                        int row = (group + g * apart) * lanes;
                        int count = Math.min(steps * lanes, matrix.rows() - row);
                        long at = 4L * (t * side + g) * steps * lanes;
                        int out = (r.first(tile) + t) * matrix.rows() + row;
                        MemorySegment.copy(own.results, ValueLayout.JAVA_FLOAT, at, y, out, count);
                    }
                }
            }
        }
    }

    private static MemorySegment grown(MemorySegment memory, long bytes) {
        return memory.byteSize() < bytes ? Arena.ofAuto().allocate(bytes, 64) : memory;
    }
}
