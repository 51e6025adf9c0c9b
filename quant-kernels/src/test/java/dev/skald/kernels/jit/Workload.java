package dev.skald.kernels.jit;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.Samples;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.attention.Attention;
import dev.skald.kernels.attention.AttentionShape;
import dev.skald.kernels.attention.AttentionWorkspace;
import dev.skald.kernels.attention.KvLayer;
import dev.skald.kernels.attention.KvLayout;
import dev.skald.kernels.attention.Ops;
import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.platform.VectorKernels;
import dev.skald.kernels.product.MatMul;
import dev.skald.kernels.product.QuantMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A small workload that uses every kernel of this JVM. */
final class Workload {
    private Workload() {}

    private static final int ROWS = 128;
    private static final int COLUMNS = 256;

    static void all() {
        // Tiles of all sizes: 14 tokens are 12 and 2, 20 are 12 and 8.
        products(1, 3, 14, 20);
        inPlace();
        operations();
        VectorKernels.profileStores();
        attention(0, 1);
        attention(600, 1);
        attention(0, 40);
        encoders();
    }

    /** A matrix of every format, packed once. */
    private static final List<QuantMatrix> PACKED = packed();

    private static List<QuantMatrix> packed() {
        try (WorkerTeam team = new WorkerTeam(1)) {
            return QuantFormats.all().stream()
                    .map(format -> {
                        MemorySegment blocks = Samples.blocks(format, ROWS, COLUMNS, 17);
                        return QuantMatrix.of(format, ROWS, COLUMNS, blocks)
                                .pack(KernelKind.VECTOR_API, blocks, Arena.ofAuto(), team);
                    })
                    .toList();
        }
    }

    /** The numbers of tokens of the products: one for each way to multiply. */
    static void products(int... tokens) {
        try (WorkerTeam team = new WorkerTeam(1)) {
            MatMul matMul = new MatMul(team);
            for (int n : tokens) {
                float[] x = Samples.normal(n * COLUMNS, 18);
                for (QuantMatrix w : PACKED) {
                    matMul.multiply(x, n, new MatMul.Product(w, new float[n * ROWS]));
                }
            }
        }
    }

    private static void inPlace() {
        QuantMatrix w = Samples.matrix(QuantFormats.of(GgmlType.Q8_0), 7, 64, 1);
        try (WorkerTeam team = new WorkerTeam(1)) {
            new MatMul(team).multiply(Samples.normal(64, 2), 1, new MatMul.Product(w, new float[7]));
        }
    }

    private static void operations() {
        float[] x = Samples.normal(100, 1);
        float[] y = Samples.normal(100, 2);
        Ops.rmsNorm(x, 0, y, new float[100], 0, 100, 1e-5f);
        Ops.layerNorm(x, 0, y, x, new float[100], 0, 100, 1e-5f);
        Ops.softmax(x, 0, 100);
        Ops.swiGlu(x, y, 0, 100);
        Ops.geGlu(x, y, 0, 100);
        Ops.gelu(x, 0, 100);
        Ops.axpy(2, x, 0, y, 0, 100);
        Ops.silu(x, 0, 100);
        Ops.multiplyAdd(x, 0, x, 0, y, 0, 100);
        Ops.multiply(x, 0, y, 0, 100);
        Ops.deltaRule(new float[700], 0, 7, 100, 0.9f, 0.5f, x, 0, y, 0, x, 0, new float[7], 0);
    }

    private static void attention(int position, int count) {
        for (KvFormat format : KvFormat.values()) {
            for (int heads : new int[] {2, 4}) {
                for (float softcap : new float[] {0, 50}) {
                    attend(new KvLayout(1, 2, 32, 32, format), heads, softcap, position, count);
                }
            }
        }
    }

    private static void attend(KvLayout layout, int heads, float softcap, int position, int count) {
        try (Arena arena = Arena.ofShared();
                WorkerTeam team = new WorkerTeam(1)) {
            List<MemorySegment> pages = new ArrayList<>();
            for (int p = 0; p < position + count; p += KvLayout.POSITIONS) {
                pages.add(arena.allocate(layout.pageBytes(), 64));
            }
            AttentionShape shape = new AttentionShape(heads, 2, 32, 32, Integer.MAX_VALUE, softcap, null, null, true);
            AttentionWorkspace work = new AttentionWorkspace(team);
            List<KvLayer> layers = List.of(new KvLayer(layout, 0, pages));
            work.plan(List.of(new AttentionWorkspace.Rows(0, count, position, layers)));
            int size = count * heads * 32;
            new Attention(shape, KernelKind.VECTOR_API).attend(work, 0, Samples.normal(size, 3), new float[size]);
        }
    }

    private static void encoders() {
        float[] importance = new float[512];
        Arrays.fill(importance, 1);
        for (QuantFormat format : QuantFormats.all()) {
            if (format.canEncode()) {
                byte[] blocks = new byte[(int) format.type().bytes(512)];
                format.encode(Samples.normal(512, 4), 0, importance, MemorySegment.ofArray(blocks), 0, 512);
                if (!format.needsImportance()) {
                    format.encode(Samples.normal(512, 4), 0, MemorySegment.ofArray(blocks), 0, 512);
                }
            }
        }
    }
}
