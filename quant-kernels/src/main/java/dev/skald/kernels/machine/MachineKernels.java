package dev.skald.kernels.machine;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.pack.LaneLayout;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * Calls the machine code of products and of packing. This is the only place that does so, after checking that every byte that the code
 * reads or writes exists; {@link MachineAttention} and {@link MachineRows} do the same for the other code. Thread-safe.
 */
public final class MachineKernels {
    /** With more tokens, their records would not fit into a cache beside the weights. */
    private static final int MOST_TOKENS = 12;

    private final Isa isa;
    private final Rounding wanted;
    private final BiFunction<String, byte[], MemorySegment> memory;
    private MachineAttention attention;
    private MachineRows rows;
    private final Map<Packing, LaneLayout> layouts = new ConcurrentHashMap<>();

    /** The results of self-tests so far. */
    final Map<Packing, Optional<String>> refusals = new ConcurrentHashMap<>();

    private final Map<Packing, Ahead> aheads = new ConcurrentHashMap<>();
    private final Map<Key, MemorySegment> kernels = new ConcurrentHashMap<>();

    /** The code that packs a format; empty if Java does it. */
    private final Map<QuantFormat, Optional<Packer>> packers = new ConcurrentHashMap<>();

    private record Packer(int blockBytes, MemorySegment code) {}

    /** The key of a kernel. Without tokens, it is the kernel that quantizes. */
    private record Key(Packing packing, int groups, int tokens, int ahead) {
        /** As {@link Packing#hashCode()}. */
        @Override
        public int hashCode() {
            return ((31 * packing.hashCode() + groups) * 31 + tokens) * 31 + ahead;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key
                    && packing.equals(key.packing)
                    && groups == key.groups
                    && tokens == key.tokens
                    && ahead == key.ahead;
        }
    }

    /**
     * Creates the kernels for a processor.
     *
     * @param isa the instructions that the processor supports
     * @param wanted the rounding of activations
     * @param memory makes code executable under a name
     */
    MachineKernels(Isa isa, Rounding wanted, BiFunction<String, byte[], MemorySegment> memory) {
        this.isa = isa;
        this.wanted = wanted;
        this.memory = memory;
    }

    /** Returns attention with the same vectors. Its kernels are created at the first request. */
    public synchronized MachineAttention attention() {
        if (attention == null) {
            attention = MachineAttention.of(isa, memory);
        }
        return attention;
    }

    /** Returns the kernels for rows of activations, with the same vectors. They are created at the first request. */
    public synchronized MachineRows rows() {
        if (rows == null) {
            rows = new MachineRows(isa, memory);
        }
        return rows;
    }

    /**
     * Returns why weights of a packing must not be multiplied by machine code: a kernel has failed its {@link
     * SelfTest}. The first call for a packing creates and tests all its kernels, which takes some hundredths of a
     * second.
     *
     * @return a clause for people; empty if all kernels have passed
     */
    public Optional<String> refusal(Packing packing) {
        return refusals.computeIfAbsent(packing, p -> SelfTest.refusal(this, p));
    }

    Isa isa() {
        return isa;
    }

    LaneLayout layout(Packing packing) {
        return layouts.computeIfAbsent(packing, LaneLayout::new);
    }

    /** Returns a description for people. */
    public String description() {
        return "machine code, " + isa.description();
    }

    /** Returns the rows of a group. */
    public int lanes() {
        return isa.lanes();
    }

    /** Returns the columns of a matrix with padding to whole units. */
    public int paddedColumns(Packing packing, int columns) {
        LaneLayout layout = layout(packing);
        return layout.units(columns) * layout.unitColumns();
    }

    /** Allocates a matrix in memory that is filled with zeros. */
    public MachineMatrix matrix(Packing packing, int rows, int columns, SegmentAllocator memory) {
        return new MachineMatrix(layout(packing), isa.lanes(), rows, columns, memory);
    }

