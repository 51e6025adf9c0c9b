package dev.skald.kernels.machine;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.pack.LaneLayout;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/** Packs a group of rows by machine code and by Java, before any weights are packed by machine code. */
final class PackSelfTest {
    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    /** The number of blocks in a row, so that the code's loop runs more than once. */
    private static final int BLOCKS = 2;

    private PackSelfTest() {}

    /**
     * Returns whether both give the same bytes.
     *
     * @param packs packs all rows, which follow each other, into a matrix of one group by machine code
     */
    static boolean passes(
            QuantFormat format, LaneLayout layout, int lanes, BiConsumer<MemorySegment, MachineMatrix> packs) {
        Packing packing = layout.packing();
        int blockBytes = (int) format.type().bytes(packing.blockColumns());
        int rowBytes = BLOCKS * blockBytes;
        byte[] random = new byte[lanes * rowBytes];
        new SplittableRandom(1).nextBytes(random);
        int[] words = new int[packing.codeWords() + packing.scaleWords()];
        int[] codes = new int[packing.codeWords()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment rows = arena.allocate(random.length, 64);
            MemorySegment.copy(random, 0, rows, ValueLayout.JAVA_BYTE, 0, random.length);
            MachineMatrix w = new MachineMatrix(layout, lanes, lanes, BLOCKS * packing.blockColumns(), arena);
            byte[] expected = new byte[BLOCKS * w.blockBytes()];
            for (int lane = 0; lane < lanes; lane++) {
                for (int b = 0; b < BLOCKS; b++) {
                    format.packBlock(rows, lane * rowBytes + b * blockBytes, (lane + 1) * rowBytes, words);
                    w.put(words, lane, expected, b * w.blockBytes(), codes);
                }
            }
            packs.accept(rows, w);
            if (Arrays.equals(expected, w.data().toArray(ValueLayout.JAVA_BYTE))) {
                return true;
            }
        }
        LOG.log(System.Logger.Level.WARNING, "machine code packs " + format + " wrongly; Java packs it instead");
        return false;
    }
}
