package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaFileObject.Kind;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents at the root show has to work: commands parse, code compiles, links lead somewhere. */
class ReadmeTest {
    private static final Path ROOT = Path.of(System.getProperty("skald.root"));

    @TempDir
    Path folder;

    static Stream<String> commands() throws IOException {
        return blocks("sh").stream()
                .flatMap(String::lines)
                .map(line -> line.replaceFirst("\\s+#.*", "").replaceFirst("^.*\\| *(?=./skald)", ""))
                .filter(line -> line.startsWith("./skald "));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandIsUnderstood(String line) {
        List<String> words = Pattern.compile("\"([^\"]*)\"|(\\S+)")
                .matcher(line)
                .results()
                .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
                .toList();
        Ran ran = Ran.skald(
                Stream.concat(words.stream().skip(1), Stream.of("--help")).toArray(String[]::new));
        assertEquals(0, ran.code(), ran.err());
    }

    static List<String> programs() throws IOException {
        return blocks("java");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void everyProgramCompiles(String code) {
        String source = """
                import dev.skald.runtime.*;
                import dev.skald.runtime.chat.*;
                import dev.skald.runtime.generate.*;
                import dev.skald.runtime.measure.*;
                import dev.skald.runtime.quantize.*;
                import java.nio.file.Files;
                import java.nio.file.Path;
                class Snippet { void run() throws Exception { %s } }
                """.formatted(code);
        StringWriter messages = new StringWriter();
        var unit = new SimpleJavaFileObject(URI.create("string:///Snippet.java"), Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreErrors) {
                return source;
            }
        };
        List<String> options =
                List.of("-cp", System.getProperty("java.class.path"), "-d", folder.toString(), "-proc:none");
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(messages, null, null, options, null, List.of(unit))
                .call();
        assertTrue(compiled, messages.toString());
    }

    static Stream<String> links() throws IOException {
        Pattern link = Pattern.compile("\\]\\(([^)#:]+)\\)");
        StringBuilder all = new StringBuilder();
        for (String name : List.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")) {
            all.append(Files.readString(ROOT.resolve(name)));
        }
        return link.matcher(all).results().map(found -> found.group(1)).distinct();
    }

    @ParameterizedTest
    @MethodSource("links")
    void everyLinkLeadsToAFile(String link) {
        assertTrue(Files.exists(ROOT.resolve(link)), link);
    }

    private static List<String> blocks(String language) throws IOException {
        return Pattern.compile("```" + language + "\\R(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve("README.md")))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
    }
}
