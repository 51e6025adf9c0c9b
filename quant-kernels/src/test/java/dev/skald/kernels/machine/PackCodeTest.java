package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.machine.GuardedMemory.End;
import dev.skald.kernels.pack.LaneLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Packs random blocks by machine code and by Java. */
@Tag("once")
class PackCodeTest {
    private static final Set<Cpu.Feature> FEATURES =
            Abi.known() && PackCodeTest.class.getModule().isNativeAccessEnabled()
                    ? Cpu.features(new CodeMemory().install("test", Cpu.code()))
                    : Set.of();

    private static Stream<Arguments> cases() {
        return Stream.of(Isa.AVX512_VNNI, Isa.AVX2)
                .flatMap(isa -> QuantFormats.all().stream()
                        .filter(format -> moves(isa, format).isPresent())
                        .map(format -> Arguments.of(isa, format)));
    }

    private static MachineMatrix matrix(Isa isa, QuantFormat format, int rows, int blocks, Arena arena) {
        LaneLayout layout = new LaneLayout(format.packing());
        return new MachineMatrix(
                layout, isa.lanes(), rows, blocks * format.packing().blockColumns(), arena);
    }

    private static Optional<BitMoves> moves(Isa isa, QuantFormat format) {
        try (Arena arena = Arena.ofConfined()) {
            return BitMoves.of(format, matrix(isa, format, 1, 1, arena));
        }
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        new SplittableRandom(bytes).nextBytes(random);
        return random;
    }

    /** Packs rows by Java into a matrix of two groups, and returns the second. */
    private static byte[] byJava(QuantFormat format, MachineMatrix w, byte[] rows, int rowBytes) {
        int[] words = new int[format.packing().codeWords() + format.packing().scaleWords()];
        int[] codes = new int[format.packing().codeWords()];
        int blocks = w.columns() / format.packing().blockColumns();
        byte[] packed = new byte[blocks * w.blockBytes()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(rows.length);
            MemorySegment.copy(rows, 0, memory, ValueLayout.JAVA_BYTE, 0, rows.length);
            for (int lane = 0; lane < w.lanes(); lane++) {
                for (int b = 0; b < blocks; b++) {
                    format.packBlock(memory, lane * rowBytes + b * (rowBytes / blocks), (lane + 1) * rowBytes, words);
                    w.put(words, lane, packed, b * w.blockBytes(), codes);
                }
            }
        }
        return packed;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void packsWhatJavaPacks(Isa isa, QuantFormat format) {
        int blocks = 3;
        int blockBytes = (int) format.type().bytes(format.packing().blockColumns());
        int rowBytes = blocks * blockBytes;
        byte[] rows = random(isa.lanes() * rowBytes);
        BitMoves moves = moves(isa, format).orElseThrow();
        for (End end : End.values()) {
            try (GuardedMemory memory = new GuardedMemory(end)) {
                MachineMatrix w = matrix(isa, format, 2 * isa.lanes(), blocks, memory);
                MemorySegment from = memory.allocate(rows.length, 1);
                MemorySegment.copy(rows, 0, from, ValueLayout.JAVA_BYTE, 0, rows.length);
                if (FEATURES.containsAll(isa.needs())) {
                    MachineKernels kernels = new MachineKernels(isa, Rounding.BITS_16, new CodeMemory()::install);
                    assertTrue(kernels.pack(w, format, from, 0, rowBytes, 1, blocks));
                } else {
                    MemorySegment to = w.data().asSlice(w.groupBytes());
                    new Emulator(PackCode.code(isa, moves))
                            .readable(from)
                            .writable(to)
                            .call(from, to, to, blocks, rowBytes, 0);
                }
                byte[] all = w.data().toArray(ValueLayout.JAVA_BYTE);
                assertEquals(
                        Arrays.toString(byJava(format, w, rows, rowBytes)),
                        Arrays.toString(Arrays.copyOfRange(all, all.length / 2, all.length)));
                assertEquals(0, Arrays.stream(toInts(all, all.length / 2)).sum(), "the other group has changed");
            }
        }
    }

    private static int[] toInts(byte[] bytes, int to) {
        int[] ints = new int[to];
        Arrays.setAll(ints, i -> bytes[i] & 0xFF);
        return ints;
    }

    /** The moves, found with a few blocks, hold for thousands. */
    @ParameterizedTest
    @MethodSource("cases")
    void movesHoldForManyBlocks(Isa isa, QuantFormat format) {
        BitMoves moves = moves(isa, format).orElseThrow();
        int blocks = 300;
        try (Arena arena = Arena.ofConfined()) {
            MachineMatrix w = matrix(isa, format, isa.lanes(), blocks, arena);
            int rowBytes = blocks * moves.blockBytes();
            byte[] rows = random(isa.lanes() * rowBytes);
            byte[] packed = byJava(format, w, rows, rowBytes);
            for (int b = 0; b < blocks; b++) {
                for (int lane = 0; lane < isa.lanes(); lane++) {
                    int from = lane * rowBytes + b * moves.blockBytes();
                    byte[] block = Arrays.copyOfRange(rows, from, from + moves.blockBytes());
                    int at = b * w.blockBytes();
                    for (BitMoves.Field field : moves.fields()) {
                        int expected = 0;
                        for (int i = 0; i < field.bytes(); i++) {
                            expected |= (packed[at + lane * field.bytes() + i] & 0xFF) << 8 * i;
                        }
                        assertEquals(expected, field.of(block));
                        at += field.bytes() * isa.lanes();
                    }
                }
            }
        }
    }

    /** Codes of these are looked up or computed, or their scales are. */
    @Test
    void formatsThatJavaPacks() {
        List<String> without = QuantFormats.all().stream()
                .filter(format -> moves(Isa.AVX2, format).isEmpty())
                .map(QuantFormat::toString)
                .collect(Collectors.toList());
        assertEquals(
                List.of("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "TQ1_0", "MXFP4", "NVFP4"),
                without);
    }
}
