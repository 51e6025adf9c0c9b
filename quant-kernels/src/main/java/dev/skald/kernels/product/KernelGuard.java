package dev.skald.kernels.product;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.platform.VectorKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds out which kernels of packed weights are fast in this JVM. Vector code that the JVM has compiled badly is a
 * hundred times slower. {@link MatMul} then uses another kernel: for a few tokens the kernel for one token, and for one
 * token the kernel for many.
 */
public final class KernelGuard {
    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    /**
     * In operations per second. Kernels whose vectors are boxed reach 0.2e9 with one token and 0.8e9 with many; compiled
     * kernels 7e9 to 46e9 with 512 bits, and a quarter of that with 128.
     */
    private static final double SLOW = 1.5e9;

    /** A kernel needs 600 calls before the JVM compiles it as a whole, and a compiler that is busy takes a second. */
    private static final long LIMIT_NANOS = 10_000_000_000L;

    /** One call of a kernel each: as little as it can do, so that 600 calls of slow code take less than a second. */
    private static final int ROWS = 64;

    private static final int COLUMNS = 256;

    /** The number of tokens in a product by panels. */
    private static final int MANY = 16;

    /** The kernels that another one can replace. */
    enum Kernel {
        ONE_TOKEN(1, "one token", "many tokens"),
        FEW_TOKENS(PackedBatch.TOKENS, "a few tokens", "one token");

        private final int tokens;
        private final String name;
        private final String other;

        Kernel(int tokens, String name, String other) {
            this.tokens = tokens;
            this.name = name;
            this.other = other;
        }
    }

    /** The properties by which a kernel is chosen. */
    private record Codes(Packing.Kind kind, Packing.Scaling scaling) {
        static Codes of(Packing packing) {
            return new Codes(packing.kind(), packing.scaling());
        }
    }

    private record Slow(Kernel kernel, Codes codes) {}

    private static final Set<Slow> SLOW_KERNELS = ConcurrentHashMap.newKeySet();

    private KernelGuard() {}

    /**
     * Calls the kernels of a format for one token, for a few and for many until they are fast. A kernel that is not
     * fast within ten seconds is not used again in this JVM if another can replace it.
     *
     * @param format a format of packed weights
     * @return a sentence for each kernel that is not fast; usually none, after some milliseconds
     */
    public static List<String> check(QuantFormat format) {
        List<String> slow = new ArrayList<>();
        if (!KernelKind.VECTOR_API.available()) {
            return slow;
        }
        try (WorkerTeam alone = new WorkerTeam(1);
                Arena arena = Arena.ofShared()) {
            VectorKernels.profileStores();
            MemorySegment zeros = arena.allocate(format.type().bytes(COLUMNS) * ROWS, 64);
            QuantMatrix w =
                    QuantMatrix.of(format, ROWS, COLUMNS, zeros).pack(KernelKind.VECTOR_API, zeros, arena, alone);
            MatMul matMul = new MatMul(alone);
            for (Kernel kernel : Kernel.values()) {
                if (!isFast(kernel, format.packing()) || isSlow(matMul, w, kernel.tokens)) {
                    slow.add("the JVM compiled the kernel of " + format.type() + " for " + kernel.name
                            + " badly; the one for " + kernel.other + " is used instead");
                    distrust(kernel, format.packing());
                }
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

    static void distrust(Kernel kernel, Packing packing) {
        SLOW_KERNELS.add(new Slow(kernel, Codes.of(packing)));
    }

    /** Returns whether a kernel is fast, as far as is known. */
    static boolean isFast(Kernel kernel, Packing packing) {
        return !SLOW_KERNELS.contains(new Slow(kernel, Codes.of(packing)));
    }

    /** Forgets the results, for tests. */
    static void forget() {
        SLOW_KERNELS.clear();
    }
}
