package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The table of merges, also with extreme contents. */
class PairMergesTest {
    private static final int MERGES = 5_000;

    @Test
    void growsAndForgetsNothing() {
        PairMerges merges = new PairMerges(1);
        for (int i = 0; i < MERGES; i++) {
            merges.add(i, i + 1, i, MERGES + 1 + i, i, i + 1);
        }
        assertEquals(MERGES, merges.size());
        PairMerges.Work work = merges.new Work();
        for (int i = 0; i < MERGES; i++) {
            work.clear();
            work.add(i);
            work.add(i + 1);
            work.merge();
            assertEquals(MERGES + 1 + i, work.symbol(0));
            assertEquals(2, work.next(0));
        }
    }

    @Test
    void theFirstMergeOfAPairStays() {
        PairMerges merges = new PairMerges(0);
        merges.add(1, 2, 0, 3, 1, 2);
        merges.add(1, 2, 1, 4, 1, 2);
        assertEquals(1, merges.size());
        PairMerges.Work work = merges.new Work();
        work.add(1);
        work.add(2);
        work.merge();
        assertEquals(3, work.symbol(0));
    }
}
