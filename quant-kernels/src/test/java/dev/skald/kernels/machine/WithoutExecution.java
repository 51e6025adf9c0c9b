package dev.skald.kernels.machine;

import dev.skald.kernels.KernelReport;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Asks Linux to let no more memory of this process become executable, and prints how machine code reacts. Linux 6.3 and
 * newer can; source: prctl(2), PR_SET_MDWE.
 */
public final class WithoutExecution {
    private static final int PR_SET_MDWE = 65;
    private static final long REFUSE_EXEC_GAIN = 1;

    /** The number and size of attempts; if their memory were leaked, it would be a gigabyte. */
    private static final int ATTEMPTS = 1000;

    private static final int CODE_BYTES = 1 << 20;

    private WithoutExecution() {}

    @SuppressWarnings("restricted")
    public static void main(String[] arguments) throws Throwable {
        Linker linker = Linker.nativeLinker();
        int result = (int) linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("prctl"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG),
                        Linker.Option.firstVariadicArg(1))
                .invokeExact(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0L, 0L, 0L);
        System.out.println("prctl: " + result);
        if (result != 0) {
            return;
        }
        KernelReport.print();
        CodeMemory memory = new CodeMemory();
        refused(memory);
        long before = addressSpace();
        for (int i = 0; i < ATTEMPTS; i++) {
            refused(memory);
        }
        System.out.println("leaked: " + (addressSpace() - before > (long) ATTEMPTS * CODE_BYTES / 2));
    }

    private static void refused(CodeMemory memory) {
        try {
            memory.install("test", new byte[CODE_BYTES]);
            System.out.println("installed");
        } catch (IllegalStateException expected) {
            // The refusal is what this program tests.
        }
    }

    /** Returns the number of mapped bytes. */
    private static long addressSpace() throws IOException {
        String pages = Files.readString(Path.of("/proc/self/statm"));
        return 4096 * Long.parseLong(pages.substring(0, pages.indexOf(' ')));
    }
}
