package dev.skald.kernels.jit;

import dev.skald.kernels.platform.Kernels;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Every method that computes with vectors, found in the classes themselves. */
final class KernelMethods {
    /**
     * A method.
     *
     * @param method itself
     * @param vectorCalls the number of calls of the Vector API in its bytecode, all of which are inlined
     * @param loops where its loops begin
     */
    record KernelMethod(Method method, int vectorCalls, List<Integer> loops) {
        String name() {
            return method.getDeclaringClass().getSimpleName() + "::" + method.getName();
        }
    }

    private KernelMethods() {}

    static List<KernelMethod> all() throws IOException, URISyntaxException, ReflectiveOperationException {
        Path root = Path.of(Kernels.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<KernelMethod> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root.resolve("dev/skald/kernels"))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
                ClassModel model = ClassFile.of().parse(file);
                Class<?> type = Class.forName(model.thisClass().asInternalName().replace('/', '.'));
                for (MethodModel method : model.methods()) {
                    if (method.code().isPresent()) {
                        add(type, method, method.code().get(), all);
                    }
                }
            }
        }
        return all;
    }

    private static void add(Class<?> type, MethodModel method, CodeModel code, List<KernelMethod> all) {
        int calls = 0;
        Set<Label> seen = new HashSet<>();
        Set<Integer> loops = new TreeSet<>();
        for (CodeElement element : code) {
            switch (element) {
                case LabelTarget target -> seen.add(target.label());
                case BranchInstruction branch
                when seen.contains(branch.target()) -> loops.add(((CodeAttribute) code).labelToBci(branch.target()));
                case InvokeInstruction call
                when call.owner().asInternalName().startsWith("jdk/incubator/vector/") -> calls++;
                default -> {}
            }
        }
        if (calls == 0) {
            return;
        }
        for (Method m : type.getDeclaredMethods()) {
            if (m.getName().equals(method.methodName().stringValue())
                    && java.lang.invoke.MethodType.methodType(m.getReturnType(), m.getParameterTypes())
                            .toMethodDescriptorString()
                            .equals(method.methodType().stringValue())) {
                all.add(new KernelMethod(m, calls, List.copyOf(loops)));
            }
        }
    }
}
