package dev.skald.kernels.simd;

import java.lang.foreign.MemorySegment;

/**
 * The words of a packed matrix as kernels walk over them: unit after unit, of which each has the codes of some scale blocks
 * and then their scales. Kernels of codes step over the scales, which the processor fetches all the same because they lie
 * on the way; so those that multiply by scales find them in cache, and memory is read straight on. Reading codes and scales
 * from places of their own took up to twice as long: each turn makes a processor guess anew what to fetch.
 *
 * @param data all words
 * @param blockWords words of a lane that hold the codes of a scale block
 * @param unitShift a unit has 2^unitShift scale blocks
 * @param scaleWords words of a lane that hold the scales of a unit
 */
public record Plane(MemorySegment data, int blockWords, int unitShift, int scaleWords) {
    /** Words of a lane from one unit to the next. */
    public int unitWords() {
        return codeWords() + scaleWords;
    }

    /** Words of a lane that hold the codes of a unit. */
    public int codeWords() {
        return blockWords << unitShift;
    }

    /** Where the word with the scale of a block is, of two to a word: words of a lane, from the first unit's scales on. */
    int pairAt(int block) {
        return (block >> unitShift) * unitWords() + (block >> 1 & scaleWords - 1);
    }
}
