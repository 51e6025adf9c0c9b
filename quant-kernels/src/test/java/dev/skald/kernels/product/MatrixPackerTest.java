package dev.skald.kernels.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.Samples;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@EnabledIf(
        value = "dev.skald.kernels.product.MatrixPackerTest#packs",
        disabledReason = "there are no packed kernels in plain Java")
class MatrixPackerTest {
    private static final int ROWS = 203;

    static boolean packs() {
        return !kinds().isEmpty();
    }

    static List<KernelKind> kinds() {
        return Stream.of(KernelKind.MACHINE_CODE, KernelKind.VECTOR_API)
                .filter(KernelKind::available)
                .toList();
    }

    static Stream<Arguments> cases() {
        return QuantFormats.all().stream()
                .flatMap(format -> kinds().stream()
                        .flatMap(
                                kind -> Stream.of(1, 40_000, 1 << 20).map(bytes -> Arguments.of(format, kind, bytes))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void piecesInAnyOrderGiveTheBytesOfTheWhole(QuantFormat format, KernelKind kind, int pieceBytes) {
        int columns = format.type().blockElements() == 1 ? 300 : 768;
        QuantMatrix matrix = Samples.matrix(format, ROWS, columns, 31);
        MemorySegment blocks = Samples.blocks(format, ROWS, columns, 31);
        try (Arena arena = Arena.ofConfined();
                Arena shared = Arena.ofShared();
                WorkerTeam team = new WorkerTeam(2)) {
            MatrixPacker packer = new MatrixPacker(kind, matrix, pieceBytes, arena);
            assertEquals(MatrixPacker.pieces(kind, matrix, pieceBytes), packer.pieces());
            long end = blocks.byteSize();
            for (int piece = packer.pieces() - 1; piece >= 0; piece--) {
                assertEquals(end, packer.offset(piece) + packer.bytes(piece));
                end = packer.offset(piece);
                // In memory of its own, because a piece needs nothing from its neighbours.
                byte[] own = blocks.asSlice(end, packer.bytes(piece)).toArray(ValueLayout.JAVA_BYTE);
                packer.pack(piece, MemorySegment.ofArray(own));
            }
            assertEquals(0, end);
            MemorySegment whole = data(matrix.pack(kind, blocks, shared, team));
            assertEquals(-1, whole.mismatch(data(packer.packed())));
        }
    }

    private static MemorySegment data(QuantMatrix matrix) {
        return matrix.packed().data();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void piecesAreNoLargerThanAskedForUnlessAGroupOfRowsIs(KernelKind kind) {
        QuantMatrix matrix = Samples.matrix(QuantFormats.all().getFirst(), ROWS, 64, 32);
        try (Arena arena = Arena.ofConfined()) {
            int group =
                    new MatrixPacker(kind, matrix, 1, arena).packed().packed().groupRows();
            for (long rows : List.of(1L, 2L * group, 3L * group + 1)) {
                MatrixPacker packer = new MatrixPacker(kind, matrix, rows * matrix.rowBytes(), arena);
                assertEquals(Math.max(group, rows / group * group) * matrix.rowBytes(), packer.bytes(0));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void wrongPiecesAreRefused(KernelKind kind) {
        QuantMatrix matrix = Samples.matrix(QuantFormats.all().getFirst(), ROWS, 64, 33);
        try (Arena arena = Arena.ofConfined()) {
            MatrixPacker packer = new MatrixPacker(kind, matrix, 1, arena);
            MemorySegment right = MemorySegment.ofArray(new byte[(int) packer.bytes(0)]);
            assertThrows(IllegalArgumentException.class, () -> packer.pack(0, right.asSlice(1)));
            assertThrows(IndexOutOfBoundsException.class, () -> packer.pack(-1, right));
            assertThrows(IndexOutOfBoundsException.class, () -> packer.pack(packer.pieces(), right));
            assertThrows(IllegalArgumentException.class, () -> new MatrixPacker(kind, matrix, 0, arena));
        }
    }
}
