package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Gpr;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * How functions are called. Kernels are written for the System V convention of x86-64, which Linux has: arguments in RDI, RSI,
 * RDX, RCX, R8 and R9; RBX, RBP and R12 to R15 belong to the caller, all vector registers to the kernel. A system with
 * another convention needs an {@link #enter} that moves its arguments to these registers and keeps what its callers want kept.
 */
final class Abi {
    /**
     * One handle for every kernel: making one takes the JVM a tenth of a second, a call through it some nanoseconds. The memory
     * of segments stays open meanwhile. The call is not a critical one: a collection of garbage does not wait for it. In a
     * class of its own because making it warns where native access has not been granted.
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

    /** Whether this is a system for which kernels can be written: Linux on x86-64. */
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
