package dev.skald.kernels.jit;

import dev.skald.kernels.jit.KernelMethods.KernelMethod;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jdk.test.whitebox.WhiteBox;

/**
 * The program of a child JVM. It runs every kernel a few times, so that its bytecode is resolved. Then it has each kernel compiled at
 * each tier, as a whole and from each of its loops. It prints a line for each method that a compiler refuses or that did not run.
 */
final class EachTier {
    private EachTier() {}

    /** The highest tier is the argument. */
    public static void main(String[] args) throws Exception {
        WhiteBox box = WhiteBox.get();
        for (int i = 0; i < 4; i++) {
            Workload.all();
        }
        List<KernelMethod> kernels = KernelMethods.all();
        // With the thresholds of this JVM, every method that ran has been compiled, at least by C1.
        Set<KernelMethod> ran = new HashSet<>();
        for (KernelMethod kernel : kernels) {
            if (box.tier(kernel.method(), false) > 0 || box.tier(kernel.method(), true) > 0) {
                ran.add(kernel);
            } else {
                System.out.println(Report.IDLE + kernel.name());
            }
        }
        for (KernelMethod kernel : kernels) {
            for (int tier = 1; tier <= Integer.parseInt(args[0]); tier++) {
                for (int bci : entries(kernel, ran.contains(kernel), tier)) {
                    box.forget(kernel.method());
                    box.compile(kernel.method(), tier, bci);
                    boolean compiled = box.tier(kernel.method(), bci >= 0) == tier;
                    if (!compiled && bci < 0) {
                        System.out.println(Report.REFUSED + kernel.name() + " at tier " + tier);
                    } else if (compiled && tier == 3) {
                        System.out.println(
                                Report.SIZE + kernel.name() + " " + box.codeBytes(kernel.method(), bci >= 0));
                    }
                }
            }
        }
        System.out.println(Report.DONE + kernels.size());
    }

    /** The whole method; each loop at tier 3, where methods are largest, and elsewhere the innermost. */
    private static List<Integer> entries(KernelMethod kernel, boolean ran, int tier) {
        List<Integer> entries = new ArrayList<>(List.of(-1));
        if (ran && !kernel.loops().isEmpty()) {
            entries.addAll(tier == 3 ? kernel.loops() : List.of(kernel.loops().getLast()));
        }
        return entries;
    }
}
