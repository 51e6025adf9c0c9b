package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("once")
class CodeMemoryTest {
    /** The three functions of the C library, some of which fail. */
    private static final class Functions {
        private final List<String> calls = new ArrayList<>();
        private final Arena arena;
        private int mapErrno;
        private int protectErrno;

        Functions(Arena arena) {
            this.arena = arena;
        }

        @SuppressWarnings("unused")
        long map(MemorySegment errno, long at, long bytes, long protection, long flags, long file, long offset) {
            calls.add("map " + bytes + " " + protection);
            errno.set(ValueLayout.JAVA_INT, 0, mapErrno);
            return mapErrno == 0 ? arena.allocate(bytes, 4096).address() : -1;
        }

        @SuppressWarnings("unused")
        long protect(MemorySegment errno, long address, long bytes, long protection, long d, long e, long f) {
            calls.add("protect " + bytes + " " + protection);
            errno.set(ValueLayout.JAVA_INT, 0, protectErrno);
            // The upper half of an int's register may hold anything.
            return protectErrno == 0 ? 7L << 32 : 0xFFFF_FFFFL;
        }

        @SuppressWarnings("unused")
        long unmap(MemorySegment errno, long address, long bytes, long c, long d, long e, long f) {
            calls.add("unmap " + bytes);
            errno.set(ValueLayout.JAVA_INT, 0, 0);
            return 0;
        }

        CodeMemory memory() throws ReflectiveOperationException {
            return new CodeMemory(function("map"), function("protect"), function("unmap"));
        }

        private MethodHandle function(String name) throws ReflectiveOperationException {
            MethodType sixNumbers = MethodType.methodType(long.class, MemorySegment.class)
                    .appendParameterTypes(Collections.nCopies(6, long.class));
            return MethodHandles.lookup().bind(this, name, sixNumbers);
        }
    }

    @ParameterizedTest
    @CsvSource({"13, 'errno 13, EACCES'", "12, 'errno 12, ENOMEM'", "1, 'errno 1, EPERM'", "95, 'errno 95'"})
    void givesMemoryBackThatMayNotBecomeExecutable(int errno, String named) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            Functions functions = new Functions(arena);
            functions.protectErrno = errno;
            CodeMemory memory = functions.memory();
            String message = assertThrows(IllegalStateException.class, () -> memory.install("test", new byte[5000]))
                    .getMessage();
            assertEquals("the system lets no memory become executable: mprotect failed with " + named, message);
            assertEquals(List.of("map 8192 3", "protect 8192 5", "unmap 8192"), functions.calls);
            assertEquals(List.of(), memory.installed());
        }
    }

    @Test
    void saysThatThereIsNoMemory() throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            Functions functions = new Functions(arena);
            functions.mapErrno = 12;
            CodeMemory memory = functions.memory();
            String message = assertThrows(IllegalStateException.class, () -> memory.install("test", new byte[1]))
                    .getMessage();
            assertEquals(
                    "the system gives no memory for machine code: mmap of 4096 bytes failed with errno 12, ENOMEM",
                    message);
            assertEquals(List.of("map 4096 3"), functions.calls);
        }
    }

    /** The memory behind the code is filled with the instruction that stops the process. */
    @Test
    void codeMayBeReadAndExecutedAndNotWritten() throws IOException {
        assumeTrue(Machine.kernels().isPresent(), () -> Machine.refusal().orElseThrow());
        CodeMemory memory = new CodeMemory();
        MemorySegment code = memory.install("test", new byte[] {(byte) 0xC3});
        assertEquals("r-xp", protection(code.address()));
        assertEquals(List.of(new KernelAddress("test", code.address(), 1)), memory.installed());
        assertTrue(code.isReadOnly());
        assertEquals((byte) 0xC3, code.get(ValueLayout.JAVA_BYTE, 0));
        for (long i = 1; i < code.byteSize(); i++) {
            assertEquals((byte) 0xCC, code.get(ValueLayout.JAVA_BYTE, i));
        }
    }

    /** Returns the permissions of the memory at an address, as Linux lists them. */
    static String protection(long address) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] words = line.split("[- ]");
            if (Long.compareUnsigned(Long.parseUnsignedLong(words[0], 16), address) <= 0
                    && Long.compareUnsigned(Long.parseUnsignedLong(words[1], 16), address) > 0) {
                return line.split(" ")[1];
            }
        }
        return "nothing";
    }
}
