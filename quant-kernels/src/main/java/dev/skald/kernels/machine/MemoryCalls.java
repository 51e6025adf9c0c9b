package dev.skald.kernels.machine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Functions of the C library for memory, and the constants of Linux that they take. Each has the memory for errno as a first
 * argument. A module without native access is not allowed to find them.
 */
final class MemoryCalls {
    static final int READ = 1;
    static final int WRITE = 2;
    static final int EXECUTE = 4;

    /** Memory of this process only, which no file is behind. */
    static final int PRIVATE_ANONYMOUS = 0x22;

    /** Advice to use large pages. */
    static final int HUGE_PAGES = 14;

    private MemoryCalls() {}

    static MethodHandle mmap() {
        return function(
                "mmap",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG));
    }

    static MethodHandle munmap() {
        return function(
                "munmap", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    }

    static MethodHandle mprotect() {
        return ofRange("mprotect");
    }

    static MethodHandle madvise() {
        return ofRange("madvise");
    }

    /** Returns a function of an address, a number of bytes and a constant. */
    private static MethodHandle ofRange(String name) {
        return function(
                name,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
    }
}
