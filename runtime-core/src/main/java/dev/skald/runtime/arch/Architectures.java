package dev.skald.runtime.arch;

import dev.skald.gguf.GgufFile;
import dev.skald.kernels.ops.Rope.Pairing;
import dev.skald.runtime.error.UnsupportedModelException;
import java.util.List;

/** The registry of architectures: adding one is a class and a line here. */
public final class Architectures {
    private static final List<Architecture> ALL = List.of(
            new LlamaArchitecture("llama", Pairing.ADJACENT),
            new LlamaArchitecture("granite", Pairing.ADJACENT),
            new LlamaArchitecture("qwen2", Pairing.HALVES),
            new LlamaArchitecture("qwen3", Pairing.HALVES));

    private Architectures() {}

    /** The names of all architectures. */
    public static List<String> names() {
        return ALL.stream().map(Architecture::name).toList();
    }

    /** The architecture that a file names. */
    public static Architecture of(GgufFile file) {
        String name = file.metadata().getString("general.architecture");
        return ALL.stream()
                .filter(a -> a.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UnsupportedModelException(file.path() + ": the architecture " + name
                        + " is not supported; Skald runs " + names() + ": use a model of one of these"));
    }
}
