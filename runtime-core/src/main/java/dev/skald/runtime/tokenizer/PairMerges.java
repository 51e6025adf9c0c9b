package dev.skald.runtime.tokenizer;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A hash table from pairs of neighbouring symbols to merges: which symbol a pair becomes, and its priority. It serves both the
 * merges of BPE and the scores of a SentencePiece vocabulary.
 *
 * <p>A symbol is a number: an id of the vocabulary, or a larger number for a text that only occurs during merging.
 */
final class PairMerges {
    /** A symbol that never merges. */
    static final int NONE = -1;

    private static final long EMPTY = -1;

    private static final int BRIDGES = 1 << 20;

    /** The left symbol in the upper half, the right one in the lower half. */
    private long[] pairs;

    private int[] priorities;
    private int[] results;
    private int size;
    /**
     * The pairs of neighbouring symbols in unmerged text across which a merge can happen, by a hash of both. Elsewhere the text
     * is cut into stretches that are merged one by one. A false positive costs only time.
     */
    private final BitSet bridges = new BitSet(BRIDGES);

    /**
     * Creates an empty table.
     *
     * @param expected about how many merges will be added
     */
    PairMerges(int expected) {
        clear(Hash.slots(expected));
    }

    private void clear(int slots) {
        pairs = new long[slots];
        Arrays.fill(pairs, EMPTY);
        priorities = new int[slots];
        results = new int[slots];
        size = 0;
    }

    /**
     * Adds a merge, unless the pair already has one.
     *
     * @param priority at least 0, which is the most urgent
     * @param leftEnd the last symbol of the left text before anything is merged
     * @param rightBegin the first symbol of the right text before anything is merged
     */
    void add(int left, int right, int priority, int result, int leftEnd, int rightBegin) {
        bridges.set(Hash.of(pair(leftEnd, rightBegin)) & BRIDGES - 1);
        add(pair(left, right), priority, result);
        if (Hash.slots(size) > pairs.length) {
            grow();
        }
    }

    private void add(long pair, int priority, int result) {
        int slot = slot(pair);
        if (pairs[slot] == EMPTY) {
            pairs[slot] = pair;
            priorities[slot] = priority;
            results[slot] = result;
            size++;
        }
    }

    int size() {
        return size;
    }

    private void grow() {
        long[] oldPairs = pairs;
        int[] oldPriorities = priorities;
        int[] oldResults = results;
        clear(2 * oldPairs.length);
        for (int i = 0; i < oldPairs.length; i++) {
            if (oldPairs[i] != EMPTY) {
                add(oldPairs[i], oldPriorities[i], oldResults[i]);
            }
        }
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right & 0xFFFF_FFFFL;
    }

    /** Returns the slot that holds a pair, or the free slot where it belongs. */
    private int slot(long pair) {
        int slot = Hash.of(pair) & pairs.length - 1;
        while (pairs[slot] != pair && pairs[slot] != EMPTY) {
            slot = slot + 1 & pairs.length - 1;
        }
        return slot;
    }

    /** Returns the slot of the merge of two symbols; -1 if there is none. */
    private int find(int left, int right) {
        if (left == NONE || right == NONE) {
            return -1;
        }
        int slot = slot(pair(left, right));
        return pairs[slot] == EMPTY ? -1 : slot;
    }

    /**
     * The symbols of one text during merging: a linked list in arrays, and a heap of the possible merges. Takes time n log n in
     * the number of symbols. Not thread-safe; reused from text to text.
     */
    final class Work {
        private int[] symbols = new int[64];
        private int[] next = new int[symbols.length];
        private int[] previous = new int[symbols.length];
        /** The slot of the merge of this symbol with the next; -1 if there is none. */
        private int[] merges = new int[symbols.length];

        private int count;

        /**
         * Priority in the upper half, place of the left symbol in the lower half: the least first, equal ones from left to
         * right.
         */
        private long[] heap = new long[64];

        private int heapSize;

        /** Starts another text. */
        void clear() {
            count = 0;
        }

        /** Adds a symbol at the end; NONE for one that never merges. */
        void add(int symbol) {
            if (count == symbols.length) {
                symbols = Arrays.copyOf(symbols, 2 * count);
                next = new int[2 * count];
                previous = new int[2 * count];
                merges = new int[2 * count];
            }
            symbols[count++] = symbol;
        }

        /** Returns how many symbols were added. */
        int count() {
            return count;
        }

        /** Returns the symbol that now begins where the i-th symbol was added. */
        int symbol(int i) {
            return symbols[i];
        }

        /** Returns where the symbol after that one begins; {@link #count()} at the end. */
        int next(int i) {
            return next[i];
        }

        /**
         * Merges the pair with the smallest priority, the leftmost of equal ones, until no pair can be merged. Then {@link
         * #next(int)} walks the result from 0.
         */
        void merge() {
            int begin = 0;
            while (begin < count) {
                int end = begin + 1;
                while (end < count && bridges.get(Hash.of(pair(symbols[end - 1], symbols[end])) & BRIDGES - 1)) {
                    end++;
                }
                merge(begin, end);
                begin = end;
            }
        }

        private void merge(int begin, int end) {
            heapSize = 0;
            for (int i = begin; i < end; i++) {
                next[i] = i + 1;
                previous[i] = i - 1;
                offer(i, end);
            }
            while (heapSize > 0) {
                long first = poll();
                int left = (int) first;
                int merge = merges[left];
                // A merge that was possible when it was put on the heap may be impossible by now.
                if (merge < 0 || priorities[merge] != (int) (first >>> 32)) {
                    continue;
                }
                int right = next[left];
                symbols[left] = results[merge];
                merges[right] = -1;
                next[left] = next[right];
                if (next[left] < end) {
                    previous[next[left]] = left;
                }
                offer(left, end);
                if (left > begin) {
                    offer(previous[left], end);
                }
            }
        }

        private void offer(int left, int end) {
            int right = next[left];
            int merge = right < end ? find(symbols[left], symbols[right]) : -1;
            merges[left] = merge;
            if (merge >= 0) {
                push((long) priorities[merge] << 32 | left);
            }
        }

        private void push(long entry) {
            if (heapSize == heap.length) {
                heap = Arrays.copyOf(heap, 2 * heapSize);
            }
            int i = heapSize++;
            while (i > 0) {
                int parent = i - 1 >>> 1;
                if (heap[parent] <= entry) {
                    break;
                }
                heap[i] = heap[parent];
                i = parent;
            }
            heap[i] = entry;
        }

        private long poll() {
            long first = heap[0];
            long last = heap[--heapSize];
            int i = 0;
            while (true) {
                int child = 2 * i + 1;
                if (child >= heapSize) {
                    break;
                }
                if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
                    child++;
                }
                if (heap[child] >= last) {
                    break;
                }
                heap[i] = heap[child];
                i = child;
            }
            heap[i] = last;
            return first;
        }
    }
}
