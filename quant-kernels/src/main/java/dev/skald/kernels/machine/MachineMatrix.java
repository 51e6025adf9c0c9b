package dev.skald.kernels.machine;

import dev.skald.kernels.pack.LaneLayout;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A weight matrix in the layout of {@link LaneLayout}, group by group. Rows and columns are padded with zeros. */
public final class MachineMatrix {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private final LaneLayout layout;
    private final int lanes;
    private final int rows;
    private final int columns;
    private final int units;
    private final MemorySegment data;

    MachineMatrix(LaneLayout layout, int lanes, int rows, int columns, SegmentAllocator memory) {
        this.layout = layout;
        this.lanes = lanes;
        this.rows = rows;
        this.columns = columns;
        units = layout.units(columns);
        data = memory.allocate(groups() * groupBytes(), 64);
    }

    LaneLayout layout() {
        return layout;
    }

    /** Returns the number of rows, without padding. */
    public int rows() {
        return rows;
    }

    /** Returns the number of columns, without padding. */
    public int columns() {
        return columns;
    }

    /** Returns the number of columns that are computed. */
    public int paddedColumns() {
        return units * layout.unitColumns();
    }

    public int groups() {
        return Math.ceilDiv(rows, lanes);
    }

    /** Returns the rows of a group. */
    public int lanes() {
        return lanes;
    }

    public long groupBytes() {
        return (long) units * layout.unitBytes() * lanes;
    }

    int units() {
        return units;
    }

    /** Returns all weights. */
    public MemorySegment data() {
        return data;
    }

    /** Returns the memory of all weights in bytes. */
    public long bytes() {
        return data.byteSize();
    }

    /** Returns the bytes that a block of the packing takes in a group. */
    public int blockBytes() {
        return layout.packing().blockColumns() / layout.unitColumns() * layout.unitBytes() * lanes;
    }

    /**
     * Stores one row's words of a block of the packing in its group.
     *
     * @param words codes and scales as {@link Packing} has them
     * @param lane the row of the group
     * @param blocks memory of some blocks of a group
     * @param at where this block begins
     * @param codes room for a chunk's words
     */
    public void put(int[] words, int lane, byte[] blocks, int at, int[] codes) {
        Packing packing = layout.packing();
        int chunks = packing.blockColumns() / layout.chunkColumns();
        int codeWords = packing.codeWords() / chunks;
        if (layout.isSuper()) {
            at = putShort(blocks, at, lane, words[packing.codeWords()]);
            if (layout.hasMin()) {
                at = putShort(blocks, at, lane, words[packing.codeWords()] >>> 16);
            }
        }
        for (int i = 0; i < chunks; i++) {
            if (layout.isFloat()) {
                at = floats(words, blocks, at, lane);
                continue;
            }
            for (int b = 0; b < layout.chunkBlocks(); b++) {
                at = scales(words, i * layout.chunkBlocks() + b, blocks, at, lane);
            }
            layout.codes(words, i * codeWords, codes);
            for (int w = 0; w < layout.chunkWords(); w++) {
                INT.set(blocks, at + 4 * lane, codes[w]);
                at += 4 * lanes;
            }
        }
    }

    private int floats(int[] words, byte[] blocks, int at, int lane) {
        for (int w = 0; w < layout.chunkWords(); w++) {
            if (layout.packing().kind() == Kind.F32) {
                INT.set(blocks, at + 4 * lane, words[w]);
                at += 4 * lanes;
            } else {
                at = putShort(blocks, at, lane, words[w]);
                at = putShort(blocks, at, lane, words[w] >>> 16);
            }
        }
        return at;
    }

    /** Stores the scales of the n-th block of columns in a block of the packing. */
    private int scales(int[] words, int n, byte[] blocks, int at, int lane) {
        Packing packing = layout.packing();
        int from = packing.codeWords();
        if (packing.scaling() == Scaling.F16_MIN) {
            at = putShort(blocks, at, lane, words[from + n]);
            return putShort(blocks, at, lane, words[from + n] >>> 16);
        }
        if (!layout.isSuper()) {
            return putShort(blocks, at, lane, words[from + n / 2] >>> 16 * (n & 1));
        }
        at = putByte(blocks, at, lane, words[from + 1 + n / 4] >>> 8 * (n & 3));
        if (!layout.hasMin()) {
            return at;
        }
        int runs = packing.blockColumns() / packing.scaleColumns() / 4;
        return putByte(blocks, at, lane, words[from + 1 + runs + n / 4] >>> 8 * (n & 3));
    }

    private int putShort(byte[] blocks, int at, int lane, int value) {
        SHORT.set(blocks, at + 2 * lane, (short) value);
        return at + 2 * lanes;
    }

    /** Stores a scale as a signed byte, which is 128 less than the packing's unsigned one. */
    private int putByte(byte[] blocks, int at, int lane, int value) {
        blocks[at + lane] = (byte) (value ^ 0x80);
        return at + lanes;
    }

    /**
     * Stores blocks of a group.
     *
     * @param group the group
     * @param block the first block
     * @param blocks their memory
     * @param count how many
     */
    public void fill(int group, int block, byte[] blocks, int count) {
        long at = group * groupBytes() + (long) block * blockBytes();
        MemorySegment.copy(blocks, 0, data, ValueLayout.JAVA_BYTE, at, count * blockBytes());
    }
}
