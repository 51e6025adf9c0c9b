package dev.skald.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Stores plain numbers, in float32 or in half precision. */
final class NumbersCodec implements KvCodec {
    private static final int POSITIONS = KvLayout.POSITIONS;

    private final boolean half;
    private final int bytes;

    NumbersCodec(boolean half) {
        this.half = half;
        bytes = half ? 2 : 4;
    }

    @Override
    public void storeKey(MemorySegment page, long keys, int size, int slot, float[] k, int ko) {
        // A slice, and a constant distance, so that C2 checks the bounds once and not for each number.
        MemorySegment key = page.asSlice(keys + (long) bytes * slot, (long) bytes * (POSITIONS * (size - 1) + 1));
        if (half) {
            short[] halves = AttentionKernels.toF16(k, ko, size);
            for (int d = 0; d < halves.length; d++) {
                key.set(ValueLayout.JAVA_SHORT, 2L * POSITIONS * d, halves[d]);
            }
            return;
        }
        for (int d = 0; d < size; d++) {
            key.set(ValueLayout.JAVA_FLOAT, 4L * POSITIONS * d, k[ko + d]);
        }
    }

    @Override
    public void storeValue(MemorySegment page, long values, int size, int slot, float[] v, int vo) {
        long value = values + (long) bytes * slot * size;
        if (half) {
            MemorySegment.copy(AttentionKernels.toF16(v, vo, size), 0, page, ValueLayout.JAVA_SHORT, value, size);
        } else {
            MemorySegment.copy(v, vo, page, ValueLayout.JAVA_FLOAT, value, size);
        }
    }

    @Override
    public void clearKeys(MemorySegment page, long keys, int size, int slot) {
        for (int d = 0; d < size; d++) {
            long at = keys + bytes * ((long) d * POSITIONS + slot);
            page.asSlice(at, (long) bytes * (POSITIONS - slot)).fill((byte) 0);
        }
    }

    @Override
    public void clearValues(MemorySegment page, long values, int size, int slot) {
        page.asSlice(values + (long) bytes * slot * size, (long) bytes * (POSITIONS - slot) * size)
                .fill((byte) 0);
    }

    @Override
    public void moveValues(
            MemorySegment from, int fromSlot, MemorySegment to, int toSlot, long values, int size, int positions) {
        long row = (long) bytes * size;
        MemorySegment.copy(from, values + row * fromSlot, to, values + row * toSlot, row * positions);
    }

    @Override
    public void readKeys(MemorySegment page, long keys, int size, int firstRow, int rows, float[] y, int yo) {
        read(page, keys + (long) bytes * firstRow * POSITIONS, rows * POSITIONS, y, yo);
    }

    @Override
    public void readValues(MemorySegment page, long values, int size, int first, int count, float[] y, int yo) {
        read(page, values + (long) bytes * first, count, y, yo);
    }

    private void read(MemorySegment page, long at, int n, float[] y, int yo) {
        if (half) {
            AttentionKernels.decodeF16(page, at, n, y, yo);
        } else {
            MemorySegment.copy(page, ValueLayout.JAVA_FLOAT, at, y, yo, n);
        }
    }

    @Override
    public void readKeys(List<MemorySegment> pages, long keys, int size, int firstRow, int rows, float[] y) {
        read(pages, keys + (long) bytes * firstRow * POSITIONS, rows * POSITIONS, y);
    }

    @Override
    public void readValues(List<MemorySegment> pages, long values, int size, int first, int count, float[] y) {
        read(pages, values + (long) bytes * first, count, y);
    }

    private void read(List<MemorySegment> pages, long at, int n, float[] y) {
        if (half) {
            AttentionKernels.decodeF16(pages, at, n, y);
        } else {
            AttentionKernels.BEST.copyF32(pages, at, n, y);
        }
    }
}
