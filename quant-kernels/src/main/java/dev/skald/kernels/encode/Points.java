package dev.skald.kernels.encode;

/**
 * The points of a codebook, as a {@link PointSearch} walks them. A point has a digit for each of a few columns; its number
 * is that of its second half times {@link #halves} plus that of its first half, and points stand in the order of numbers.
 */
public final class Points {
    final int columns;
    final int digits;
    final int halves;

    /** For each number of a second half its first point; after the last, how many points there are. */
    final int[] starts;

    /** For each point the numbers of its halves. */
    final int[] lows;

    final int[] highs;

    /**
     * Points by their numbers.
     *
     * @param columns of a point: an even number
     * @param digits that a column may have
     * @param numbers rising; the first column is the lowest digit
     */
    public Points(int columns, int digits, int[] numbers) {
        this.columns = columns;
        this.digits = digits;
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
