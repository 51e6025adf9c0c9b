package dev.skald.kernels.pack;

import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/**
 * The words of a packed matrix in the order in which kernels need them, so that they read memory in order: the codes of a scale
 * block, then the scales that it shares with the next blocks, then the codes of those; if the scales have a scale of their own,
 * that comes last. Skipping words and fetching them later defeats the processor's prefetcher: with the scales of 256 columns
 * after all their codes, kernels were a third slower.
 *
 * <p>Blocks that share words of scales form a run, and those under one scale of scales a unit. Without a scale of scales, a
 * unit is only what is packed at a time.
 *
 * @param data all words
 * @param scaling how many blocks make a run, and how many words of scales it has
 * @param blockWords words of a lane for the codes of a scale block
 * @param unitShift a unit has 2^unitShift scale blocks, whole runs
 */
public record Plane(MemorySegment data, Scaling scaling, int blockWords, int unitShift) {
    /** A run has 2^runShift scale blocks. */
    public int runShift() {
        return Integer.numberOfTrailingZeros(scaling.runBlocks());
    }

    /** Returns the words of a lane that a run takes. */
    public int runWords() {
        return scaling.runBlocks() * blockWords + scaling.runWords();
    }

    /** Returns the words of a lane that a unit takes. */
    public int unitWords() {
        return (runWords() << unitShift - runShift()) + scaling.unitWords();
    }

    /** Returns the words of a lane that a row of so many blocks takes, in whole units. */
    public int rowWords(int blocks) {
        return (blocks + (1 << unitShift) - 1 >> unitShift) * unitWords();
    }

    /** Returns where the codes of a block begin, in words of a lane from the start of its unit or of an earlier one. */
    public int codesAt(int block) {
        int inRun = block & scaling.runBlocks() - 1;
        return runAt(block) + inRun * blockWords + (inRun == 0 ? 0 : scaling.runWords());
    }

    /** Returns where the first word of a block's scales is. */
    public int scalesAt(int block) {
        return runAt(block) + blockWords;
    }

    /** Returns where the scale of a block's scales is. */
    public int superAt(int block) {
        return ((block >> unitShift) + 1) * unitWords() - 1;
    }

    private int runAt(int block) {
        return (block >> runShift()) * runWords() + (block >> unitShift) * scaling.unitWords();
    }
}
