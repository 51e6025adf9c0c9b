package dev.skald.kernels.product;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernels of packed matrices are what their generator writes. */
@Tag("once")
class KernelGeneratorTest {
    @Test
    void writesWhatIsThere(@TempDir Path directory) throws Exception {
        Path module = Path.of(System.getProperty("skald.root"), "quant-kernels");
        Path sources = module.resolve("src/main/java/dev/skald/kernels/product");
        List<String> names = List.of(
                "PackedDot.java",
                "PackedSuperDot.java",
                "PackedBatch.java",
                "PackedSuperBatch.java",
                "PackedPanel.java");
        for (String name : names) {
            Files.copy(sources.resolve(name), directory.resolve(name));
        }
        Path output = directory.resolve("output");
        int code = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        module.resolve("src/generator/KernelGenerator.java").toString(),
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        assertEquals(0, code, Files.readString(output));
        for (String name : names) {
            assertEquals(Files.readString(sources.resolve(name)), Files.readString(directory.resolve(name)), name);
        }
    }
}
