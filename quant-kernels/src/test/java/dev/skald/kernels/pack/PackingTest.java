package dev.skald.kernels.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.kernels.pack.Packing.Field;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

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

    /** As the kernels have them: worked out by hand from the places of codes in a float's mantissa. */
    static Stream<Arguments> masks() {
        return Stream.of(
                Arguments.of(Kind.BIT2, new int[] {0x180000, 0x600000}),
                Arguments.of(Kind.BIT4, new int[] {0x780000}),
                Arguments.of(Kind.BIT5, new int[] {0x7C0000, 0x200000, 0x400000}),
                Arguments.of(Kind.BIT6, new int[] {0x7E0000, 0x600000}),
                Arguments.of(Kind.BIT8, new int[] {0x7F8000}),
                Arguments.of(Kind.TABLE4, new int[] {15}));
    }

    @ParameterizedTest
    @MethodSource("masks")
    void fieldsHaveTheirPlaceInAMantissa(Kind kind, int[] masks) {
        assertArrayEquals(masks, kind.masks());
    }

    /** Codes that are put into words bit by bit come out of the fields again, with what a mantissa makes of them. */
    @ParameterizedTest
    @EnumSource
    void fieldsAddUpToCodes(Kind kind) {
        assumeTrue(kind.inMantissa());
        SplittableRandom random = new SplittableRandom(1);
        int[] words = random.ints(kind.words()).toArray();
        double[] codes = new double[kind.columns()];
        int[] atTop = new int[kind.columns()];
        for (int word = 0; word < kind.words(); word++) {
            for (int i = 0; i < kind.fields().size(); i++) {
                Field field = kind.fields().get(i);
                int moved = field.shift() > 0 ? words[word] << field.shift() : words[word] >>> -field.shift();
                float f = Float.intBitsToFloat(moved & field.mask() | 0x3F800000);
                codes[kind.code(word, i)] += (f - 1.0) * field.factor() * kind.unit(word, i);
                Field top = kind.atTop(word, i);
                int up = top.shift() > 0 ? words[word] << top.shift() : words[word] >>> -top.shift();
                atTop[kind.code(word, i)] |= up & top.mask();
            }
        }
        int bits = 0;
        for (int i = 0; i < kind.columns(); i++) {
            assertEquals(atTop[i] >>> 23 - kind.bits(), codes[i], "code " + i);
            bits += Integer.bitCount((int) codes[i]);
        }
        assertEquals(Arrays.stream(words).map(Integer::bitCount).sum(), bits, "bits that are in no code, or in two");
    }
}
