package dev.skald.kernels.machine;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.pack.LaneLayout;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * The one place that calls the machine code of products, after it has checked that every byte the code will read or write is
 * there; {@link MachineAttention} and {@link MachineRows} are those of the rest. For use from any thread.
 */
public final class MachineKernels {
    /** More tokens would have longer records than a cache holds beside the weights. */
    private static final int MOST_TOKENS = 12;

    private final Isa isa;
    private final Rounding wanted;
    private final BiFunction<String, byte[], MemorySegment> memory;
    private MachineAttention attention;
    private MachineRows rows;
    private final Map<Packing, LaneLayout> layouts = new ConcurrentHashMap<>();

    /** What self-tests have found so far. */
    final Map<Packing, Optional<String>> refusals = new ConcurrentHashMap<>();

    private final Map<Packing, Ahead> aheads = new ConcurrentHashMap<>();
    private final Map<Key, MemorySegment> kernels = new ConcurrentHashMap<>();

    /** What tells a kernel from others; no tokens: the one that quantizes. */
    private record Key(Packing packing, int groups, int tokens, int ahead) {}

    /**
     * Kernels for a processor.
     *
     * @param isa what it can do
     * @param wanted how finely activations are rounded
     * @param memory makes code executable, which has a name
     */
    MachineKernels(Isa isa, Rounding wanted, BiFunction<String, byte[], MemorySegment> memory) {
        this.isa = isa;
        this.wanted = wanted;
        this.memory = memory;
    }

    /** Attention on the same vectors, whose kernels are made when first asked for. */
    public synchronized MachineAttention attention() {
        if (attention == null) {
            attention = MachineAttention.of(isa, memory);
        }
        return attention;
    }

    /** What is done with rows of activations, on the same vectors; made when first asked for. */
    public synchronized MachineRows rows() {
        if (rows == null) {
            rows = new MachineRows(isa, memory);
        }
        return rows;
    }

    /**
     * Why weights of a packing must not be multiplied by machine code: a kernel has not passed its {@link SelfTest}. The first
     * call for a packing makes and tests all its kernels, which takes some hundredths of a second.
     *
     * @return a clause for people; empty where all kernels have passed
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

    /** For people. */
    public String description() {
        return "machine code, " + isa.description();
    }

    /** Rows of a group. */
    public int lanes() {
        return isa.lanes();
    }

    /** Columns of a matrix when they are filled up to whole units. */
    public int paddedColumns(Packing packing, int columns) {
        LaneLayout layout = layout(packing);
        return layout.units(columns) * layout.unitColumns();
    }

    /** Room for a matrix, in memory that is all zeros. */
    public MachineMatrix matrix(Packing packing, int rows, int columns, SegmentAllocator memory) {
        return new MachineMatrix(layout(packing), isa.lanes(), rows, columns, memory);
    }

    Rounding rounding(LaneLayout layout) {
        return ProductCode.rounding(isa, layout, wanted);
    }

    /** Packings have no names, but each is one format's. */
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

    /** The most tokens of one call. */
    public int mostTokens(Packing packing) {
        int tokens = 1;
        while (tokens < MOST_TOKENS && groups(packing, tokens + 1) > 0) {
            tokens++;
        }
        return tokens;
    }

    /** Into how many tiles so many tokens are cut, whose sizes differ by one at most: a call multiplies a tile. */
    public int tiles(Packing packing, int tokens) {
        return tokens <= mostTokens(packing) ? 1 : Math.ceilDiv(tokens, tileTokens(packing));
    }

    /** The most tokens of a tile where there are several. */
    int tileTokens(Packing packing) {
        LaneLayout layout = layout(packing);
        return ProductCode.tileTokens(isa, layout, rounding(layout), mostTokens(packing));
    }

    /** How many groups are multiplied side by side by so many tokens; 0 if there are too many. */
    public int groups(Packing packing, int tokens) {
        LaneLayout layout = layout(packing);
        return ProductCode.groups(isa, layout, rounding(layout), tokens);
    }

    /** How far ahead the weights of a packing are fetched where they come from memory. */
    public Ahead ahead(Packing packing) {
        return aheads.computeIfAbsent(packing, p -> new Ahead());
    }

    /** Bytes of the records of so many tokens by which a matrix is multiplied. */
    public long recordBytes(MachineMatrix w, int tokens) {
        LaneLayout layout = w.layout();
        long blocks = w.paddedColumns() / layout.scaleColumns();
        return blocks * tokens * QuantizeCode.recordBytes(layout, rounding(layout));
    }

    /**
     * Makes the records of one of several tokens.
     *
     * @param w of the matrix that they are for, or one with as many columns and the same packing
     * @param x {@link MachineMatrix#paddedColumns()} floats
     * @param records of all tokens, {@link #recordBytes} bytes
     * @param token which token
     * @param tokens how many
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
        MemorySegment code =
                kernels.computeIfAbsent(key, k -> memory.apply(name(k), QuantizeCode.code(layout, rounding(layout))));
        MemorySegment to = records.asSlice((long) token * record);
        Abi.call(code, x, to, to, columns / layout.packing().blockColumns(), (long) tokens * record, 0);
    }

    /**
     * Multiplies groups of rows by some tokens.
     *
     * @param w the matrix
     * @param group the first group; the others lie {@code apart} further each, as many as {@code groups}
     * @param groups how many side by side
     * @param apart groups between two of them
     * @param steps how many follow each of them
     * @param records of the tokens
     * @param tokens how many
     * @param ahead how many bytes ahead weights are fetched into the caches, see {@link #ahead}; 0 where they are in one
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
