package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufWriter;
import dev.skald.gguf.TensorInfo;
import dev.skald.runtime.arch.Architectures;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For each architecture, a valid file in which one key is missing, out of range or of another type. Either it runs, or it is refused
 * with one of the usual errors, which names the key or what does not fit it.
 */
class HostileArchitectureTest {
    /** Stands for a missing key. */
    private static final Object MISSING = new Object();

    private static final List<Object> VALUES = List.of(
            MISSING,
            0,
            1,
            -1,
            1 << 30,
            Long.MAX_VALUE,
            Float.NaN,
            -1f,
            1e30f,
            "text",
            new int[] {1, 2},
            new int[0],
            false);

    @TempDir
    Path folder;

    /** The first model of each architecture that is there. */
    static List<ArchitectureGoldenTest.Case> models() {
        Set<String> seen = new HashSet<>();
        return ArchitectureGoldenTest.models().stream()
                .filter(c -> c.missing() == null && seen.add(c.architecture()))
                .toList();
    }

    /** A model, and those of its architecture's keys that no model before it has. */
    record Keys(ArchitectureGoldenTest.Case model, List<String> names) {
        @Override
        public String toString() {
            return model.model() + ": " + String.join(", ", names);
        }
    }

    static List<Keys> keys() throws IOException {
        Set<String> seen = new HashSet<>();
        List<Keys> all = new ArrayList<>();
        for (ArchitectureGoldenTest.Case c : ArchitectureGoldenTest.models()) {
            if (c.missing() == null) {
                try (GgufFile sound = GgufFile.open(Golden.path("golden/arch/" + c.model()))) {
                    List<String> names = sound.metadata().keys().stream()
                            .filter(key -> key.startsWith(c.architecture() + "."))
                            .filter(seen::add)
                            .toList();
                    if (!names.isEmpty()) {
                        all.add(new Keys(c, names));
                    }
                }
            }
        }
        return all;
    }

    @Test
    void everyArchitectureHasAModel() {
        assertEquals(
                Set.copyOf(Architectures.names()),
                models().stream().map(ArchitectureGoldenTest.Case::architecture).collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void eachKeyMayBeWrong(Keys keys) throws IOException {
        try (GgufFile sound =
                GgufFile.open(Golden.path("golden/arch/" + keys.model().model()))) {
            for (String key : keys.names()) {
                for (Object value : VALUES) {
                    isRefusedOrRuns(write(sound, key, value), key, value);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void eachTensorMayBeMissing(ArchitectureGoldenTest.Case c) throws IOException {
        try (GgufFile sound = GgufFile.open(Golden.path("golden/arch/" + c.model()))) {
            for (TensorInfo tensor : sound.tensors()) {
                if (!tensor.name().startsWith("blk.") || tensor.name().startsWith("blk.1.")) {
                    isRefusedOrRuns(write(sound, tensor.name(), MISSING), tensor.name(), MISSING);
                }
            }
        }
    }

    private static void isRefusedOrRuns(Path file, String what, Object value) throws IOException {
        try (Model model = Model.open(file, o -> o.threads(1).packed(false))) {
            if (model.generates()) {
                try (Session session = model.newSession(o -> o.contextLength(64))) {
                    session.feed(1, 2, 3);
                }
            } else {
                model.newEmbedder().embedTokens(List.of(new int[] {1, 2, 3}));
            }
        } catch (ContextOverflowException shortContext) {
            assertTrue(shortContext.contextLength() < 3, shortContext::getMessage);
        } catch (GgufFormatException | UnsupportedModelException refused) {
            assertTrue(refused.getMessage().length() > 20, refused::getMessage);
        } catch (RuntimeException | Error other) {
            fail(what + " = " + (value == MISSING ? "missing" : value), other);
        }
    }

    /** A copy without a tensor, or with another value of a key or without it. */
    private Path write(GgufFile sound, String changed, Object value) throws IOException {
        Path file = folder.resolve("hostile.gguf");
        Files.deleteIfExists(file);
        try (GgufWriter writer = GgufWriter.create(file)) {
            GgufMetadata metadata = sound.metadata();
            for (String key : metadata.keys()) {
                if (!key.equals(changed)) {
                    writer.put(key, metadata.type(key), metadata.get(key));
                } else if (value != MISSING) {
                    writer.put(key, value);
                }
            }
            List<TensorInfo> kept = new ArrayList<>(sound.tensors());
            kept.removeIf(tensor -> tensor.name().equals(changed));
            for (TensorInfo tensor : kept) {
                writer.tensor(
                        tensor.name(),
                        tensor.type(),
                        tensor.shape().stream().mapToLong(Long::longValue).toArray());
            }
            for (TensorInfo tensor : kept) {
                writer.data(tensor.name(), sound.data(tensor));
            }
            writer.commit();
        }
        return file;
    }
}
