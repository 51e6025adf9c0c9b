package dev.skald.kernels.machine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Functions of the C library for memory, and the constants of Linux that they take. Each has the memory for errno as a first
 * argument and then six numbers. A module without native access is not allowed to find them.
 */
final class MemoryCalls {
    static final int READ = 1;
    static final int WRITE = 2;
    static final int EXECUTE = 4;

    /** Memory of this process only, which no file is behind. */
    static final int PRIVATE_ANONYMOUS = 0x22;

    /** Advice to use large pages. */
    static final int HUGE_PAGES = 14;

    private static final FunctionDescriptor SIX_NUMBERS = FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG);

    private MemoryCalls() {}

    static MethodHandle mmap() {
        return function("mmap");
    }

    static MethodHandle munmap() {
        return function("munmap");
    }

    static MethodHandle mprotect() {
        return function("mprotect");
    }

    static MethodHandle madvise() {
        return function("madvise");
    }

    /** Maps memory that can be read and written; -1 if there is none. */
    static long map(MethodHandle mmap, MemorySegment errno, long bytes) {
        return call(mmap, errno, 0, bytes, READ | WRITE, PRIVATE_ANONYMOUS, -1);
    }

    /** Calls a function of an address, a number of bytes and a constant. It returns 0 unless it fails. */
    static int ofRange(MethodHandle function, MemorySegment errno, long address, long bytes, int constant) {
        return (int) call(function, errno, address, bytes, constant, 0, 0);
    }

    private static long call(MethodHandle function, MemorySegment errno, long a, long b, long c, long d, long e) {
        try {
            return (long) function.invokeExact(errno, a, b, c, d, e, 0L);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Finds a function. All are called with six numbers, because the JVM makes code for each kind of call, which takes some
     * hundredths of a second. On x86-64, a function leaves registers aside that it has no argument for.
     */
    @SuppressWarnings("restricted")
    private static MethodHandle function(String name) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), SIX_NUMBERS, Linker.Option.captureCallState("errno"));
    }
}
