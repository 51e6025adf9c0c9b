package dev.skald.kernels.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.Samples;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of every format in the registry, tested with ggml's own blocks and floats. */
class QuantFormatTest {
    static List<QuantFormat> formats() {
        return QuantFormats.all();
    }

    /** F32 needs no decoding, so there is no golden file for it. */
    static Stream<QuantFormat> goldenFormats() {
        return formats().stream().filter(f -> f.type() != GgmlType.F32);
    }

    static Stream<QuantFormat> encoders() {
        return goldenFormats().filter(QuantFormat::canEncode);
    }

    @ParameterizedTest
    @MethodSource("goldenFormats")
    void decodesToGgmlsFloatsBitForBit(QuantFormat format) {
        MemorySegment blocks = MemorySegment.ofArray(GoldenBlocks.bytes("quant/" + fileName(format) + ".bin"));
        float[] expected = GoldenBlocks.floats("quant/" + fileName(format) + ".f32");
        float[] actual = new float[expected.length];
        format.decode(blocks, 0, actual, 0, actual.length);
        assertArrayEquals(bits(expected), bits(actual));
    }

    /** In codebook formats, ggml's bytes depend on the order of its lists of neighbours. */
    static Stream<QuantFormat> exactEncoders() {
        return encoders().filter(f -> !f.type().name().matches("IQ[123].*"));
    }

    @ParameterizedTest
    @MethodSource("exactEncoders")
    void encodesToGgmlsBytes(QuantFormat format) {
        float[] source = GoldenBlocks.floats("quant/source.f32");
        byte[] actual = new byte[(int) format.type().bytes(source.length)];
        format.encode(source, 0, MemorySegment.ofArray(actual), 0, source.length);
        assertArrayEquals(GoldenBlocks.bytes("quant/" + fileName(format) + ".bin"), actual);
    }

    static Stream<QuantFormat> codebookEncoders() {
        return encoders().filter(f -> f.type().name().matches("IQ[123].*"));
    }

