package dev.skald.kernels.product;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.QuantFormats;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantMatrixTest {
    /** At every width a group has 4, 8 or 16 rows, and a block of floats 32 columns. */
    @ParameterizedTest
    @CsvSource({
        "F32, 16, 32, true",
        "F32, 303, 64, true",
        "F32, 32, 17, true",
        "F32, 1, 4096, false",
        "F32, 4096, 1, false",
        "F32, 4096, 15, false",
        "Q8_0, 1, 4096, false",
        "Q8_0, 16, 4096, true",
        "Q4_K, 4096, 256, true"
    })
    void narrowMatricesDoNotPackWell(GgmlType type, int rows, int columns, boolean well) {
        byte[] blocks = new byte[(int) (type.bytes(columns) * rows)];
        QuantMatrix matrix = QuantMatrix.of(QuantFormats.of(type), rows, columns, MemorySegment.ofArray(blocks));
        for (KernelKind kind : KernelKind.values()) {
            if (kind.available()) {
                assertEquals(well && kind != KernelKind.IN_PLACE, matrix.packsWell(kind), kind.toString());
            }
        }
    }
}
