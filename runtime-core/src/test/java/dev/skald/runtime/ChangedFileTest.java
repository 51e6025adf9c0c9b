package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFormatException;
import dev.skald.kernels.KernelKind;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.quantize.Mixture;
import dev.skald.runtime.quantize.Quantizer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** If a file is cut off while a model is opened, an exception names it, and the JVM goes on. */
@Tag("kernels")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be cut off there")
class ChangedFileTest {
    private static final int[] PROMPT = new TestModel().randomTokens(40);

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = new TestModel().untied().type(GgmlType.Q8_0).write(folder.resolve("changing.gguf"));
    }

    static Stream<Arguments> packedAndLength() {
        return Stream.of(true, false).flatMap(packed -> Stream.of(0, 5000).map(length -> Arguments.of(packed, length)));
    }

    @ParameterizedTest
    @MethodSource("packedAndLength")
    void cutOffWhileOpen(boolean packed, int length) throws IOException {
        try (Model model = Model.open(file, o -> o.packed(packed).threads(2));
                Session session = model.newSession();
                Session other = model.newSession()) {
            session.feed(PROMPT);
            cutOff(length);
            for (int i = 0; i < 3; i++) {
                namesTheFile(() -> other.logits(everyToken(model)));
            }
            if (length == 0) {
                namesTheFile(() -> session.feed(1));
                namesTheFile(() -> model.metadata().getString("general.architecture"));
                namesTheFile(() ->
                        model.metadata().getStrings("tokenizer.ggml.tokens").getLast());
                namesTheFile(() -> model.metadata().getFloats("tokenizer.ggml.scores"));
                namesTheFile(() -> session.save(folder.resolve("session")));
            }
        }
    }

    /** The rows of the embedding are always read from the file. */
    private static int[] everyToken(Model model) {
        int[] tokens = new int[model.vocabularySize()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = i;
        }
        return tokens;
    }

    @Test
    void cutOffWhileItIsPacked() {
        assumeTrue(KernelKind.best() != KernelKind.IN_PLACE);
        boolean[] once = new boolean[1];
        namesTheFile(() -> Model.open(
                        file,
                        o -> o.packed(true).threads(1).progress(share -> {
                            if (!once[0]) {
                                once[0] = true;
                                assertDoesNotThrow(() -> cutOff(5000));
                            }
                        }))
                .close());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anotherFileOfTheNameChangesNothing(boolean packed) throws IOException {
        try (Model model = Model.open(file, o -> o.packed(packed).threads(2));
                Session session = model.newSession()) {
            float[] before = session.feed(PROMPT);
            Path other = new TestModel().layers(1).write(folder.resolve("other.gguf"));
            Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
            session.truncate(0, 0);
            assertEquals(before[3], session.feed(PROMPT)[3]);
            Files.delete(file);
            session.truncate(0, 0);
            assertEquals(before[3], session.feed(PROMPT)[3]);
        }
    }

    @Test
    void cutOffWhileItIsQuantized() throws IOException {
        try (Quantizer quantizer = Quantizer.open(file, Mixture.Q4_0, o -> o.allowRequantize(true))) {
            cutOff(40_000);
            namesTheFile(() -> quantizer.write(folder.resolve("smaller.gguf")));
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(1, left.count());
        }
    }

    private void namesTheFile(Executable reading) {
        GgufFormatException error = assertThrows(GgufFormatException.class, reading);
        assertTrue(error.getMessage().startsWith(file.toString()), error::getMessage);
    }

    private void cutOff(int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }
}