    /** ggml encoded formats that need an importance matrix with a matrix of ones, and the others without one. */
    @ParameterizedTest
    @MethodSource("codebookEncoders")
    void encodesAsNearAsGgml(QuantFormat format) {
        float[] source = GoldenBlocks.floats("quant/source.f32");
        float[] theirs = GoldenBlocks.floats("quant/" + fileName(format) + ".f32");
        int columns = 512;
        float[] ones = new float[columns];
        Arrays.fill(ones, 1);
        MemorySegment blocks =
                MemorySegment.ofArray(new byte[(int) format.type().bytes(columns)]);
        float[] ours = new float[columns];
        for (int row = 0; row < source.length / columns; row++) {
            int at = row * columns;
            format.encode(source, at, format.needsImportance() ? ones : null, blocks, 0, columns);
            format.decode(blocks, 0, ours, 0, columns);
            double error = 0;
            double allowed = 0;
            for (int i = 0; i < columns; i++) {
                error += Math.pow((double) ours[i] - source[at + i], 2);
                allowed += Math.pow((double) theirs[at + i] - source[at + i], 2);
            }
            assertTrue(
                    Math.sqrt(error) <= 1.02 * Math.sqrt(allowed),
                    "row " + row + ": " + Math.sqrt(error / columns) + ", ggml " + Math.sqrt(allowed / columns));
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void decodesAtAnyOffset(QuantFormat format) {
        int block = format.type().blockElements();
        int bytes = format.type().blockBytes();
        byte[] raw = new byte[3 * bytes + 1];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) (i * 37 + 11);
        }
        float[] whole = new float[3 * block];
        format.decode(MemorySegment.ofArray(raw), 1, whole, 0, 3 * block);
        float[] middle = new float[block + 5];
        format.decode(MemorySegment.ofArray(raw), 1 + bytes, middle, 5, block);
        for (int i = 0; i < block; i++) {
            assertEquals(
                    Float.floatToRawIntBits(whole[block + i]), Float.floatToRawIntBits(middle[5 + i]), "column " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void refusesWhatDoesNotFit(QuantFormat format) {
        int block = format.type().blockElements();
        MemorySegment one = MemorySegment.ofArray(new byte[format.type().blockBytes()]);
        assertThrows(IndexOutOfBoundsException.class, () -> format.decode(one, 0, new float[2 * block], 0, 2 * block));
        assertThrows(IndexOutOfBoundsException.class, () -> format.decode(one, 0, new float[block - 1], 0, block));
        if (block > 1) {
            assertThrows(
                    IllegalArgumentException.class, () -> format.decode(one, 0, new float[2 * block], 0, block + 1));
        }
    }

    static Stream<QuantFormat> blockEncoders() {
        return encoders().filter(f -> f.type().blockElements() > 1);
    }

    @ParameterizedTest
    @MethodSource("blockEncoders")
    void refusesToEncodeWhatIsNotFinite(QuantFormat format) {
        int columns = 2 * format.type().blockElements();
        float[] ones = new float[columns];
        Arrays.fill(ones, 1);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] row = Samples.normal(columns, 1);
            row[columns - 3] = bad;
            MemorySegment blocks =
                    MemorySegment.ofArray(new byte[2 * format.type().blockBytes()]);
            Exception e =
                    assertThrows(IllegalArgumentException.class, () -> format.encode(row, 0, ones, blocks, 0, columns));
            assertTrue(
                    e.getMessage().contains("column " + (columns - 3))
                            && e.getMessage().contains("" + bad),
                    e::getMessage);
        }
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void refusesImportanceThatDoesNotFit(QuantFormat format) {
        int columns = 2 * format.type().blockElements();
        float[] row = Samples.normal(columns, 1);
        MemorySegment blocks = MemorySegment.ofArray(new byte[2 * format.type().blockBytes()]);
        Exception e = assertThrows(
                IllegalArgumentException.class,
                () -> format.encode(row, 0, new float[columns + 1], blocks, 0, columns));
        assertTrue(e.getMessage().contains("" + (columns + 1)) && e.getMessage().contains("" + columns), e::getMessage);
        float[] negative = new float[columns];
        negative[1] = -1;
        e = assertThrows(IllegalArgumentException.class, () -> format.encode(row, 0, negative, blocks, 0, columns));
        assertTrue(e.getMessage().contains("column 1"), e::getMessage);
        if (format.needsImportance()) {
            e = assertThrows(IllegalArgumentException.class, () -> format.encode(row, 0, blocks, 0, columns));
            assertTrue(e.getMessage().contains("importance"), e::getMessage);
        }
    }

    @Test
    void bf16RoundsToEvenAndKeepsNan() {
        QuantFormat bf16 = QuantFormats.of(GgmlType.BF16);
        // 1 + 2^-8 lies half-way between 1 and 1 + 2^-7: the even one is 1. The NaN has its payload in the lower half.
        float[] in = {1 + 0x1p-8f, 1 + 0x1.8p-7f, Float.intBitsToFloat(0x7F800001), Float.NEGATIVE_INFINITY};
        byte[] blocks = new byte[8];
        bf16.encode(in, 0, MemorySegment.ofArray(blocks), 0, 4);
        float[] out = new float[4];
        bf16.decode(MemorySegment.ofArray(blocks), 0, out, 0, 4);
        assertArrayEquals(new float[] {1, 1 + 0x1p-6f, Float.NaN, Float.NEGATIVE_INFINITY}, out);
    }

    @Test
    void unknownFormatNamesThoseThereAre() {
        Exception e = assertThrows(IllegalArgumentException.class, () -> QuantFormats.of(GgmlType.I32));
        assertEquals(true, e.getMessage().contains("I32") && e.getMessage().contains("Q4_0"), e.getMessage());
    }

    private static String fileName(QuantFormat format) {
        String name = format.type().name();
        return name.endsWith("_K") ? name.substring(0, name.length() - 1).toLowerCase() + "K" : name.toLowerCase();
    }

    private static int[] bits(float[] x) {
        int[] out = new int[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = Float.floatToRawIntBits(x[i]);
        }
        return out;
    }
}
