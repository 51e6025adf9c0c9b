package dev.skald.kernels.jit;

import dev.skald.kernels.jit.KernelMethods.KernelMethod;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import jdk.test.whitebox.WhiteBox;

/** The program of a child JVM: multiplies until each kernel that ran has reached the optimizing compiler. */
final class UntilFast {
    /** Far more rounds than needed, because the compiler may have to share its processor. */
    private static final long LIMIT_NANOS = 150_000_000_000L;

    private UntilFast() {}

    public static void main(String[] args) throws Exception {
        WhiteBox box = WhiteBox.get();
        List<KernelMethod> kernels = new ArrayList<>(KernelMethods.all());
        kernels.removeIf(kernel -> !Modifier.isPublic(kernel.method().getModifiers())
                || !kernel.method().getDeclaringClass().getSimpleName().matches("Packed.*|Tile"));
        long start = System.nanoTime();
        List<KernelMethod> slow;
        int fast;
        do {
            Workload.products(1, 3, 20);
            slow = new ArrayList<>();
            fast = 0;
            for (KernelMethod kernel : kernels) {
                int tier = box.tier(kernel.method(), false);
                if (tier == 4) {
                    fast++;
                } else if (tier > 0 || box.tier(kernel.method(), true) > 0) {
                    slow.add(kernel);
                }
            }
        } while (!(slow.isEmpty() && fast > 0) && System.nanoTime() - start < LIMIT_NANOS);
        for (KernelMethod kernel : slow) {
            System.out.println(Report.REFUSED + kernel.name() + " stays at tier " + box.tier(kernel.method(), false));
        }
        System.out.println(Report.DONE + fast);
    }
}
