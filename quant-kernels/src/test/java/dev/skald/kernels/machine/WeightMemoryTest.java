package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("once")
class WeightMemoryTest {
    private static final long BYTES = 2 * WeightMemory.LEAST_BYTES + 64;

    @BeforeEach
    void needsNativeAccess() {
        assumeTrue(Machine.kernels().isPresent(), "no machine code here");
    }

    @Test
    void itIsAllZerosAndCanBeWritten() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = Machine.weightMemory(arena).allocate(BYTES, 64);
            assertEquals(BYTES, memory.byteSize());
            assertEquals(-1, memory.mismatch(arena.allocate(BYTES, 64)));
            memory.fill((byte) 1);
            assertEquals(1, memory.get(ValueLayout.JAVA_BYTE, BYTES - 1));
        }
    }

    /** The process keeps the memory while the arena is open. After that, no access reaches it. */
    @Test
    void itIsFreedWithItsArena() throws IOException {
        MemorySegment memory;
        try (Arena arena = Arena.ofConfined()) {
            memory = Machine.weightMemory(arena).allocate(BYTES, 64);
            assertTrue(isMapped(memory.address()));
        }
        assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
        assertFalse(isMapped(memory.address()));
    }

    @Test
    void aClosedArenaGetsNone() {
        Arena arena = Arena.ofConfined();
        arena.close();
        assertThrows(
                IllegalStateException.class, () -> Machine.weightMemory(arena).allocate(BYTES, 64));
    }

    @Test
    void smallPiecesShareAMappingAndNotTheirBytes() throws IOException {
        long bytes = WeightMemory.LEAST_BYTES / 2 + 4;
        List<MemorySegment> pieces = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate(bytes, 64);
            for (int i = 0; i < 40; i++) {
                MemorySegment piece = Machine.weightMemory(arena).allocate(bytes, 64);
                assertEquals(bytes, piece.byteSize());
                assertEquals(0, piece.address() % 64);
                assertEquals(-1, piece.mismatch(zeros));
                pieces.add(piece.fill((byte) 1));
            }
            pieces.sort(Comparator.comparingLong(MemorySegment::address));
            for (int i = 1; i < pieces.size(); i++) {
                assertTrue(pieces.get(i).address() >= pieces.get(i - 1).address() + bytes);
            }
        }
        assertThrows(IllegalStateException.class, () -> pieces.getFirst().get(ValueLayout.JAVA_BYTE, 0));
        assertFalse(isMapped(pieces.getFirst().address()));
        assertFalse(isMapped(pieces.getLast().address()));
    }

    @Test
    void littleComesFromTheArena() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = Machine.weightMemory(arena).allocate(64, 64);
            assertEquals(0, memory.address() % 64);
        }
    }

    private static boolean isMapped(long address) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .map(line -> line.split("[- ]"))
                .anyMatch(ends -> Long.compareUnsigned(Long.parseUnsignedLong(ends[0], 16), address) <= 0
                        && Long.compareUnsigned(address, Long.parseUnsignedLong(ends[1], 16)) < 0);
    }
}
