package dev.skald.kernels;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.product.MatMul;
import dev.skald.kernels.product.QuantMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.zip.CRC32;

/** Prints the kernels that this JVM uses, and a checksum of some products if there is machine code. */
public final class KernelReport {
    private KernelReport() {}

    public static void main(String[] arguments) {
        print();
    }

    /** Prints the report. */
    public static void print() {
        System.out.println("best: " + KernelKind.best());
        System.out.println("refusal: " + KernelKind.MACHINE_CODE.refusal().orElse("none"));
        System.out.println("remedy: " + KernelKind.MACHINE_CODE.remedy().orElse("none"));
        System.out.println("description: " + KernelKind.MACHINE_CODE.description());
        for (QuantFormat format : QuantFormats.all()) {
            KernelKind kind = KernelKind.MACHINE_CODE.of(format);
            System.out.println(
                    format + ": " + kind + (kind == KernelKind.MACHINE_CODE ? " " + checksum(format) : finite(format)));
        }
    }

    /** Returns a checksum of the bits of products with several numbers of tokens. */
    static String checksum(QuantFormat format) {
        CRC32 sum = new CRC32();
        for (int n : new int[] {1, 3, 7}) {
            for (float y : multiply(format, KernelKind.MACHINE_CODE, n)) {
                int bits = Float.floatToRawIntBits(y);
                sum.update(new byte[] {(byte) bits, (byte) (bits >> 8), (byte) (bits >> 16), (byte) (bits >> 24)});
            }
        }
        return Long.toHexString(sum.getValue());
    }

    private static String finite(QuantFormat format) {
        for (float y : multiply(format, KernelKind.MACHINE_CODE.of(format), 2)) {
            if (!Float.isFinite(y)) {
                return " wrong";
            }
        }
        return " right";
    }

    private static float[] multiply(QuantFormat format, KernelKind kind, int n) {
        int rows = 21;
        int columns = Math.max(32, format.type().blockElements());
        try (Arena arena = Arena.ofShared();
                WorkerTeam team = new WorkerTeam(1)) {
            MemorySegment blocks = Samples.blocks(format, rows, columns, 5);
            QuantMatrix w = QuantMatrix.of(format, rows, columns, blocks);
            w = kind == KernelKind.IN_PLACE ? w : w.pack(kind, blocks, arena, team);
            float[] y = new float[n * rows];
            Arrays.fill(y, Float.NaN);
            new MatMul(team).multiply(Samples.normal(n * columns, 6), n, new MatMul.Product(w, y));
            return y;
        }
    }
}
