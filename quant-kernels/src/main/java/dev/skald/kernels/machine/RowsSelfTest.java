package dev.skald.kernels.machine;

import dev.skald.kernels.platform.Exp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Runs the kernels for rows of activations once before a model uses them. As in {@link SelfTest}, each must give the
 * result of plain Java, to the bit, in less time.
 */
final class RowsSelfTest {
    /** The length of a row, in units that a kernel computes at a time. */
    private static final int UNITS = 64;

    /**
     * The number of times that a kernel may be slower than plain Java, because the system may have taken the processor
     * away.
     */
    private static final int TRIALS = 5;

    /** Numbers that make exponentials too large, too small or NaN; the others have the size of activations. */
    private static final float[] UNUSUAL = {
        0, -0f, 88, -88, 89, -89, 1e30f, -1e30f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e-40f
    };

    private static final float UNTOUCHED = 12345;

    private RowsSelfTest() {}

    /** Returns what is wrong with the kernel of SwiGLU; empty if nothing is. */
    static Optional<String> swiGlu(MachineRows rows) {
        try (Arena arena = Arena.ofConfined()) {
            return run(rows, arena);
        } catch (RuntimeException e) {
            return Optional.of("the self-test of SwiGLU failed: " + e.getMessage());
        }
    }

    private static Optional<String> run(MachineRows rows, Arena arena) {
        int n = UNITS * rows.unit();
        SplittableRandom random = new SplittableRandom(1);
        float[] gate = new float[n + 1];
        float[] up = new float[n];
        for (int i = 0; i < n; i++) {
            // Each unusual number occurs once in each lane.
            boolean unusual = random.nextInt(4) == 0;
            gate[i] = unusual ? UNUSUAL[random.nextInt(UNUSUAL.length)] : (float) (8 * random.nextGaussian());
            up[i] = (float) random.nextGaussian();
        }
        gate[n] = UNTOUCHED;
        MemorySegment nativeUp = arena.allocateFrom(ValueLayout.JAVA_FLOAT, up);
        MemorySegment nativeGate = arena.allocate(4L * (n + 1), 64);
        float[] expected = new float[n + 1];
        long plainNanos = Long.MAX_VALUE;
        for (int trial = 0; ; trial++) {
            long start = System.nanoTime();
            plain(gate, up, expected);
            plainNanos = Math.min(plainNanos, System.nanoTime() - start);
            MemorySegment.copy(gate, 0, nativeGate, ValueLayout.JAVA_FLOAT, 0, n + 1);
            start = System.nanoTime();
            rows.swiGlu(nativeGate, nativeUp, n);
            long nanos = System.nanoTime() - start;
            for (int i = 0; i <= n; i++) {
                if (Float.floatToIntBits(expected[i])
                        != Float.floatToIntBits(nativeGate.getAtIndex(ValueLayout.JAVA_FLOAT, i))) {
                    return Optional.of("the kernel of SwiGLU gives something else than plain Java here");
                }
            }
            if (nanos < plainNanos) {
                return Optional.empty();
            }
            if (trial == TRIALS) {
                return Optional.of("the kernel of SwiGLU is slower than plain Java here, as under emulation");
            }
        }
    }

    /** Computes the same as {@link SwiGluCode}. */
    static void plain(float[] gate, float[] up, float[] y) {
        for (int i = 0; i < up.length; i++) {
            float x = -gate[i];
            float exponent = x > Exp.MOST ? Exp.MOST : x;
            y[i] = gate[i] / (1 + AttentionReference.exp(exponent)) * up[i];
        }
        System.arraycopy(gate, up.length, y, up.length, gate.length - up.length);
    }
}
