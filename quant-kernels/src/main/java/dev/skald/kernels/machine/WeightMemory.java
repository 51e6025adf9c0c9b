package dev.skald.kernels.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Memory for weights, in pages of 2 MiB if the system has them. Kernels read groups that are far apart side by side, and a
 * processor translates the addresses of few pages faster than those of many. The memory is filled with zeros, without being
 * written first.
 */
final class WeightMemory {
    /** Smaller pieces do not fill a page, and share pages with others of their arena. */
    static final long LEAST_BYTES = 2 << 20;

    /** Still smaller pieces come from the arena. */
    static final long LEAST_SHARED_BYTES = 64 << 10;

    /** What is mapped at a time for pieces that share pages, such as experts. Only written pages take memory. */
    private static final long SHARED_BYTES = 16 << 20;

    private static final long ALIGNMENT = 64;

    private final MethodHandle map = MemoryCalls.mmap();
    private final MethodHandle unmap = MemoryCalls.munmap();
    private final MethodHandle advise = MemoryCalls.madvise();

    /** What is left of the pages that each arena's pieces share. */
    private final Map<Arena, MemorySegment> rests = new WeakHashMap<>();

    private final MemorySegment state = Arena.global().allocate(Linker.Option.captureStateLayout());

    /** Finds the functions of the C library; not allowed for a module without native access. */
    WeightMemory() {}

    /**
     * Allocates memory that is freed with an arena. Small pieces, and what is not available in this way, come from the arena.
     */
    SegmentAllocator in(Arena arena) {
        return (bytes, alignment) -> {
            if (bytes < LEAST_SHARED_BYTES || alignment > ALIGNMENT) {
                return arena.allocate(bytes, alignment);
            }
            return bytes < LEAST_BYTES ? shared(bytes, arena) : pages(bytes, arena);
        };
    }

    private synchronized MemorySegment shared(long bytes, Arena arena) {
        MemorySegment rest = rests.get(arena);
        if (rest == null || rest.byteSize() < bytes) {
            rest = pages(SHARED_BYTES, arena);
        }
        long next = Math.min(rest.byteSize(), Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT);
        rests.put(arena, rest.asSlice(next));
        return rest.asSlice(0, bytes);
    }

    @SuppressWarnings("restricted")
    private synchronized MemorySegment pages(long bytes, Arena arena) {
        long address = MemoryCalls.map(map, state, bytes);
        if (address == -1) {
            return arena.allocate(bytes, ALIGNMENT);
        }
        // Systems without such pages refuse this; their small pages serve too.
        MemoryCalls.ofRange(advise, state, address, bytes, MemoryCalls.HUGE_PAGES);
        MemorySegment pages = MemorySegment.ofAddress(address);
        try {
            return pages.reinterpret(bytes, arena, this::free);
        } catch (RuntimeException | Error e) {
            free(pages.reinterpret(bytes));
            throw e;
        }
    }

    private synchronized void free(MemorySegment pages) {
        MemoryCalls.ofRange(unmap, state, pages.address(), pages.byteSize(), 0);
    }
}
