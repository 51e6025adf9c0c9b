package dev.skald.bench.jmh;

/** The flags of the forked JVMs: those of the {@code skald} command. */
final class JvmFlags {
    static final String LENIENT = "-XX:+IgnoreUnrecognizedVMOptions";
    static final String VECTORS = "--add-modules=jdk.incubator.vector";
    static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";
    static final String HUGE_PAGES = "-XX:+UseTransparentHugePages";
    static final String HEAP = "-Xmx4g";

    private JvmFlags() {}
}
