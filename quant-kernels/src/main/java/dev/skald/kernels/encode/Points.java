package dev.skald.kernels.encode;

/**
 * The points of a codebook, in the order in which a {@link PointSearch} visits them. A point has a digit for each of a few
 * columns. Its number is that of its second half times {@link #halves} plus that of its first half, and points are sorted by
 * number.
 */
public final class Points {
    final int columns;
    final int halves;

    /** For each number of a second half, its first point; then the number of points. */
    final int[] starts;

    /** For each point, the numbers of its halves. */
    final int[] lows;

    final int[] highs;

    /**
     * Creates points from their numbers.
     *
     * @param columns columns of a point; even
     * @param digits how many digits a column may have
     * @param numbers ascending; the first column is the lowest digit
     */
    public Points(int columns, int digits, int[] numbers) {
        this.columns = columns;
        int half = 1;
        for (int j = 0; j < columns / 2; j++) {
            half *= digits;
        }
        halves = half;
        starts = new int[halves + 1];
        lows = new int[numbers.length];
        highs = new int[numbers.length];
        for (int p = 0; p < numbers.length; p++) {
            lows[p] = numbers[p] % halves;
            highs[p] = numbers[p] / halves;
        }
        for (int h = 0, p = 0; h < halves; h++) {
            while (p < highs.length && highs[p] == h) {
                p++;
            }
            starts[h + 1] = p;
        }
    }
}
