package dev.skald.kernels.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackingTest {
    private static Packing of(Kind kind, Scaling scaling) {
        return new Packing(32, kind, Packing.natural(32), null, 0, scaling, 32);
    }

    @ParameterizedTest
    @CsvSource({
        "BIT2, F16_MIN",
        "BIT8, SUPER",
        "BIT6, F16",
        "BIT5, SUPER",
        "BIT4, BF16",
        "BIT4, NONE",
        "F16, F16",
        "F32, SUPER"
    })
    void refusesWhatNoKernelMultiplies(Kind kind, Scaling scaling) {
        assertEquals(
                "no kernel multiplies " + kind + " codes with " + scaling + " scales",
                assertThrows(IllegalArgumentException.class, () -> of(kind, scaling))
                        .getMessage());
    }

    @Test
    void saysHowManyWordsThereAre() {
        assertEquals(4, of(Kind.BIT4, Scaling.F16).codeWords());
        assertEquals(5, of(Kind.BIT5, Scaling.F16_MIN).codeWords());
        assertEquals(1, of(Kind.BIT4, Scaling.F16).scaleWords());
        assertEquals(3, of(Kind.BIT4, Scaling.SUPER_MIN).scaleWords());
    }
}
