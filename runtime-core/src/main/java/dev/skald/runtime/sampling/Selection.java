package dev.skald.runtime.sampling;

/** Finding the smallest keys of many without sorting the rest. Keys are distinct. */
final class Selection {
    /** Below this many candidates sorting is cheaper than dividing further. */
    private static final int SMALL = 24;

    private Selection() {}

    /**
     * Moves the smallest keys to the front, sorted. A bounded heap: one comparison for nearly every key, since few of
     * many beat the worst of the best so far.
     */
    static void smallest(long[] keys, int size, int count) {
        heapify(keys, count);
        for (int i = count; i < size; i++) {
            long key = keys[i];
            if (key < keys[0]) {
                keys[i] = keys[0];
                replaceLargest(keys, count, key);
            }
        }
        sortHeap(keys, count);
    }

    /** Makes a heap of the first keys, the largest first. */
    static void heapify(long[] keys, int count) {
        for (int i = count / 2 - 1; i >= 0; i--) {
            siftDown(keys, i, count);
        }
    }

    /** Takes a key into a heap, instead of its largest. */
    static void replaceLargest(long[] heap, int count, long key) {
        heap[0] = key;
        siftDown(heap, 0, count);
    }

    /** Sorts the keys of a heap, the smallest first. */
    static void sortHeap(long[] heap, int count) {
        for (int end = count - 1; end > 0; end--) {
            long largest = heap[0];
            heap[0] = heap[end];
            heap[end] = largest;
            siftDown(heap, 0, end);
        }
    }

    private static void siftDown(long[] heap, int from, int size) {
        long key = heap[from];
        int i = from;
        for (int child = 2 * i + 1; child < size; child = 2 * i + 1) {
            if (child + 1 < size && heap[child + 1] > heap[child]) {
                child++;
            }
            if (heap[child] <= key) {
                break;
            }
            heap[i] = heap[child];
            i = child;
        }
        heap[i] = key;
    }

    /**
     * Moves the smallest keys with their weights to the front, as few as weigh {@code target} together, and returns how
     * many they are; at least one, and all when rounding keeps the sum below the target. Hoare's selection, going to
     * the side where the sum passes the target, so expected linear whatever the weights are.
     */
    static int smallestWithWeight(long[] keys, float[] weights, int size, double target) {
        int low = 0;
        int high = size;
        double below = 0;
        long random = size;
        while (high - low > SMALL) {
            // Pivots at pseudo-random places (a Weyl sequence): no pattern in the logits makes this quadratic, and the
            // same logits give the same result every time.
            long a = keys[low + place(random += 0x9E3779B97F4A7C15L, high - low)];
            long b = keys[low + place(random += 0x9E3779B97F4A7C15L, high - low)];
            long c = keys[low + place(random += 0x9E3779B97F4A7C15L, high - low)];
            long pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
            int middle = low;
            double weight = 0;
            // Always swapping costs less than a branch that nobody can predict.
            for (int i = low; i < high; i++) {
                long key = keys[i];
                float w = weights[i];
                keys[i] = keys[middle];
                weights[i] = weights[middle];
                keys[middle] = key;
                weights[middle] = w;
                boolean left = key <= pivot;
                middle += left ? 1 : 0;
                weight += left ? w : 0;
            }
            if (below + weight >= target) {
                high = middle;
            } else {
                below += weight;
                low = middle;
            }
        }
        insertionSort(keys, weights, low, high);
        int count = Math.max(1, low);
        double sum = below + (low == 0 ? weights[0] : 0);
        while (count < high && sum < target) {
            sum += weights[count++];
        }
        return count;
    }

    private static int place(long random, int range) {
        return (int) ((random >>> 33) * range >>> 31);
    }

    private static void insertionSort(long[] keys, float[] weights, int low, int high) {
        for (int i = low + 1; i < high; i++) {
            long key = keys[i];
            float weight = weights[i];
            int j = i;
            for (; j > low && keys[j - 1] > key; j--) {
                keys[j] = keys[j - 1];
                weights[j] = weights[j - 1];
            }
            keys[j] = key;
            weights[j] = weight;
        }
    }
}
