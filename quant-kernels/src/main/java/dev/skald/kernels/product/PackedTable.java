package dev.skald.kernels.product;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.skald.kernels.pack.Plane;
import dev.skald.kernels.platform.VectorKernels;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Products by the table values of 4-bit codes where no vector holds the whole table: group by group. */
final class PackedTable {
    private static final int L = PackedDot.L;
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final VectorSpecies<Integer> I = VectorKernels.I;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int VECTOR = 4 * L;

    private PackedTable() {}

    /** As {@link PackedDot#dotTable4} and {@link PackedSuperDot#dotTable4}. */
    static void dot(
            Plane plane,
            long[] o,
            int blocks,
            int quads,
            float[] x,
            float[] rests,
            float result,
            float[] y,
            int yo,
            int apart,
            int[] table) {
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        for (int q = 0; q < quads; q++) {
            for (int s = 0; s < PackedDot.STREAMS; s++) {
                FloatVector sum = row(plane, o[s] + q * rowBytes, blocks, x, rests, table);
                sum.mul(result).intoArray(y, yo + q * L + s * apart);
            }
        }
    }

    private static FloatVector row(Plane plane, long o, int blocks, float[] x, float[] rests, int[] table) {
        MemorySegment w = plane.data();
        int words = plane.blockWords();
        FloatVector y = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector a = FloatVector.broadcast(S, rests[b]);
            int gaps = plane.codesAt(b) - b * words;
            for (int j = b * words; j < (b + 1) * words; j++) {
                IntVector v = IntVector.fromMemorySegment(I, w, o + (long) (j + gaps) * VECTOR, LE);
                for (int c = 8 * j; c < 8 * j + 8; c++) {
                    FloatVector f = PackedPanel.look(v.lanewise(AND, 15), table).reinterpretAsFloats();
                    a = f.fma(FloatVector.broadcast(S, x[c]), a);
                    v = v.lanewise(LSHR, 4);
                }
            }
            y = PackedPanel.scale(plane, o, b).fma(a, y);
        }
        return y;
    }
}
