package dev.skald.kernels.pack;

import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.MemorySegment;

/**
 * The words of a packed matrix in the order in which a kernel comes to need them, so that it reads memory straight on: the
 * codes of a scale block, then the scales it shares with the blocks after it, then the codes of those; and where these
 * scales have a scale themselves, that at the end. Whatever is skipped and fetched later costs the processor its guess of
 * what comes next: with the scales of 256 columns behind all their codes, kernels were a third slower.
 *
 * <p>Blocks that share words of scales are a run, those under one scale of scales a unit; without such a one, units only
 * say what is packed at a time.
 *
 * @param data all words
 * @param scaling how many blocks make a run, and how many words of scales it has
 * @param blockWords words of a lane that hold the codes of a scale block
 * @param unitShift a unit has 2^unitShift scale blocks, whole runs
 */
public record Plane(MemorySegment data, Scaling scaling, int blockWords, int unitShift) {
    /** A run has 2^runShift scale blocks. */
    public int runShift() {
        return Integer.numberOfTrailingZeros(scaling.runBlocks());
    }

    /** Words of a lane that a run takes. */
    public int runWords() {
        return scaling.runBlocks() * blockWords + scaling.runWords();
    }

    /** Words of a lane that a unit takes. */
    public int unitWords() {
        return (runWords() << unitShift - runShift()) + scaling.unitWords();
    }

    /** Words of a lane that a row of so many blocks takes, whole units. */
    public int rowWords(int blocks) {
        return (blocks + (1 << unitShift) - 1 >> unitShift) * unitWords();
    }

    /** Where the codes of a block begin: words of a lane, from the start of a unit to a block of it or of a later one. */
    public int codesAt(int block) {
        int inRun = block & scaling.runBlocks() - 1;
        return runAt(block) + inRun * blockWords + (inRun == 0 ? 0 : scaling.runWords());
    }

    /** Where the first word of scales of a block is. */
    public int scalesAt(int block) {
        return runAt(block) + blockWords;
    }

    /** Where the scale of the scales of a block is. */
    public int superAt(int block) {
        return ((block >> unitShift) + 1) * unitWords() - 1;
    }

    private int runAt(int block) {
        return (block >> runShift()) * runWords() + (block >> unitShift) * scaling.unitWords();
    }
}