    /**
     * Packs blocks of all rows of a group, from the first column on, if the format's packing does no more than move bits.
     *
     * @param w receives the blocks
     * @param format the format of the rows
     * @param blocks the rows
     * @param at where the first row of the group begins
     * @param rowBytes the bytes from one row to the next
     * @param group a group that has all its rows
     * @param count the number of the packing's blocks
     * @return whether it has; if not, Java must do it. A mapped file is not read, because the JVM cannot catch it if a page
     *     is gone.
     */
    public boolean pack(
            MachineMatrix w, QuantFormat format, MemorySegment blocks, long at, long rowBytes, int group, int count) {
        if (!blocks.isNative()
                || blocks.isMapped()
                || count == 0
                || w.lanes() != isa.lanes()
                || w.rows() < (group + 1) * w.lanes()) {
            return false;
        }
        Packer packer = packers.computeIfAbsent(format, f -> packer(w, f)).orElse(null);
        if (packer == null) {
            return false;
        }
        pack(packer, w, blocks, at, rowBytes, group, count);
        return true;
    }

    private static void pack(
            Packer packer, MachineMatrix w, MemorySegment blocks, long at, long rowBytes, int group, int count) {
        check("rows", blocks, at, (w.lanes() - 1) * rowBytes + (long) count * packer.blockBytes);
        MemorySegment to = w.data().asSlice(group * w.groupBytes(), (long) count * w.blockBytes());
        Abi.call(packer.code, blocks.asSlice(at), to, to, count, rowBytes, 0);
    }

    private Optional<Packer> packer(MachineMatrix like, QuantFormat format) {
        return BitMoves.of(format, like)
                .map(moves ->
                        new Packer(moves.blockBytes(), memory.apply(format + ": packing", PackCode.code(isa, moves))))
                .filter(packer -> PackSelfTest.passes(format, layout(format.packing()), isa.lanes(), (rows, w) -> {
                    long rowBytes = rows.byteSize() / w.lanes();
                    pack(packer, w, rows, 0, rowBytes, 0, (int) (rowBytes / packer.blockBytes));
                }));
    }

    Rounding rounding(LaneLayout layout) {
        return ProductCode.rounding(isa, layout, wanted);
    }

    /** Returns the name of a kernel. A packing has no name of its own, but belongs to one format. */
    private String name(Key key) {
        String format = QuantFormats.all().stream()
                .filter(f -> f.packing() == key.packing)
                .map(QuantFormat::toString)
                .findFirst()
                .orElse("?");
        LaneLayout layout = layout(key.packing);
        String bits = layout.isFloat() ? "32 bits" : 8 * rounding(layout).bytes() + " bits";
        return key.tokens == 0
                ? format + ": activations to " + bits
                : format + ": " + key.groups + " groups x " + key.tokens + " tokens of " + bits
                        + (key.ahead > 0 ? ", from memory " + key.ahead + " bytes ahead" : "");
    }

    /** Returns the maximum number of tokens of one call. */
    public int mostTokens(Packing packing) {
        int tokens = 1;
        while (tokens < MOST_TOKENS && groups(packing, tokens + 1) > 0) {
            tokens++;
        }
        return tokens;
    }

    /**
     * Returns the number of tiles for this number of tokens. A call multiplies a tile, and tile sizes differ by at most
     * one.
     */
    public int tiles(Packing packing, int tokens) {
        return tokens <= mostTokens(packing) ? 1 : Math.ceilDiv(tokens, tileTokens(packing));
    }

    /** Returns the maximum number of tokens of a tile if there are several tiles. */
    int tileTokens(Packing packing) {
        LaneLayout layout = layout(packing);
        return ProductCode.tileTokens(isa, layout, rounding(layout), mostTokens(packing));
    }

    /** Returns the number of groups that are multiplied side by side; 0 if there are too many tokens. */
    public int groups(Packing packing, int tokens) {
        LaneLayout layout = layout(packing);
        return ProductCode.groups(isa, layout, rounding(layout), tokens);
    }

    /** Returns the prefetch distance for weights of a packing that come from memory. */
    public Ahead ahead(Packing packing) {
        return aheads.computeIfAbsent(packing, p -> new Ahead());
    }

    /** Returns the bytes of the records of this number of tokens for a matrix. */
    public long recordBytes(MachineMatrix w, int tokens) {
        LaneLayout layout = w.layout();
        long blocks = w.paddedColumns() / layout.scaleColumns();
        return blocks * tokens * QuantizeCode.recordBytes(layout, rounding(layout));
    }

