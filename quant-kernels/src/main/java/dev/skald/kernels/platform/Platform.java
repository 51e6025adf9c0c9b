package dev.skald.kernels.platform;

import java.lang.module.ModuleFinder;
import java.util.Optional;

/** The Vector API on this JVM. This is the only place that decides whether it is used. */
public final class Platform {
    /** The module of the Vector API. */
    private static final String MODULE = "jdk.incubator.vector";

    private static final Optional<Refusal> REFUSAL = refusal(Jvm.here());

    private Platform() {}

    /**
     * Why vectors are not used.
     *
     * @param why a clause for people
     * @param remedy the flag of the JVM that would change it, or null
     */
    record Refusal(String why, String remedy) {}

    /**
     * A JVM, as its system properties describe it.
     *
     * @param hasModule whether it has the module of the Vector API
     * @param imageHasModule whether it could have the module; an image made by jlink has only the requested modules
     * @param name the virtual machine: {@code java.vm.name}
     * @param mode how it runs: {@code java.vm.info}
     * @param vendor its maker and version: {@code java.vendor.version}
     */
    record Jvm(boolean hasModule, boolean imageHasModule, String name, String mode, String vendor) {
        static Jvm here() {
            return new Jvm(
                    ModuleLayer.boot().findModule(MODULE).isPresent(),
                    ModuleFinder.ofSystem().find(MODULE).isPresent(),
                    System.getProperty("java.vm.name", ""),
                    System.getProperty("java.vm.info", ""),
                    System.getProperty("java.vendor.version", ""));
        }

        /** HotSpot with C2; its smaller variants and other virtual machines have other names. */
        private boolean isHotSpot() {
            return name.matches("(OpenJDK|Java HotSpot\\(TM\\)) .*Server VM");
        }
    }

    /** Returns why the kernels do not run on the Vector API; empty if they do. */
    public static Optional<String> vectorRefusal() {
        return REFUSAL.map(Refusal::why);
    }

    /** Returns the JVM flag that would change it; empty if there is none. */
    public static Optional<String> vectorRemedy() {
        return REFUSAL.flatMap(refusal -> Optional.ofNullable(refusal.remedy));
    }

    /**
     * Only some compilers support the Vector API: C2, and Graal in Oracle's distribution. With any other, each vector is an
     * object, which is some hundred times slower than plain loops.
     */
    static Optional<Refusal> refusal(Jvm jvm) {
        if (!jvm.isHotSpot()) {
            return Optional.of(new Refusal("nothing is known of vectors in a JVM like " + jvm.name, null));
        }
        if (jvm.mode.contains("interpreted")) {
            return Optional.of(new Refusal("this JVM compiles nothing", "-Xmixed"));
        }
        if (jvm.mode.contains("emulated-client")) {
            return Optional.of(new Refusal("this JVM does not use its optimizing compiler", "-XX:TieredStopAtLevel=4"));
        }
        if (jvm.vendor.startsWith("GraalVM")) {
            return Optional.of(
                    new Refusal("the compiler of GraalVM Community has no vectors", "-XX:-UseJVMCICompiler"));
        }
        if (!jvm.hasModule && !jvm.imageHasModule) {
            return Optional.of(new Refusal(
                    "this Java has no module " + MODULE + "; if it is a jlink image, build it again with --add-modules "
                            + MODULE,
                    null));
        }
        if (!jvm.hasModule) {
            return Optional.of(new Refusal("the JVM runs without the module " + MODULE, "--add-modules=" + MODULE));
        }
        return Optional.empty();
    }
}
