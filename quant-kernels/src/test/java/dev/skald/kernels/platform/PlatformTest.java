package dev.skald.kernels.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.platform.Platform.Jvm;
import dev.skald.kernels.platform.Platform.Refusal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Descriptions of JVMs. {@code OtherJvmsTest} starts real JVMs. */
@Tag("once")
class PlatformTest {
    private static final String NONE = "none";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            true  | OpenJDK 64-Bit Server VM           | mixed mode, sharing                  | Temurin-25.0.3+9       | none
            true  | Java HotSpot(TM) 64-Bit Server VM  | mixed mode, sharing                  | Oracle GraalVM 25+37.1 | none
            true  | OpenJDK 64-Bit Server VM           | compiled mode, sharing               | 25.0.3                 | none
            false | OpenJDK 64-Bit Server VM           | mixed mode, sharing                  | Temurin-25.0.3+9       | --add-modules=jdk.incubator.vector
            true  | OpenJDK 64-Bit Server VM           | interpreted mode, sharing            | Temurin-25.0.3+9       | -Xmixed
            true  | OpenJDK 64-Bit Server VM           | mixed mode, emulated-client, sharing | Temurin-25.0.3+9       | -XX:TieredStopAtLevel=4
            true  | OpenJDK 64-Bit Server VM           | mixed mode, sharing                  | GraalVM CE 25+37.1     | -XX:-UseJVMCICompiler
            """)
    void whatWouldChangeIt(boolean module, String name, String mode, String vendor, String remedy) {
        assertEquals(
                remedy,
                Platform.refusal(new Jvm(module, true, name, mode, vendor))
                        .map(Refusal::remedy)
                        .orElse(NONE));
    }

    @Test
    void anImageWithoutTheModuleIsToBeMadeWithIt() {
        Refusal refusal = Platform.refusal(
                        new Jvm(false, false, "OpenJDK 64-Bit Server VM", "mixed mode, sharing", "Temurin-25.0.3+9"))
                .orElseThrow();
        assertTrue(refusal.why().contains("jlink") && refusal.why().endsWith("--add-modules jdk.incubator.vector"));
        // No flag of the JVM would help.
        assertEquals(null, refusal.remedy());
    }

    @ParameterizedTest
    @CsvSource({"Eclipse OpenJ9 VM", "OpenJDK 64-Bit Zero VM", "OpenJDK Client VM", "''"})
    void otherJvmsComputeInPlainJava(String name) {
        Refusal refusal =
                Platform.refusal(new Jvm(true, true, name, "mixed mode", "")).orElseThrow();
        assertEquals("nothing is known of vectors in a JVM like " + name, refusal.why());
        assertEquals(null, refusal.remedy());
    }
}
