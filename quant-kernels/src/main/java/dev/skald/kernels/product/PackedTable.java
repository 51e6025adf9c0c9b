package dev.skald.kernels.product;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.skald.kernels.pack.Plane;
import dev.skald.kernels.platform.VectorKernels;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Computes products with the table values of 4-bit codes, group by group, if no vector holds the whole table. */
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
            int steps,
            float[] x,
            float[] rests,
            float result,
            float[] y,
            int yo,
            int apart,
            int[] table) {
        long rowBytes = (long) plane.rowWords(blocks) * VECTOR;
        for (int q = 0; q < steps; q++) {
            for (int s = 0; s < PackedDot.STREAMS; s++) {
                long at = o[s] + q * rowBytes;
                FloatVector sum = plane.scaling().isSuper()
                        ? superRow(plane, at, blocks, x, rests, table)
                        : row(plane, at, blocks, x, rests, table);
                sum.mul(result).intoArray(y, yo + q * L + s * apart);
            }
        }
    }

    private static FloatVector row(Plane plane, long o, int blocks, float[] x, float[] rests, int[] table) {
        FloatVector y = FloatVector.zero(S);
        for (int b = 0; b < blocks; b++) {
            FloatVector a = codes(plane, o, b, x, table).add(FloatVector.broadcast(S, rests[b]));
            y = PackedPanel.scale(plane, o, b).fma(a, y);
        }
        return y;
    }

    private static FloatVector superRow(Plane plane, long o, int blocks, float[] x, float[] rests, int[] table) {
        int unitBlocks = 1 << plane.unitShift();
        FloatVector y = FloatVector.zero(S);
        for (int from = 0; from < blocks; from += unitBlocks) {
            FloatVector sum = FloatVector.zero(S);
            for (int b = from; b < from + unitBlocks; b++) {
                FloatVector a = codes(plane, o, b, x, table).add(FloatVector.broadcast(S, rests[b]));
                sum = PackedPanel.scale(plane, o, b).fma(a, sum);
            }
            y = PackedPanel.scaleOfScales(plane, o, from).fma(sum, y);
        }
        return y;
    }

    /** Returns the sum of code x activation of a block. */
    private static FloatVector codes(Plane plane, long o, int block, float[] x, int[] table) {
        int words = plane.blockWords();
        int gaps = plane.codesAt(block) - block * words;
        FloatVector a = FloatVector.zero(S);
        for (int j = block * words; j < (block + 1) * words; j++) {
            IntVector v = IntVector.fromMemorySegment(I, plane.data(), o + (long) (j + gaps) * VECTOR, LE);
            for (int c = 8 * j; c < 8 * j + 8; c++) {
                FloatVector f = PackedPanel.look(v.lanewise(AND, 15), table).reinterpretAsFloats();
                a = f.fma(FloatVector.broadcast(S, x[c]), a);
                v = v.lanewise(LSHR, 4);
            }
        }
        return a;
    }
}
