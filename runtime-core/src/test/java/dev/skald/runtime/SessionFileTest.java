package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions that are saved, restored and copied; and files that are no saved sessions. */
class SessionFileTest {
    private static final int[] FIRST = new TestModel().randomTokens(150);
    private static final int[] SECOND = {1, 280, 281};

    /** Magic, version and fingerprint; then the number of sequences, and the first one's length. */
    private static final int SEQUENCES_AT = 8 + 4 + 32;

    @TempDir
    static Path models;

    @TempDir
    Path folder;

    private static Model model;
    private Session session;
    private Path file;

    @BeforeAll
    static void openModel() throws IOException {
        model = Model.open(new TestModel().write(models.resolve("m.gguf")), o -> o.threads(2));
    }

    @AfterAll
    static void closeModel() {
        model.close();
    }

    @BeforeEach
    void save() throws IOException {
        file = folder.resolve("saved");
        session = model.newSession(o -> o.sequences(2));
        session.feed(FIRST);
        session.feedSequence(1, SECOND);
        session.save(file);
    }

    @AfterEach
    void close() throws IOException {
        session.close();
        try (Stream<Path> files = Files.list(folder)) {
            assertTrue(files.noneMatch(path -> path.toString().endsWith(".part")), "a temporary file is left");
        }
    }

    private void assertAsSaved(Session restored) {
        assertArrayEquals(FIRST, restored.tokens(0));
        assertArrayEquals(SECOND, restored.tokens(1));
        assertArrayEquals(session.feed(5), restored.feed(5));
        assertArrayEquals(session.feedSequence(1, 6), restored.feedSequence(1, 6));
    }

    /** The error names the fault and the file, and the session continues unchanged. */
    private void assertRefused(Session other, String reason) {
        int[] before = other.tokens(0);
        IOException error = assertThrows(IOException.class, () -> other.restore(file));
        assertTrue(error.getMessage().startsWith(file.toString()), error::getMessage);
        assertTrue(error.getMessage().contains(reason), error::getMessage);
        assertArrayEquals(before, other.tokens(0));
        assertEquals(before.length, other.length(0));
        other.feed(7);
        other.truncate(0, before.length);
    }

    @ParameterizedTest
    @EnumSource
    void aRestoredSessionGoesOnToTheBit(KvFormat type) throws IOException {
        try (Session one = model.newSession(o -> o.cacheType(type));
                Session other = model.newSession(o -> o.cacheType(type))) {
            one.feed(FIRST);
            other.feed(9, 9, 9);
            one.save(file);
            other.restore(file);
            assertArrayEquals(FIRST, other.tokens(0));
            assertArrayEquals(one.feed(5, 6), other.feed(5, 6));
        }
    }

    @Test
    void severalSequencesAndAnotherContext() throws IOException {
        try (Session other = model.newSession(o -> o.sequences(2).contextLength(155))) {
            other.restore(file);
            assertAsSaved(other);
        }
    }

    @Test
    void anEmptySessionCanBeSaved() throws IOException {
        try (Session empty = model.newSession();
                Session other = model.newSession()) {
            empty.save(file);
            other.feed(1, 2);
            other.restore(file);
            assertEquals(0, other.length(0));
            assertArrayEquals(empty.feed(5), other.feed(5));
        }
    }

    @Test
    void theSameFileInAnotherModelOfTheSameWeights() throws IOException {
        try (Model again = Model.open(models.resolve("m.gguf"), o -> o.threads(1));
                Session other = again.newSession(o -> o.sequences(2))) {
            other.restore(file);
            assertArrayEquals(FIRST, other.tokens(0));
        }
    }

    @Test
    void savingAgainReplacesTheFile() throws IOException {
        session.truncate(0, 10);
        session.save(file);
        try (Session other = model.newSession(o -> o.sequences(2))) {
            other.restore(file);
            assertArrayEquals(Arrays.copyOf(FIRST, 10), other.tokens(0));
        }
    }

