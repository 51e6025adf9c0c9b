package dev.skald.kernels.jit;

import dev.skald.kernels.jit.KernelMethods.KernelMethod;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jdk.test.whitebox.WhiteBox;

/** The program of a child JVM: multiplies until each kernel that ran has reached the optimizing compiler. */
final class UntilFast {
    /**
     * Far more rounds than needed. It is time of the processor and not of the clock, because this program and its compilers may
     * have to share the processor with others.
     */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private UntilFast() {}

    public static void main(String[] args) throws Exception {
        WhiteBox box = WhiteBox.get();
        List<KernelMethod> kernels = new ArrayList<>(KernelMethods.all());
        kernels.removeIf(kernel -> !Modifier.isPublic(kernel.method().getModifiers())
                || !kernel.method().getDeclaringClass().getSimpleName().matches("Packed.*|Tile"));
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
        } while (!(slow.isEmpty() && fast > 0) && spent().compareTo(LIMIT) < 0);
        for (KernelMethod kernel : slow) {
            System.out.println(Report.REFUSED + kernel.name() + " stays at tier " + box.tier(kernel.method(), false));
        }
        System.out.println(Report.DONE + fast);
    }

    private static Duration spent() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }
}
