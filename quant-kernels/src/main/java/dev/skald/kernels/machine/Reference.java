package dev.skald.kernels.machine;

import dev.skald.kernels.pack.LaneLayout;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Computes the results of the kernels in plain Java, to the bit. Kernels are compared with it before they are used. */
final class Reference {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Reference() {}

    /** Creates the records of one of several tokens; see {@link QuantizeCode}. */
    static void quantize(
            LaneLayout layout,
            Rounding rounding,
            MemorySegment x,
            int columns,
            MemorySegment records,
            int token,
            int tokens) {
        int size = layout.scaleColumns();
        int record = QuantizeCode.recordBytes(layout, rounding);
        int blockColumns = layout.packing().blockColumns();
        for (int block = 0; block < columns / size; block++) {
            long to = ((long) block * tokens + token) * record;
            int first = block * size;
            if (layout.isFloat()) {
                MemorySegment.copy(x, 4L * first, records, to, 4L * size);
                continue;
            }
            float most = QuantizeCode.LEAST;
            float nan = 0;
            for (int c = first; c < first + size; c++) {
                float v = x.get(FLOAT, 4L * c);
                nan += v * 0;
                most = Math.abs(v) > most ? Math.abs(v) : most;
            }
            boolean powers = QuantizeCode.hasExponent(rounding);
            int power = Float.floatToRawIntBits(most * QuantizeCode.ROUNDED_UP) & QuantizeCode.EXPONENT_MASK;
            float unit = powers
                    ? Float.intBitsToFloat(power - (QuantizeCode.LARGEST_POWER << 23))
                    : most * (1f / rounding.most());
            float inverse = powers ? 1 / unit : rounding.most() / most;
            int sum = 0;
            int origin = first / blockColumns * blockColumns;
            for (int i = 0; i < size; i++) {
                int column = origin + QuantizeCode.column(layout, rounding, first - origin, i);
                float v = x.get(FLOAT, 4L * column) * inverse;
                // A float without an integer value becomes the least integer, as in the processor.
                int q = Math.abs(v) < 0x1p31f ? (int) Math.rint(v) : Integer.MIN_VALUE;
                sum += q;
                if (rounding.bytes() == 1) {
                    records.set(ValueLayout.JAVA_BYTE, to + i, (byte) q);
                } else {
                    records.set(SHORT, to + 2L * i, (short) q);
                }
            }
            if (powers) {
                float exponent = Math.getExponent(unit) - layout.exponent() + nan;
                records.set(FLOAT, to + QuantizeCode.exponent(layout, rounding), exponent);
            }
            unit += nan;
            records.set(
                    FLOAT,
                    to + QuantizeCode.scale(layout, rounding),
                    unit * (float) Math.scalb(1.0, -layout.exponent()));
            records.set(INT, to + QuantizeCode.start(layout, rounding), -layout.zero() * sum);
            records.set(FLOAT, to + QuantizeCode.sum(layout, rounding), sum * QuantizeCode.minSign(layout) * unit);
        }
    }

    /** Returns the product of a row and a token. */
    static float product(MachineMatrix w, Rounding rounding, int row, MemorySegment records, int token, int tokens) {
        LaneLayout layout = w.layout();
        int lanes = w.lanes();
        int lane = row % lanes;
        long unit = row / lanes * w.groupBytes();
        int record = QuantizeCode.recordBytes(layout, rounding);
        long x = (long) token * record;
        float y = 0;
        for (int u = 0; u < w.units(); u++, unit += (long) layout.unitBytes() * lanes) {
            long chunk = unit + (long) layout.headerBytes() * lanes;
            for (int c = 0; c < layout.unitChunks(); c++, chunk += (long) layout.chunkBytes() * lanes) {
                for (int b = 0; b < layout.chunkBlocks(); b++, x += (long) tokens * record) {
                    if (layout.isFloat()) {
                        y += floats(w, chunk, lane, records, x);
                        continue;
                    }
                    int sum = sum(w, rounding, chunk, b, lane, records, x);
                    float d = scale(w, unit, chunk, b, lane, 0);
                    float factor = records.get(FLOAT, x + QuantizeCode.scale(layout, rounding)) * d;
                    y = Math.fma((float) sum, factor, y);
                    if (layout.hasMin()) {
                        float m = scale(w, unit, chunk, b, lane, 1);
                        y = Math.fma(m, records.get(FLOAT, x + QuantizeCode.sum(layout, rounding)), y);
                    }
                }
            }
        }
        return y;
    }

    private static float floats(MachineMatrix w, long chunk, int lane, MemorySegment records, long x) {
        LaneLayout layout = w.layout();
        int bytes = layout.bits() / 8;
        Kind kind = layout.packing().kind();
        float sum = 0;
        for (int c = 0; c < layout.chunkColumns(); c++) {
            long at = chunk + ((long) c * w.lanes() + lane) * bytes;
            float weight = kind == Kind.F32
                    ? w.data().get(FLOAT, at)
                    : kind == Kind.F16
                            ? Float.float16ToFloat(w.data().get(SHORT, at))
                            : Float.intBitsToFloat(w.data().get(SHORT, at) << 16);
            sum = Math.fma(weight, records.get(FLOAT, x + 4L * c), sum);
        }
        return sum;
    }

    /** Returns the sum of a block's integers. */
    private static int sum(
            MachineMatrix w, Rounding rounding, long chunk, int block, int lane, MemorySegment records, long x) {
        LaneLayout layout = w.layout();
        long codes = chunk + (long) layout.chunkScaleBytes() * w.lanes() + 4L * lane;
        byte[] table = layout.table();
        int sum = records.get(INT, x + QuantizeCode.start(layout, rounding));
        int quads = layout.scaleColumns() / 4;
        for (int q = 0; q < quads; q++) {
            int quad = 0;
            for (LaneLayout.Part part : layout.parts(block * quads + q)) {
                int mask = ((1 << part.count()) - 1) * 0x1010101;
                quad |= (w.data().get(INT, codes + 4L * part.word() * w.lanes()) >>> part.from() & mask) << part.to();
            }
            for (int i = 0; i < 4; i++) {
                int code = quad >>> 8 * rounding.index(i) & 0xFF;
                int value = table == null ? code << layout.left() : table[code] & 0xFF;
                long at = x + (4L * q + i) * rounding.bytes();
                sum += value
                        * (rounding.bytes() == 1 ? records.get(ValueLayout.JAVA_BYTE, at) : records.get(SHORT, at));
            }
        }
        return sum;
    }

    /** Returns the scale D, or M if {@code index} is 1. */
    private static float scale(MachineMatrix w, long unit, long chunk, int block, int lane, int index) {
        LaneLayout layout = w.layout();
        int lanes = w.lanes();
        long place = (long) block * (layout.hasMin() ? 2 : 1) + index;
        long own = chunk + (place * lanes + lane) * layout.scaleBytes();
        if (layout.isSuper()) {
            float d = Float.float16ToFloat(w.data().get(SHORT, unit + 2L * (index * lanes + lane)));
            return w.data().get(ValueLayout.JAVA_BYTE, own) * d;
        }
        short bits = w.data().get(SHORT, own);
        return layout.packing().scaling() == Scaling.BF16
                ? Float.intBitsToFloat(bits << 16)
                : Float.float16ToFloat(bits);
    }
}
