package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Removes tokens from the middle. In a model with one layer, keys and values do not depend on earlier tokens, so the rest must equal
 * a session that never read the removed tokens.
 */
class SessionRemoveTest {
    private static final int LENGTH = 200;

    @TempDir
    Path folder;

    private static Arguments cut(String name, TestModel model, int from, int count) {
        return Arguments.argumentSet(name + " " + from + " " + count, model.layers(1), from, count);
    }

    static Stream<Arguments> cuts() {
        return Stream.of(
                cut("nothing", new TestModel(), 17, 0),
                cut("one", new TestModel(), 100, 1),
                cut("within a page", new TestModel(), 3, 20),
                cut("a whole page", new TestModel(), 64, 64),
                cut("over pages", new TestModel(), 5, 130),
                cut("the beginning", new TestModel(), 0, 65),
                cut("the end", new TestModel(), 150, 50),
                cut("all", new TestModel(), 0, LENGTH),
                cut("pairs in halves", new TestModel().arch("qwen2").attentionBiases(), 9, 77),
                cut("a part of each head turned", new TestModel().with("rope.dimension_count", 8), 9, 77),
                cut(
                        "yarn",
                        new TestModel()
                                .with("rope.scaling.type", "yarn")
                                .with("rope.scaling.factor", 4f)
                                .with("rope.scaling.original_context_length", 1024),
                        9,
                        77),
                cut("odd sizes", new TestModel().headSize(12, 20), 31, 100));
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void whatIsLeftIsAsIfTheOthersHadNeverBeen(TestModel shape, int from, int count) throws IOException {
        int[] tokens = shape.randomTokens(LENGTH);
        int[] left = IntStream.range(0, LENGTH)
                .filter(i -> i < from || i >= from + count)
                .map(i -> tokens[i])
                .toArray();
        try (Model model = Model.open(shape.write(folder.resolve("m.gguf")), o -> o.threads(2));
                Session session = model.newSession(o -> o.cacheType(KvFormat.F32));
                Session fresh = model.newSession(o -> o.cacheType(KvFormat.F32))) {
            session.feed(tokens);
            session.remove(0, from, count);
            if (left.length > 0) {
                fresh.feed(left);
            }
            assertEquals(left.length, session.length(0));
            assertArrayEquals(left, session.tokens(0));
            assertArrayEquals(fresh.feed(5, 6, 7), session.feed(5, 6, 7), ForwardTest.TOLERANCE);
        }
    }

    /** Half precision rounds the keys once more: 2^-11 of what was a number of some units. */
    @Test
    void inHalfPrecisionItIsNearlyTheSame() throws IOException {
        TestModel shape = new TestModel().layers(1);
        int[] tokens = shape.randomTokens(LENGTH);
        try (Model model = Model.open(shape.write(folder.resolve("m.gguf")), o -> o.threads(2));
                Session session = model.newSession();
                Session fresh = model.newSession()) {
            session.feed(tokens);
            session.remove(0, 10, 100);
            fresh.feed(IntStream.range(0, LENGTH)
                    .filter(i -> i < 10 || i >= 110)
                    .map(i -> tokens[i])
                    .toArray());
            assertArrayEquals(fresh.feed(5), session.feed(5), 0.02f);
        }
    }

    @Test
    void otherSequencesAndForksKeepTheirs() throws IOException {
        TestModel shape = new TestModel();
        int[] tokens = shape.randomTokens(LENGTH);
        try (Model model = Model.open(shape.write(folder.resolve("m.gguf")), o -> o.threads(2));
                Session session = model.newSession()) {
            session.feed(tokens);
            try (Session fork = session.fork();
                    Session other = session.fork()) {
                fork.remove(0, 3, 99);
                fork.feed(9);
                assertArrayEquals(tokens, session.tokens(0));
                assertArrayEquals(session.feed(5), other.feed(5));
            }
        }
    }

    @Test
    void outOfRangeIsRefused() throws IOException {
        try (Model model = Model.open(new TestModel().write(folder.resolve("m.gguf")), o -> o.threads(1));
                Session session = model.newSession()) {
            session.feed(1, 2, 3);
            assertThrows(IllegalArgumentException.class, () -> session.remove(0, -1, 1));
            assertThrows(IllegalArgumentException.class, () -> session.remove(0, 1, 3));
            assertThrows(IllegalArgumentException.class, () -> session.remove(0, 4, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> session.remove(1, 0, 0));
            session.remove(0, 3, 0);
            assertEquals(3, session.length(0));
        }
    }
}