    /**
     * Creates the records of one of several tokens.
     *
     * @param w the matrix that the records are for, or another with the same packing and number of columns
     * @param x {@link MachineMatrix#paddedColumns()} floats
     * @param records the records of all tokens, {@link #recordBytes} bytes
     * @param token the index of the token
     * @param tokens the number of tokens
     */
    public void quantize(MachineMatrix w, MemorySegment x, MemorySegment records, int token, int tokens) {
        LaneLayout layout = w.layout();
        int columns = w.paddedColumns();
        Objects.checkIndex(token, tokens);
        check("activations", x, 0, 4L * columns);
        check("records", records, 0, recordBytes(w, tokens));
        int record = QuantizeCode.recordBytes(layout, rounding(layout));
        if (layout.isFloat()) {
            int bytes = 4 * layout.scaleColumns();
            for (int b = 0; b < columns / layout.scaleColumns(); b++) {
                MemorySegment.copy(x, (long) b * bytes, records, ((long) b * tokens + token) * record, bytes);
            }
            return;
        }
        Key key = new Key(layout.packing(), 0, 0, 0);
        MemorySegment code = kernels.computeIfAbsent(
                key, k -> memory.apply(name(k), new QuantizeCode(layout, rounding(layout)).code()));
        MemorySegment to = records.asSlice((long) token * record);
        Abi.call(code, x, to, to, columns / layout.packing().blockColumns(), (long) tokens * record, 0);
    }

    /**
     * Creates the records of one of several tokens, as {@link #quantize(MachineMatrix, MemorySegment, MemorySegment, int,
     * int)} does. Activations for weights that are floats are copied straight to their records.
     *
     * @param x the activations, {@link MachineMatrix#columns()} floats
     * @param from the index of the first
     * @param row room for {@link MachineMatrix#paddedColumns()} floats
     */
    public void quantize(
            MachineMatrix w, float[] x, int from, MemorySegment row, MemorySegment records, int token, int tokens) {
        int columns = w.columns();
        LaneLayout layout = w.layout();
        int block = layout.scaleColumns();
        if (!layout.isFloat() || columns % block != 0) {
            MemorySegment.copy(x, from, row, ValueLayout.JAVA_FLOAT, 0, columns);
            row.asSlice(4L * columns, 4L * (w.paddedColumns() - columns)).fill((byte) 0);
            quantize(w, row, records, token, tokens);
            return;
        }
        Objects.checkIndex(token, tokens);
        check("records", records, 0, recordBytes(w, tokens));
        long apart = (long) tokens * QuantizeCode.recordBytes(layout, rounding(layout));
        long to = apart / tokens * token;
        for (int c = 0; c < columns; c += block, to += apart) {
            MemorySegment.copy(x, from + c, records, ValueLayout.JAVA_FLOAT, to, block);
        }
    }

    /**
     * Multiplies groups of rows by some tokens.
     *
     * @param w the matrix
     * @param group the first group; each of the others is {@code apart} groups further
     * @param groups the number of groups side by side
     * @param apart the distance between two of these groups
     * @param steps the number of consecutive groups to compute from each of them
     * @param records the records of the tokens
     * @param tokens the number of tokens
     * @param ahead how many bytes ahead to prefetch weights, see {@link #ahead}; 0 if they are in a cache
     * @param y receives floats [token][groups][steps][row]
     */
    public void product(
            MachineMatrix w,
            int group,
            int groups,
            int apart,
            int steps,
            MemorySegment records,
            int tokens,
            int ahead,
            MemorySegment y) {
        LaneLayout layout = w.layout();
        long last = group + (groups - 1L) * apart + steps;
        if (group < 0 || groups < 1 || apart < 0 || steps < 1 || last > w.groups() || w.lanes() != isa.lanes()) {
            throw new IndexOutOfBoundsException(steps + " steps of " + groups + " groups from " + group + " on, "
                    + apart + " apart, of " + w.groups() + " groups of " + w.lanes() + " rows");
        }
        check("records", records, 0, recordBytes(w, tokens));
        check("results", y, 0, 4L * tokens * groups * steps * isa.lanes());
        Key key = new Key(layout.packing(), groups, tokens, ahead);
        MemorySegment code = kernels.computeIfAbsent(
                key,
                k -> memory.apply(
                        name(k), new ProductCode(isa, layout, rounding(layout), groups, tokens, k.ahead).code()));
        MemorySegment from = w.data().asSlice(group * w.groupBytes());
        Abi.call(code, from, records, y, w.units(), apart * w.groupBytes(), steps);
    }

    private static void check(String what, MemorySegment segment, long from, long bytes) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(what + " in the Java heap");
        }
        Objects.checkFromIndexSize(from, bytes, segment.byteSize());
    }
}