    @Test
    void aForkGoesOnByItselfAndSharesMemory() {
        try (Session fork = session.fork()) {
            assertEquals(session.cacheBytes(), fork.cacheBytes());
            assertAsSaved(fork);
            fork.feed(8, 9);
            assertEquals(151, session.length(0));
            session.truncate(0, 0);
            assertEquals(153, fork.length(0));
        }
    }

    @Test
    void aForkOutlivesItsOrigin() {
        float[] expected;
        Session fork;
        try (Session origin = session.fork()) {
            fork = origin.fork();
            expected = origin.feed(5);
        }
        assertArrayEquals(expected, fork.feed(5));
        fork.close();
    }

    @Test
    void anotherModelIsRefused() throws IOException {
        Path otherFile = new TestModel().with("rope.freq_base", 20000f).write(folder.resolve("other.gguf"));
        try (Model other = Model.open(otherFile, o -> o.threads(1));
                Session target = other.newSession(o -> o.sequences(2))) {
            assertRefused(target, "was saved with another model");
        }
    }

    /** A model with the same shape and metadata, which differs in its weights only. */
    @Test
    void otherWeightsAreRefused() throws IOException {
        float[] norm = new float[64];
        Arrays.fill(norm, 1.01f);
        Path otherFile = new TestModel().withTensor("output_norm.weight", norm).write(folder.resolve("other.gguf"));
        try (Model other = Model.open(otherFile, o -> o.threads(1));
                Session target = other.newSession(o -> o.sequences(2))) {
            assertRefused(target, "was saved with another model");
        }
    }

    @Test
    void anotherKindOfCacheIsRefused() {
        try (Session other = model.newSession(o -> o.sequences(2).cacheType(KvFormat.F32))) {
            assertRefused(other, "does not fit");
        }
    }

    @Test
    void anotherNumberOfSequencesIsRefused() {
        try (Session other = model.newSession()) {
            assertRefused(other, "has 2 sequences, and this session has 1");
        }
    }

    @Test
    void moreThanTheContextIsRefused() {
        try (Session other = model.newSession(o -> o.sequences(2).contextLength(149))) {
            assertRefused(other, "150 tokens of sequence 0, at most 149");
        }
    }

    @Test
    void aMissingFileIsSaidToBeMissing() {
        Path nowhere = folder.resolve("nowhere").resolve("saved");
        assertThrows(NoSuchFileException.class, () -> session.restore(nowhere));
        assertThrows(NoSuchFileException.class, () -> session.save(nowhere));
        assertEquals(150, session.length(0));
    }

    @Test
    void anyChangedByteIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 200; round++) {
            byte[] changed = whole.clone();
            int at = round < 100 ? round : random.nextInt(whole.length);
            changed[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, changed);
            assertRefused(session, "");
        }
    }

    @Test
    void anyShorterOrLongerFileIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(2);
        for (int round = 0; round < 100; round++) {
            Files.write(file, Arrays.copyOf(whole, round < 60 ? round : random.nextInt(whole.length)));
            assertRefused(session, "is damaged");
        }
        Files.write(file, Arrays.copyOf(whole, whole.length + 1));
        assertRefused(session, "is damaged");
    }

    /** The checksum is correct, so only the checks of the numbers can find the damage. */
    @ParameterizedTest
    @CsvSource({
        "0, 2000000000, sequences",
        "0, -1, sequences",
        "4, 2000000000, tokens of sequence 0",
        "4, -1, tokens of sequence 0",
        "8, 303, token 303 of sequence 0 is not in the vocabulary of 303",
        "8, -1, token -1 of sequence 0"
    })
    void hostileNumbersAreRefused(int at, int value, String reason) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(SEQUENCES_AT + at, value);
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, bytes.length - 4);
        buffer.putInt(bytes.length - 4, (int) sum.getValue());
        Files.write(file, bytes);
        assertRefused(session, reason);
    }

    @Test
    void aClosedSessionIsAnIllegalState() {
        Session other = model.newSession();
        other.close();
        assertThrows(IllegalStateException.class, other::fork);
        assertThrows(IllegalStateException.class, () -> other.save(file));
        assertThrows(IllegalStateException.class, () -> other.restore(file));
    }
}
