package dev.skald.kernels.product;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which kernels of packed weights are fast in this JVM. Vector code is, once the JVM has compiled it as it should; where it
 * has not, that code is a hundred times slower, and {@link MatMul} takes the way of many tokens for one or two.
 */
public final class KernelGuard {
    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    /** Operations a second. The slowest compiled kernel does ten times as much, and objects for vectors a tenth. */
    private static final double SLOW = 3e8;

    private static final long LIMIT_NANOS = 1_000_000_000L;
    private static final int ROWS = 512;
    private static final int COLUMNS = 1024;

    /** Tokens of a product by panels. */
    private static final int MANY = 16;

    /** What a kernel is chosen by. */
    private record Codes(Packing.Kind kind, Packing.Scaling scaling) {
        static Codes of(Packing packing) {
            return new Codes(packing.kind(), packing.scaling());
        }
    }

    private static final Set<Codes> SLOW_ROWS = ConcurrentHashMap.newKeySet();

    private KernelGuard() {}

    /**
     * Times the kernels of a format for one token and for many, once they should have been compiled. One that is not fast
     * within a second is not used again in this JVM, where there is another.
     *
     * @param format a format of packed weights
     * @return a sentence for each kernel that is not fast; empty as a rule, after some milliseconds
     */
    public static List<String> check(QuantFormat format) {
        List<String> slow = new ArrayList<>();
        if (!KernelKind.VECTOR_API.available()) {
            return slow;
        }
        try (WorkerTeam alone = new WorkerTeam(1);
                Arena arena = Arena.ofShared()) {
            MemorySegment zeros = arena.allocate(format.type().bytes(COLUMNS) * ROWS, 64);
            QuantMatrix w =
                    QuantMatrix.of(format, ROWS, COLUMNS, zeros).pack(KernelKind.VECTOR_API, zeros, arena, alone);
            MatMul matMul = new MatMul(alone);
            if (!rowsAreFast(format.packing()) || isSlow(matMul, w, 1)) {
                slow.add("the JVM compiled the kernel of " + format.type()
                        + " for one token badly; the one for many tokens is used instead");
                expectRows(format.packing(), false);
            }
            if (isSlow(matMul, w, MANY)) {
                slow.add("the JVM compiled the kernel of " + format.type() + " for many tokens badly");
            }
        }
        for (String sentence : slow) {
            LOG.log(System.Logger.Level.WARNING, sentence);
        }
        return slow;
    }

    private static boolean isSlow(MatMul matMul, QuantMatrix w, int tokens) {
        float[] x = new float[tokens * COLUMNS];
        float[] y = new float[tokens * ROWS];
        double enough = 2.0 * ROWS * COLUMNS * tokens / SLOW;
        long start = System.nanoTime();
        long before;
        long now = start;
        do {
            before = now;
            matMul.multiply(x, tokens, new MatMul.Product(w, y));
            now = System.nanoTime();
        } while ((now - before) * 1e-9 > enough && now - start < LIMIT_NANOS);
        return (now - before) * 1e-9 > enough;
    }

    /** Says whether the kernel for one token is fast. */
    static void expectRows(Packing packing, boolean fast) {
        if (fast) {
            SLOW_ROWS.remove(Codes.of(packing));
        } else {
            SLOW_ROWS.add(Codes.of(packing));
        }
    }

    /** Whether the kernel for one token is fast, as far as is known. */
    static boolean rowsAreFast(Packing packing) {
        return SLOW_ROWS.isEmpty() || !SLOW_ROWS.contains(Codes.of(packing));
    }
}
