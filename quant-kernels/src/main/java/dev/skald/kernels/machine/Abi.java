package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Gpr;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * The calling convention of kernels. They are written for the System V convention of x86-64, which Linux uses: arguments in
 * RDI, RSI, RDX, RCX, R8 and R9; RBX, RBP and R12 to R15 belong to the caller, all vector registers to the kernel. A system
 * with another convention needs an {@link #enter} that moves its arguments to these registers and saves what its callers want
 * saved.
 */
final class Abi {
    /**
     * One handle for all kernels: creating one takes the JVM a tenth of a second, a call through it some nanoseconds. The
     * memory of segments stays open during a call. The call is not critical, so garbage collection does not wait for it. The
     * handle has its own class, because creating it prints a warning if native access has not been granted.
     */
    private static final class Handle {
        @SuppressWarnings("restricted")
        static final MethodHandle CALL = Linker.nativeLinker()
                .downcallHandle(FunctionDescriptor.ofVoid(
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG));
    }

    private Abi() {}

    /** Returns whether kernels can be written for this system: Linux on x86-64. */
    static boolean known() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux")
                && System.getProperty("os.arch").equals("amd64");
    }

    /** Calls code with its arguments in the six registers. */
    static void call(MemorySegment code, MemorySegment a, MemorySegment b, MemorySegment c, long d, long e, long f) {
        try {
            Handle.CALL.invokeExact(code, a, b, c, d, e, f);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Begins a kernel that uses these registers of its caller. */
    static void enter(Assembler a, Gpr... used) {
        for (Gpr register : used) {
            a.push(register);
        }
    }

    /** Ends a kernel that began with the same registers. */
    static void leave(Assembler a, Gpr... used) {
        for (int i = used.length - 1; i >= 0; i--) {
            a.pop(used[i]);
        }
        a.vzeroupper();
        a.ret();
    }
}
