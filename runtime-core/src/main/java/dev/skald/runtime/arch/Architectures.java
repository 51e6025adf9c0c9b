package dev.skald.runtime.arch;

import dev.skald.gguf.GgufFile;
import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.layer.Weights;
import java.util.List;

/** The registry of architectures. To add one, add a class and a line here. */
public final class Architectures {
    private static final List<Architecture> ALL = List.of(
            new Architecture("llama", in -> Llama.read(in, Pairing.ADJACENT)),
            new Architecture("granite", Llama::granite),
            new Architecture("granitemoe", Llama::granite),
            new Architecture("internlm2", in -> Llama.read(in, Pairing.ADJACENT)),
            new Architecture("smollm3", Llama::smolLm3),
            new Architecture("mistral3", Mistral3::read),
            new Architecture("qwen2", in -> Llama.read(in, Pairing.HALVES)),
            new Architecture("qwen2moe", Qwen2Moe::read),
            new Architecture("qwen3", Llama::qwen3),
            new Architecture("qwen3moe", Llama::qwen3),
            Architecture.onVectors("gemma", Gemma::first),
            Architecture.onVectors("gemma2", Gemma::second),
            Architecture.onVectors("gemma3", Gemma::third),
            Architecture.onVectors("gemma-embedding", Gemma::embedding),
            Architecture.onVectors("deepseek2", DeepSeek2::read),
            Architecture.onVectors("gpt-oss", GptOss::read),
            new Architecture("phi3", Phi3::read),
            new Architecture("olmo2", Olmo2::read),
            new Architecture("exaone4", Exaone4::read),
            new Architecture("glm4", Glm4::read),
            new Architecture("command-r", Cohere::commandR),
            new Architecture("cohere2", Cohere::second),
            new Architecture("stablelm", StableLm::read),
            Architecture.onVectors("starcoder2", StarCoder2::read),
            Architecture.onVectors("lfm2", Lfm2::read),
            Architecture.onVectors("qwen35", Qwen35::read),
            Architecture.onVectors("qwen35moe", Qwen35::withExperts),
            Architecture.onVectors("bert", Bert::read),
            Architecture.onVectors("nomic-bert", Bert::nomic),
            Architecture.onVectors("jina-bert-v2", Bert::jina));

    /** Enough for several groups of rows on any machine. */
    private static final int SAMPLE_TOKENS = 128;

    private Architectures() {}

    /** Returns the names of all architectures. */
    public static List<String> names() {
        return ALL.stream().map(Architecture::name).toList();
    }

    /**
     * Returns whether a file's network is much slower without the Vector API, even where there is machine code.
     *
     * @throws UnsupportedModelException if its architecture is not in the registry
     */
    public static boolean wantsVectors(GgufFile file) {
        return of(file).wantsVectors();
    }

    /**
     * Checks that a file's architecture is in the registry.
     *
     * @throws UnsupportedModelException if it is not, or if the file is an adapter
     */
    public static void check(GgufFile file) {
        if (file.metadata().getString("general.type", "model").equals("adapter")) {
            throw new UnsupportedModelException(
                    file.path() + ": is an adapter and no model by itself: open the model that it"
                            + " was made for, and this file with the option lora");
        }
        of(file);
    }

    /**
     * Reads a network. The file and the packer must stay open as long as the network is used.
     *
     * @throws dev.skald.gguf.GgufFormatException if the file contradicts itself or something is missing
     * @throws UnsupportedModelException if the file needs something that Skald does not support
     */
    public static Network open(Weights weights, int vocabularySize) {
        Architecture architecture = of(weights.file());
        Keys keys = keys(architecture, weights.file());
        // First without packing, so that a contradiction is reported at once and not after a minute's work.
        Reader first = new Reader(keys, weights, vocabularySize);
        read(architecture, first);
        first.checkAllUsed(architecture.name());
        return read(architecture, new Reader(keys, weights.packed(), vocabularySize));
    }

    /**
     * Reads a small network that runs the same code as the network of {@link #open}: the tensors have the formats of the
     * file's, and heads have their size. Its results mean nothing.
     *
     * @throws RuntimeException as {@link #open}, or if the file's tensors are smaller still
     */
    public static Network sample(Weights weights) {
        Architecture architecture = of(weights.file());
        Keys keys = keys(architecture, weights.file());
        Weights small = weights.sample();
        read(architecture, Reader.sample(keys, small, SAMPLE_TOKENS));
        return read(architecture, Reader.sample(keys, small.packed(), SAMPLE_TOKENS));
    }

    private static Network read(Architecture architecture, Reader in) {
        return in.network(architecture.read().apply(in));
    }

    private static Keys keys(Architecture architecture, GgufFile file) {
        return new Keys(file, architecture.name() + ".");
    }

    private static Architecture of(GgufFile file) {
        String name = file.metadata().getString("general.architecture");
        return ALL.stream()
                .filter(a -> a.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UnsupportedModelException(file.path() + ": the architecture " + name
                        + " is not supported; Skald runs " + names() + ": use a model of one of these"));
    }
}
