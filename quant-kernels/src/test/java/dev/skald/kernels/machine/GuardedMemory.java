package dev.skald.kernels.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory whose segments border on a page without access: a segment either begins right after such a page or ends right before one.
 * Code that goes one byte too far ends the process. A segment whose size is no multiple of the alignment may be unaligned.
 */
final class GuardedMemory implements Arena {
    /** Which end of a segment lies at a guard. */
    enum End {
        FIRST,
        LAST
    }

    private static final long PAGE = 4096;

    private record Mapping(long address, long bytes) {}

    private final Arena arena = Arena.ofShared();
    private final MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
    private final List<Mapping> mappings = new ArrayList<>();
    private final End end;
    private final MethodHandle map = MemoryCalls.mmap();
    private final MethodHandle protect = MemoryCalls.mprotect();
    private final MethodHandle unmap = MemoryCalls.munmap();

    GuardedMemory(End end) {
        this.end = end;
    }

    @Override
    @SuppressWarnings("restricted")
    public MemorySegment allocate(long bytes, long alignment) {
        long inside = Math.ceilDiv(Math.max(bytes, 1), PAGE) * PAGE;
        long bytesOfAll = inside + 2 * PAGE;
        long address = MemoryCalls.map(map, errno, bytesOfAll);
        if (address == -1) {
            throw new IllegalStateException("no memory");
        }
        mappings.add(new Mapping(address, bytesOfAll));
        if (MemoryCalls.ofRange(protect, errno, address, PAGE, 0) != 0
                || MemoryCalls.ofRange(protect, errno, address + PAGE + inside, PAGE, 0) != 0) {
            throw new IllegalStateException("no guards");
        }
        long first = address + PAGE + (end == End.LAST ? inside - bytes : 0);
        return MemorySegment.ofAddress(first).reinterpret(bytes, arena, null);
    }

    @Override
    public MemorySegment.Scope scope() {
        return arena.scope();
    }

    @Override
    public void close() {
        for (Mapping mapping : mappings) {
            MemoryCalls.ofRange(unmap, errno, mapping.address, mapping.bytes, 0);
        }
        arena.close();
    }
}
