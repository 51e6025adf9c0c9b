package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathException;
import javax.xml.xpath.XPathFactory;
import javax.xml.xpath.XPathNodes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;

/** What is published has a name, a description and a module, and is in the BOM. */
class ArtifactsTest {
    private static final Path ROOT = Path.of(System.getProperty("skald.root"));
    private static final String BOM = "skald-bom";

    private record Module(Path folder, Document pom) {
        static Module read(Path folder) throws Exception {
            return new Module(
                    folder,
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(folder.resolve("pom.xml").toFile()));
        }

        String value(String path) throws Exception {
            return XPathFactory.newInstance().newXPath().evaluate(path, pom);
        }

        List<String> values(String path) throws Exception {
            var nodes = XPathFactory.newInstance().newXPath().evaluateExpression(path, pom, XPathNodes.class);
            return Stream.iterate(0, i -> i < nodes.size(), i -> i + 1)
                    .map(i -> {
                        try {
                            return nodes.get(i).getTextContent().strip();
                        } catch (XPathException e) {
                            throw new IllegalStateException(e);
                        }
                    })
                    .toList();
        }

        @Override
        public String toString() {
            return ROOT.relativize(folder).toString();
        }
    }

    static List<Module> published() throws Exception {
        return modules(ROOT)
                .filter(module -> !"true".equals(evaluate(module, "/project/properties/maven.deploy.skip")))
                .filter(module -> !BOM.equals(evaluate(module, "/project/artifactId")))
                .toList();
    }

    private static Stream<Module> modules(Path folder) throws Exception {
        Module here = Module.read(folder);
        Stream<Module> below = Stream.empty();
        for (String name : here.values("/project/modules/module")) {
            below = Stream.concat(below, modules(folder.resolve(name)));
        }
        boolean jar = !"pom".equals(here.value("/project/packaging"));
        boolean bom = BOM.equals(here.value("/project/artifactId"));
        return Stream.concat(jar || bom ? Stream.of(here) : Stream.empty(), below);
    }

    private static String evaluate(Module module, String path) {
        try {
            return module.value(path);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theBomListsWhatIsPublished() throws Exception {
        Module bom = modules(ROOT)
                .filter(module -> BOM.equals(evaluate(module, "/project/artifactId")))
                .findAny()
                .orElseThrow();
        assertEquals(
                published().stream()
                        .map(module -> evaluate(module, "/project/artifactId"))
                        .sorted()
                        .toList(),
                bom.values("/project/dependencyManagement/dependencies/dependency/artifactId").stream()
                        .sorted()
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("published")
    void hasANameAndADescription(Module module) throws Exception {
        assertFalse(module.value("/project/name").isBlank());
        assertFalse(module.value("/project/description").isBlank());
    }

    /** A descriptor, or where a library that it needs has none, a name in the manifest; the command is a program. */
    @ParameterizedTest
    @MethodSource("published")
    void isAModule(Module module) throws Exception {
        boolean descriptor = Files.exists(module.folder().resolve("src/main/java/module-info.java"));
        boolean name = Files.readString(module.folder().resolve("pom.xml")).contains("<Automatic-Module-Name>");
        boolean program = "skald".equals(module.value("/project/artifactId"));
        assertTrue(descriptor || name || program, module::toString);
    }
}
