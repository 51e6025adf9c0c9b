package dev.skald.bench;

/** What distinguishes a family's files. The names of keys and tensors are those of llama.cpp's converter. */
public enum Family {
    /** Llama, Mistral and NorMistral. */
    LLAMA("llama"),
    /** Gemma 3: norms before and after each part, and of queries and keys; a window in five of six layers. */
    GEMMA3("gemma3"),
    /** Qwen 3: norms of queries and keys. */
    QWEN3("qwen3"),
    /** Qwen 3 with experts. */
    QWEN3MOE("qwen3moe"),
    /** gpt-oss: biases, sinks, experts, a window in every second layer. */
    GPT_OSS("gpt-oss"),
    /** Phi 3 and 3.5: fused matrices, and factors of the rotary angles for short and long texts. */
    PHI3("phi3"),
    /** Encoders: biases, layer norms, a row for each position. */
    BERT("bert");

    private final String architecture;

    Family(String architecture) {
        this.architecture = architecture;
    }

    /**
     * Returns its name in files.
     *
     * @return the value of {@code general.architecture}
     */
    public String architecture() {
        return architecture;
    }
}
