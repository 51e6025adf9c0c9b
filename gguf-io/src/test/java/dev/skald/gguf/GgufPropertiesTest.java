package dev.skald.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Properties of all files, valid or damaged. */
class GgufPropertiesTest {
    private static Path folder;

    @BeforeContainer
    static void makeFolder() throws IOException {
        folder = Files.createTempDirectory("gguf-properties");
    }

    @AfterContainer
    static void removeFolder() throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Provide
    Arbitrary<Specs.Spec> specs() {
        return Specs.specs();
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void whatTheWriterWritesTheReaderReads(@ForAll("specs") Specs.Spec spec) throws IOException {
        Path file = folder.resolve("written.gguf");
        spec.write(file);
        assertArrayEquals(spec.bytes(), Files.readAllBytes(file));
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals(
                    new ArrayList<>(spec.expectedKeys().keySet()),
                    new ArrayList<>(gguf.metadata().keys()));
            assertEquals(spec.expectedKeys(), Everything.keys(gguf));
            assertEquals(spec.expectedTensors(), Everything.tensors(gguf));
            spec.keys()
                    .forEach((key, value) ->
                            assertEquals(value.type(), gguf.metadata().type(key)));
            assertEquals(spec.alignment() == 0 ? 32 : spec.alignment(), gguf.alignment());
            for (TensorInfo tensor : gguf.tensors()) {
                assertEquals(0, tensor.offset() % gguf.alignment());
            }
        }
    }

    /** A change to a file: at a place (as a share of its length) some bytes are overwritten, left out, or all cut off. */
    record Damage(double place, int kind, byte[] bytes) {
        byte[] to(byte[] file) {
            // The header stays as it is, because a bad one would hide all other damage. Another test flips each of its
            // bits.
            int header = Math.min(24, file.length);
            int at = header + (int) (place * (file.length - header));
            if (kind == 0) {
                return Arrays.copyOf(file, at);
            }
            if (kind == 1) {
                int end = Math.min(file.length, at + bytes.length);
                byte[] shorter = Arrays.copyOf(file, file.length - (end - at));
                System.arraycopy(file, end, shorter, at, file.length - end);
                return shorter;
            }
            byte[] other = file.clone();
            for (int i = 0; i < bytes.length && at + i < file.length; i++) {
                other[at + i] = bytes[i];
            }
            return other;
        }
    }

    @Provide
    Arbitrary<List<Damage>> damages() {
        // Uniform, because jqwik prefers small numbers. Half of the places are in the first part, which has most
        // fields.
        Arbitrary<Double> places = Arbitraries.oneOf(places(10_000), places(3_000));
        Arbitrary<byte[]> extremes = Arbitraries.of(
                new byte[] {0, 0, 0, 0, 0, 0, 0, 0},
                new byte[] {-1, -1, -1, -1, -1, -1, -1, -1},
                new byte[] {-1, -1, -1, -1, -1, -1, -1, 127},
                new byte[] {0, 0, 0, 0, 0, 0, 0, -128},
                new byte[] {-1, -1, -1, 127},
                new byte[] {0, 0, 0, -128},
                new byte[] {0, 1},
                new byte[] {9, 0, 0, 0},
                new byte[] {8, 0, 0, 0});
        Arbitrary<byte[]> bytes = Arbitraries.oneOf(
                Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(1),
                Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(9),
                extremes);
        return Combinators.combine(places, Arbitraries.integers().between(0, 6), bytes)
                .as(Damage::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(2);
    }

    private static Arbitrary<Double> places(int end) {
        return Arbitraries.integers()
                .between(0, end - 1)
                .withDistribution(RandomDistribution.uniform())
                .map(place -> place / 10_000.0);
    }

    /** Twenty damaged copies of each file, because generating a file takes longer than reading it. */
    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void aSpoiltFileIsReadAsItIsOrRefused(
            @ForAll("specs") Specs.Spec spec, @ForAll @Size(20) List<@From("damages") List<Damage>> copies)
            throws IOException {
        Path file = folder.resolve("spoilt.gguf");
        byte[] good = spec.bytes();
        for (List<Damage> damages : copies) {
            byte[] bytes = good;
            for (Damage damage : damages) {
                bytes = damage.to(bytes);
            }
            readOrRefuse(file, bytes);
        }
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void anyBytesAfterAHeaderAreReadAsTheyAreOrRefused(
            @ForAll("tails") byte[] tail, @ForAll("counts") long tensors, @ForAll("counts") long keys)
            throws IOException {
        byte[] bytes = RawGguf.header(tensors, keys).bytes(tail).toBytes();
        readOrRefuse(folder.resolve("random.gguf"), bytes);
    }

    @Provide
    Arbitrary<byte[]> tails() {
        return Arbitraries.frequencyOf(
                        Tuple.of(3, Arbitraries.just((byte) 0)),
                        Tuple.of(2, Arbitraries.bytes().between((byte) 0, (byte) 12)),
                        Tuple.of(1, Arbitraries.bytes()))
                .array(byte[].class)
                .ofMaxSize(200);
    }

    @Provide
    Arbitrary<Long> counts() {
        return Arbitraries.frequencyOf(
                Tuple.of(9, Arbitraries.longs().between(0, 3)), Tuple.of(1, Arbitraries.longs()));
    }

    private static byte[] small() {
        return RawGguf.header(2, 4)
                .uint32("general.alignment", 16)
                .array("words", GgufValueType.STRING, 2)
                .string("blå")
                .string("")
                .array("nested", GgufValueType.ARRAY, 2)
                .u32(GgufValueType.BOOL.id())
                .u64(2)
                .u8(1)
                .u8(0)
                .u32(GgufValueType.STRING.id())
                .u64(1)
                .string("x")
                .key("eps", GgufValueType.FLOAT32)
                .u32(0x3727C5AC)
                .tensor("q", GgmlType.Q4_0, 0, 32, 2)
                .tensor("f", GgmlType.F32, 48, 3)
                .pad(16)
                .zeros(36)
                .pad(16)
                .zeros(12)
                .toBytes();
    }

    @Example
    void everyBitFlippedIsReadAsItIsOrRefused() throws IOException {
        byte[] bytes = small();
        Path file = folder.resolve("flipped.gguf");
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            readOrRefuse(file, flipped);
        }
    }

    @Example
    void everyByteAtItsExtremesIsReadAsItIsOrRefused() throws IOException {
        byte[] bytes = small();
        Path file = folder.resolve("extreme.gguf");
        for (int i = 0; i < bytes.length; i++) {
            for (int value : new int[] {0, 1, 0x7F, 0x80, 0xFF}) {
                byte[] changed = bytes.clone();
                changed[i] = (byte) value;
                readOrRefuse(file, changed);
            }
        }
    }

    @Example
    void cutOffAnywhereIsRefused() throws IOException {
        byte[] bytes = small();
        Path file = folder.resolve("cut.gguf");
        assertTrue(readOrRefuse(file, bytes));
        for (int length = 0; length < bytes.length; length++) {
            assertFalse(readOrRefuse(file, Arrays.copyOf(bytes, length)), "cut to " + length + " of " + bytes.length);
        }
    }

    /** Returns whether the file is accepted. If it is, every value and byte must be what the naive reader finds. */
    private static boolean readOrRefuse(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        try (GgufFile gguf = GgufFile.open(file)) {
            NaiveReader naive = new NaiveReader(bytes);
            assertEquals(naive.keys, Everything.keys(gguf));
            assertEquals(naive.tensors, Everything.tensors(gguf));
            return true;
        } catch (GgufFormatException e) {
            return false;
        }
    }
}
