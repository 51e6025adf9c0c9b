package dev.skald.kernels;

import dev.skald.kernels.attention.Ops;

/** A program for a JVM of its own. It prints whether it uses vectors, and which kernels it uses if not. */
final class VectorReport {
    private VectorReport() {}

    public static void main(String[] arguments) {
        System.out.println("refusal: " + KernelKind.VECTOR_API.refusal().orElse("none"));
        System.out.println("remedy: " + KernelKind.VECTOR_API.remedy().orElse("none"));
        System.out.println("best: " + KernelKind.best());
        float[] x = {1, 2};
        Ops.softmax(x, 0, 2);
        System.out.println(Ops.description() + ": " + (x[0] + x[1]));
    }
}
