package dev.skald.kernels.machine;

import dev.skald.kernels.KernelReport;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Asks Linux to let no more memory of this process become executable, and prints what machine code makes of that. Linux 6.3 and
 * newer can; source: prctl(2), PR_SET_MDWE.
 */
public final class WithoutExecution {
    private static final int PR_SET_MDWE = 65;
    private static final long REFUSE_EXEC_GAIN = 1;

    private static final int ATTEMPTS = 200;

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
        long before = mappings();
        for (int i = 0; i < ATTEMPTS; i++) {
            refused(memory);
        }
        System.out.println("leaked: " + (mappings() - before > ATTEMPTS / 2));
    }

    private static void refused(CodeMemory memory) {
        try {
            memory.install(new byte[1]);
            System.out.println("installed");
        } catch (IllegalStateException expected) {
            // That it is refused is the case.
        }
    }

    private static long mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.count();
        }
    }
}
