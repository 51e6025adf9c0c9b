package dev.skald.runtime;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The packages of the three library modules are a tree: arrows go only downward. */
class PackagesTest {
    private static final String RUNTIME = "dev.skald.runtime";

    /** From the bottom to the top: a package may use those before it, and GGUF and kernels. */
    private static final List<String> ORDER = List.of(
            RUNTIME + ".error",
            RUNTIME + ".check",
            RUNTIME + ".calibration",
            RUNTIME + ".embed",
            RUNTIME + ".json",
            RUNTIME + ".jinja",
            RUNTIME + ".tokenizer",
            RUNTIME + ".io",
            RUNTIME + ".sampling",
            RUNTIME + ".automaton",
            RUNTIME + ".schema",
            RUNTIME + ".grammar",
            RUNTIME + ".record",
            RUNTIME + ".state",
            RUNTIME + ".layer",
            RUNTIME + ".arch",
            RUNTIME + ".engine",
            RUNTIME + ".pooling",
            RUNTIME + ".generate",
            RUNTIME + ".event",
            RUNTIME + ".watch",
            RUNTIME + ".session",
            RUNTIME + ".chat",
            RUNTIME + ".conversation",
            RUNTIME,
            RUNTIME + ".measure",
            RUNTIME + ".convert",
            RUNTIME + ".quantize");

    private static final String KERNELS = "dev.skald.kernels";

    /** From the bottom to the top. */
    private static final List<String> KERNEL_ORDER = List.of(
            KERNELS + ".platform",
            KERNELS + ".encode",
            KERNELS + ".pack",
            KERNELS + ".format",
            KERNELS + ".machine",
            KERNELS,
            KERNELS + ".product",
            KERNELS + ".attention");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.skald.gguf", "dev.skald.kernels", RUNTIME);

    private static final SliceAssignment EACH_PACKAGE = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "each package";
        }
    };

    @Test
    void noPackagesUseEachOther() {
        slices().assignedFrom(EACH_PACKAGE).should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void modulesUseOnlyThoseBelow() {
        TreeSet<String> wrong = new TreeSet<>();
        for (JavaClass user : CLASSES) {
            for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
                if (module(dependency.getTargetClass()) > module(user)) {
                    wrong.add(dependency.getDescription());
                }
            }
        }
        assertEquals(List.of(), List.copyOf(wrong));
    }

    @Test
    void arrowsOfTheRuntimeGoDownward() {
        assertEquals(List.of(), upward(RUNTIME, ORDER));
    }

    @Test
    void arrowsOfTheKernelsGoDownward() {
        assertEquals(List.of(), upward(KERNELS, KERNEL_ORDER));
    }

    /** Returns the uses among packages of a module that go upward in an order. */
    private static List<String> upward(String module, List<String> order) {
        TreeSet<String> wrong = new TreeSet<>();
        for (JavaClass user : CLASSES) {
            if (user.getPackageName().startsWith(module)) {
                for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
                    String used = dependency.getTargetClass().getPackageName();
                    if (used.startsWith(module) && place(used, order) > place(user.getPackageName(), order)) {
                        wrong.add(dependency.getDescription());
                    }
                }
            }
        }
        return List.copyOf(wrong);
    }

    private static int place(String name, List<String> order) {
        int place = order.indexOf(name);
        if (place < 0) {
            throw new AssertionError("give " + name + " its place in the order");
        }
        return place;
    }

    /** 0 for GGUF, 1 for kernels, 2 for the runtime, and the JDK below all. */
    private static int module(JavaClass type) {
        return List.of("dev.skald.gguf", "dev.skald.kernels", RUNTIME)
                .indexOf(type.getPackageName().replaceFirst("^(dev\\.skald\\.\\w+).*", "$1"));
    }
}
