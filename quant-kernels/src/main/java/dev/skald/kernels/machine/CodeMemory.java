package dev.skald.kernels.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Memory for machine code. It is written first, and then made executable and read-only; it is never both writable and
 * executable. Installed code stays until the process ends.
 */
final class CodeMemory {
    private static final long PAGE = 4096;

    private final MethodHandle map;
    private final MethodHandle protect;
    private final MethodHandle unmap;
    private final List<KernelAddress> installed = new CopyOnWriteArrayList<>();
    private final MemorySegment state = Arena.global().allocate(Linker.Option.captureStateLayout());

    /** Finds the functions of the C library; not allowed for a module without native access. */
    CodeMemory() {
        this(MemoryCalls.mmap(), MemoryCalls.mprotect(), MemoryCalls.munmap());
    }

    /** Uses functions like those of the C library, each with the memory for errno and six numbers as arguments. */
    CodeMemory(MethodHandle map, MethodHandle protect, MethodHandle unmap) {
        this.map = map;
        this.protect = protect;
        this.unmap = unmap;
    }

    /** Returns all code so far. */
    List<KernelAddress> installed() {
        return Collections.unmodifiableList(installed);
    }

    /**
     * Installs code.
     *
     * @param name the name in {@link #installed}
     * @return the code, which may be read and executed
     * @throws IllegalStateException if the system does not let memory be executed
     */
    @SuppressWarnings("restricted")
    synchronized MemorySegment install(String name, byte[] code) {
        long bytes = (code.length + PAGE - 1) / PAGE * PAGE;
        long address = MemoryCalls.map(map, state, bytes);
        if (address == -1) {
            throw new IllegalStateException("the system gives no memory for machine code: mmap of " + bytes
                    + " bytes failed with " + error(errno()));
        }
        MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(bytes);
        // The bytes after the code would stop the process if they were ever reached.
        memory.fill((byte) 0xCC);
        MemorySegment.copy(code, 0, memory, ValueLayout.JAVA_BYTE, 0, code.length);
        if (MemoryCalls.ofRange(protect, state, address, bytes, MemoryCalls.READ | MemoryCalls.EXECUTE) != 0) {
            int errno = errno();
            MemoryCalls.ofRange(unmap, state, address, bytes, 0);
            throw new IllegalStateException(
                    "the system lets no memory become executable: mprotect failed with " + error(errno));
        }
        installed.add(new KernelAddress(name, address, code.length));
        return memory.asReadOnly();
    }

    /** Describes an error of Linux by number, and by name if these functions usually have it. */
    private static String error(int errno) {
        return "errno " + errno
                + switch (errno) {
                    case 1 -> ", EPERM";
                    case 12 -> ", ENOMEM";
                    case 13 -> ", EACCES";
                    default -> "";
                };
    }

    private int errno() {
        return state.get(ValueLayout.JAVA_INT, 0);
    }
}
