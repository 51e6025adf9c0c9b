package dev.skald.kernels.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory for weights, in pages of 2 MiB if the system has them. Kernels read groups that are far apart side by side, and a
 * processor translates the addresses of few pages faster than those of many. The memory is filled with zeros, without being
 * written first.
 */
final class WeightMemory {
    /** Smaller pieces do not fill a page, and come from the arena. */
    static final long LEAST_BYTES = 2 << 20;

    private static final int READ_WRITE = 3;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int HUGE_PAGES = 14;

    private final MethodHandle map;
    private final MethodHandle unmap;
    private final MethodHandle advise;
    private final MemorySegment state = Arena.global().allocate(Linker.Option.captureStateLayout());

    /** Finds the functions of the C library; not allowed for a module without native access. */
    WeightMemory() {
        map = CodeMemory.function(
                "mmap",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG));
        unmap = CodeMemory.function(
                "munmap", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        advise = CodeMemory.function(
                "madvise",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    }

    /**
     * Allocates memory that is freed with an arena. Small pieces, and what is not available in this way, come from the arena.
     */
    SegmentAllocator in(Arena arena) {
        return (bytes, alignment) -> bytes < LEAST_BYTES ? arena.allocate(bytes, alignment) : pages(bytes, arena);
    }

    @SuppressWarnings("restricted")
    private synchronized MemorySegment pages(long bytes, Arena arena) {
        long address;
        try {
            address = (long) map.invokeExact(state, 0L, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
            if (address != -1) {
                // Systems without such pages refuse this; their small pages serve too.
                int ignored = (int) advise.invokeExact(state, address, bytes, HUGE_PAGES);
            }
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
        if (address == -1) {
            return arena.allocate(bytes, 64);
        }
        MemorySegment pages = MemorySegment.ofAddress(address);
        try {
            return pages.reinterpret(bytes, arena, this::free);
        } catch (RuntimeException | Error e) {
            free(pages.reinterpret(bytes));
            throw e;
        }
    }

    private synchronized void free(MemorySegment pages) {
        try {
            int ignored = (int) unmap.invokeExact(state, pages.address(), pages.byteSize());
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }
}
