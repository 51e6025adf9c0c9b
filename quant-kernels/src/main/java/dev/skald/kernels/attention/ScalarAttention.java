package dev.skald.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** The attention kernels in plain Java: loops without dependences between neighbours, which C2 vectorizes by itself. */
final class ScalarAttention extends AttentionKernels {
    private static final int WIDTH = 32;
    private static final int TILE = 8;

    @Override
    public int width() {
        return WIDTH;
    }

    @Override
    public int tile() {
        return TILE;
    }

    @Override
    public void dotTile(float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co) {
        for (int j = 0; j < TILE; j++) {
            int row = co + j * WIDTH;
            Arrays.fill(c, row, row + WIDTH, 0);
            for (int i = 0; i < k; i++) {
                add(a, ao + i * as, b[bo + i * bs + j], c, row);
            }
        }
    }

    @Override
    public void mixTile(
            float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, float[] f, int fo) {
        for (int j = 0; j < TILE; j++) {
            int row = co + j * WIDTH;
            for (int w = 0; w < WIDTH; w++) {
                c[row + w] *= f[fo + w];
            }
            for (int i = 0; i < k; i++) {
                add(a, ao + i * as, b[bo + i * bs + j], c, row);
            }
        }
    }

    @Override
    public void add4(
            float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, int cs, int width) {
        for (int j = 0; j < 4; j++) {
            add1(a, ao, as, b, bo + j * bs, k, c, co + j * cs, width);
        }
    }

    @Override
    public void add1(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int width) {
        for (int i = 0; i < k; i++) {
            for (int w = 0; w < width; w += WIDTH) {
                add(a, ao + i * as + w, b[bo + i], c, co + w);
            }
        }
    }

    private static void add(float[] a, int ao, float factor, float[] c, int co) {
        for (int w = 0; w < WIDTH; w++) {
            c[co + w] += a[ao + w] * factor;
        }
    }

    @Override
    public void copyF32(List<MemorySegment> pages, long bytes, int n, float[] y) {
        for (int i = 0; i < pages.size(); i++) {
            MemorySegment.copy(pages.get(i), ValueLayout.JAVA_FLOAT, bytes, y, FIRST + i * PAGE, n);
        }
    }

    @Override
    public void maxima(float[] s, int so, int n, float[] m, int mo) {
        for (int i = 0; i < n; i++) {
            for (int w = 0; w < WIDTH; w++) {
                m[mo + w] = Math.max(m[mo + w], s[so + i * WIDTH + w]);
            }
        }
    }

    @Override
    public void exponentials(float[] s, int so, int n, float[] m, int mo, float[] sums, int o) {
        Arrays.fill(sums, o, o + WIDTH, 0);
        for (int i = 0; i < n; i++) {
            for (int w = 0; w < WIDTH; w++) {
                int at = so + i * WIDTH + w;
                float x = s[at] - m[mo + w];
                s[at] = x < -87 ? 0 : (float) Math.exp(x);
                sums[o + w] += s[at];
            }
        }
    }

    @Override
    public void hold(float[] s, int so, int n, float most) {
        for (int i = so; i < so + n * WIDTH; i++) {
            s[i] = (float) (most * Math.tanh(s[i] / most));
        }
    }

    @Override
    public void decodeColumns(MemorySegment page, long bytes, long scales, int rows, int columns, float[] y, int yo) {
        float[] factors = new float[columns];
        MemorySegment.copy(page, ValueLayout.JAVA_FLOAT, scales, factors, 0, columns);
        for (int row = 0; row < rows; row++) {
            for (int c = 0; c < columns; c++) {
                y[yo + row * columns + c] =
                        page.get(ValueLayout.JAVA_BYTE, bytes + (long) row * columns + c) * factors[c];
            }
        }
    }

    @Override
    public void decodeBytes(MemorySegment page, long bytes, float scale, int n, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = page.get(ValueLayout.JAVA_BYTE, bytes + i) * scale;
        }
    }
}
