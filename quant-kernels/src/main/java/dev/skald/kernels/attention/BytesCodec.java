package dev.skald.kernels.attention;

import dev.skald.kernels.machine.MachineAttention.Heads;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Stores signed bytes, with a float scale for each {@link Heads#BLOCK} values of a key or a value vector; the last
 * block may be smaller. A value is its byte times the scale, and the largest value of a block has the byte 127. The
 * bytes of all keys are followed by their scales, [blocks of a key][positions]; those of all values by theirs,
 * [positions][blocks of a value].
 */
final class BytesCodec implements KvCodec {
    private static final int POSITIONS = KvLayout.POSITIONS;
    private static final int BLOCK = Heads.BLOCK;

    /** A block whose values are all smaller counts as zero, because 127 times its reciprocal would not be finite. */
    private static final float LEAST = 1e-30f;

    /** Larger values are limited to this: 127 times its 127th part is finite in every rounding. */
    private static final float MOST = 3e38f;

    private static int blocks(int size) {
        return Math.ceilDiv(size, BLOCK);
    }

    @Override
    public void storeKey(MemorySegment page, long keys, int size, int slot, float[] k, int ko) {
        long scales = keys + (long) size * POSITIONS;
        for (int block = 0; block < blocks(size); block++) {
            int first = block * BLOCK;
            int n = Math.min(BLOCK, size - first);
            long scale = scales + 4L * (block * POSITIONS + slot);
            store(k, ko + first, n, page, scale, keys + (long) first * POSITIONS + slot, POSITIONS);
        }
    }

    @Override
    public void storeValue(MemorySegment page, long values, int size, int slot, float[] v, int vo) {
        long scales = values + (long) size * POSITIONS;
        for (int block = 0; block < blocks(size); block++) {
            int first = block * BLOCK;
            int n = Math.min(BLOCK, size - first);
            long scale = scales + 4L * (slot * blocks(size) + block);
            store(v, vo + first, n, page, scale, values + (long) slot * size + first, 1);
        }
    }

    /** Stores a block. A NaN makes the scale NaN; a value that is too large becomes {@link #MOST}. */
    private static void store(float[] x, int xo, int n, MemorySegment page, long scale, long bytes, int apart) {
        float most = 0;
        for (int i = xo; i < xo + n; i++) {
            most = Math.max(most, Math.abs(x[i]));
        }
        most = Math.min(most, MOST);
        float factor = most < LEAST ? 0 : 127 / most;
        for (int i = 0; i < n; i++) {
            float code = Math.max(-127, Math.min(127, x[xo + i] * factor));
            page.set(ValueLayout.JAVA_BYTE, bytes + (long) i * apart, (byte) Math.rint(code));
        }
        page.set(ValueLayout.JAVA_FLOAT, scale, most < LEAST ? 0 : most / 127);
    }

    @Override
    public void clearKeys(MemorySegment page, long keys, int size, int slot) {
        for (int d = 0; d < size; d++) {
            page.asSlice(keys + (long) d * POSITIONS + slot, POSITIONS - slot).fill((byte) 0);
        }
        long scales = keys + (long) size * POSITIONS;
        for (int block = 0; block < blocks(size); block++) {
            page.asSlice(scales + 4L * (block * POSITIONS + slot), 4L * (POSITIONS - slot))
                    .fill((byte) 0);
        }
    }

    @Override
    public void clearValues(MemorySegment page, long values, int size, int slot) {
        page.asSlice(values + (long) slot * size, (long) (POSITIONS - slot) * size)
                .fill((byte) 0);
        page.asSlice(
                        values + (long) size * POSITIONS + 4L * slot * blocks(size),
                        4L * (POSITIONS - slot) * blocks(size))
                .fill((byte) 0);
    }

    @Override
    public void moveValues(
            MemorySegment from, int fromSlot, MemorySegment to, int toSlot, long values, int size, int positions) {
        MemorySegment.copy(
                from, values + (long) fromSlot * size, to, values + (long) toSlot * size, (long) positions * size);
        long scales = values + (long) size * POSITIONS;
        long row = 4L * blocks(size);
        MemorySegment.copy(from, scales + fromSlot * row, to, scales + toSlot * row, positions * row);
    }

    @Override
    public void readKeys(MemorySegment page, long keys, int size, int firstRow, int rows, float[] y, int yo) {
        long scales = keys + (long) size * POSITIONS;
        for (int d = firstRow, end; d < firstRow + rows; d = end) {
            end = Math.min(firstRow + rows, d / BLOCK * BLOCK + BLOCK);
            long scale = scales + 4L * (d / BLOCK * POSITIONS);
            AttentionKernels.BEST.decodeColumns(
                    page, keys + (long) d * POSITIONS, scale, end - d, POSITIONS, y, yo + (d - firstRow) * POSITIONS);
        }
    }

    @Override
    public void readValues(MemorySegment page, long values, int size, int first, int count, float[] y, int yo) {
        long scales = values + (long) size * POSITIONS;
        for (int i = first, end; i < first + count; i = end) {
            int column = i % size;
            int rest = Math.min(BLOCK - column % BLOCK, size - column);
            end = Math.min(first + count, i + rest);
            long at = scales + 4L * (i / size * blocks(size) + column / BLOCK);
            float scale = page.get(ValueLayout.JAVA_FLOAT, at);
            AttentionKernels.BEST.decodeBytes(page, values + i, scale, end - i, y, yo + i - first);
        }
    }
}
