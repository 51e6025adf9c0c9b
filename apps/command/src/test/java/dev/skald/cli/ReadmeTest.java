package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaFileObject.Kind;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents show has to work: commands parse, code compiles, links lead somewhere. */
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
        // A block that begins with imports is a whole program.
        boolean whole = code.startsWith("import ");
        String source = whole ? code : """
                import dev.skald.runtime.*;
                import dev.skald.runtime.chat.*;
                import dev.skald.runtime.embed.*;
                import dev.skald.runtime.event.*;
                import dev.skald.runtime.generate.*;
                import dev.skald.runtime.measure.*;
                import dev.skald.runtime.convert.*;
                import dev.skald.runtime.quantize.*;
                import dev.skald.runtime.record.*;
                import dev.skald.server.*;
                import java.nio.file.Files;
                import java.nio.file.Path;
                import java.util.List;
                import java.util.Optional;
                import java.util.concurrent.atomic.LongAdder;
                class Snippet { void run() throws Exception { %s } }
                """.formatted(code);
        StringWriter messages = new StringWriter();
        var unit =
                new SimpleJavaFileObject(
                        URI.create(whole ? "string:///Hello.java" : "string:///Snippet.java"), Kind.SOURCE) {
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

    record Link(Path page, String target) {}

    static Stream<Link> links() throws IOException {
        Pattern link = Pattern.compile("\\]\\(([^)#:]+)\\)");
        List<Link> links = new ArrayList<>();
        for (Path page : pages()) {
            link.matcher(Files.readString(page)).results().forEach(found -> links.add(new Link(page, found.group(1))));
        }
        return links.stream().distinct();
    }

    @ParameterizedTest
    @MethodSource("links")
    void everyLinkLeadsToAFile(Link link) {
        assertTrue(Files.exists(link.page().resolveSibling(link.target())), link.toString());
    }

    /** Every page is found from the README. */
    @Test
    void theReadmeLinksToEveryPage() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        for (Path page : pages()) {
            String name = ROOT.relativize(page).toString().replace('\\', '/');
            assertTrue(name.equals("README.md") || readme.contains("](" + name + ")"), name);
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(
                                            "README.md",
                                            "ARCHITECTURE.md",
                                            "CONTRIBUTING.md",
                                            "benchmarks/README.md",
                                            "integrations/README.md",
                                            "integrations/hub/README.md")
                                    .map(ROOT::resolve),
                            docs.filter(file -> file.toString().endsWith(".md")).sorted())
                    .toList();
        }
    }

    private static List<String> blocks(String language) throws IOException {
        Pattern block = Pattern.compile("```" + language + "\\R(.*?)```", Pattern.DOTALL);
        List<String> blocks = new ArrayList<>();
        for (Path page : pages()) {
            block.matcher(Files.readString(page)).results().forEach(found -> blocks.add(found.group(1)));
        }
        return blocks;
    }
}
