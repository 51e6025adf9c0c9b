package dev.skald.runtime;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.check.Checks;
import dev.skald.runtime.event.ModelListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleConsumer;

/** Options for opening a model. Every option has a default. */
public final class ModelOptions {
    /** What is kept by default of texts that were read, where the machine has plenty of memory. */
    private static final long MOST_PREFIXES = 1L << 30;

    private int threads = Runtime.getRuntime().availableProcessors();
    private int batchSize = 264;
    private String preTokenizer;
    private Boolean packed;
    private KernelKind kernels;
    private int activationBits = 16;
    private boolean exact;
    private boolean warmUp = true;
    private KvFormat cacheType;
    private long prefixCache = Math.min(MOST_PREFIXES, Runtime.getRuntime().maxMemory() / 2);
    private DoubleConsumer progress = share -> {};
    private ModelListener listener;
    private final List<AdapterFile> adapters = new ArrayList<>();

    /**
     * An adapter to open with the model.
     *
     * @param scale a factor on what it adds
     */
    record AdapterFile(Path file, float scale) {}

    ModelOptions() {}

    /**
     * Sets the number of threads that compute. The default is the number of processors.
     *
     * @param count 1 to 1024
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ModelOptions threads(int count) {
        threads = Checks.range("threads", count, 1, 1024);
        return this;
    }

    /**
     * Sets how many tokens are computed together at most; a longer prompt is cut into pieces. The default is 264, which
     * is 44 times the 6 tokens that kernels multiply side by side. A larger batch takes more memory.
     *
     * @param tokens 1 to 65536
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ModelOptions batchSize(int tokens) {
        batchSize = Checks.range("batchSize", tokens, 1, 65536);
        return this;
    }

    /**
     * Sets the pre-tokenizer of a BPE vocabulary, for files that name none or an unknown one.
     *
     * @param name such as {@code llama-bpe}; null for the one that the file names
     * @return this
     */
    public ModelOptions preTokenizer(String name) {
        preTokenizer = name;
        return this;
    }

    /**
     * Sets whether weights are packed for the kernels when the model is opened. Packed weights multiply several times
     * faster and take 0 to 4 percent more memory than in the file, outside the Java heap. In place, a model opens at
     * once, and the operating system keeps as much of the file in memory as fits. By default, weights are packed if the
     * JVM has kernels for packed weights and the file is no larger than three quarters of the machine's memory.
     *
     * @param value true to pack wherever the JVM has kernels for packed weights, false to use weights in place
     * @return this
     */
    public ModelOptions packed(boolean value) {
        packed = value;
        return this;
    }

    /**
     * Sets the kernels that multiply with the weights. The default is {@linkplain KernelKind#best() the fastest} that
     * this JVM has; for an {@linkplain #exact exact} model it is {@linkplain KernelKind#bestExact() the fastest that
     * does not round}. Machine code is tested for each format before it is used: if its result differs from plain
     * Java's, or if it is slower, weights of that format use the {@linkplain KernelKind#of next kernels}. This is
     * logged and shown by {@link Model#diagnostics()}.
     *
     * @param kind the kernels; null for the default
     * @return this
     * @throws IllegalArgumentException if this JVM does not have these kernels; the message says which flag would
     *     change that
     */
    public ModelOptions kernels(KernelKind kind) {
        if (kind != null && !kind.available()) {
            throw new IllegalArgumentException("no " + kind + " kernels: "
                    + kind.refusal().orElseThrow()
                    + kind.remedy().map(flag -> "; start the JVM with " + flag).orElse(""));
        }
        kernels = kind;
        return this;
    }

    /**
     * Sets to how many bits machine code rounds activations, with a scale for each block of columns. The default is 16.
     * With 8 bits, as in other programs, prompts take down to half the time, and the rounding is 256 times as coarse.
     *
     * @param bits 8 or 16
     * @return this
     * @throws IllegalArgumentException if it is another number
     */
    public ModelOptions activationBits(int bits) {
        if (bits != 8 && bits != 16) {
            throw new IllegalArgumentException("activationBits is 8 or 16, not " + bits);
        }
        activationBits = bits;
        return this;
    }

    /**
     * Sets a listener for the progress of opening. The thread that opens the model calls it about a hundred times, with
     * numbers up to 1.
     *
     * @param listener receives the share of the file that has been read
     * @return this
     */
    public ModelOptions progress(DoubleConsumer listener) {
        progress = Objects.requireNonNull(listener);
        return this;
    }

    /**
     * Sets a listener for what the model does: metrics and logs are made from it. The default is none.
     *
     * @param receiver hears of the opening, of prompts, generations and batches
     * @return this
     */
    public ModelOptions listener(ModelListener receiver) {
        listener = Objects.requireNonNull(receiver);
        return this;
    }

    /** Null for none. */
    ModelListener listener() {
        return listener;
    }

    /**
     * Sets whether to compute only in float32 with exact scales, without any path that rounds more to save time or
     * memory. These paths lose less than the 8-bit activations of other programs do, and {@link Model#diagnostics()}
     * names the ones in use. An exact model takes longer for single tokens, because it multiplies them the way it
     * multiplies prompts. The default is false.
     *
     * @param value true to compute without approximations
     * @return this
     */
    public ModelOptions exact(boolean value) {
        exact = value;
        return this;
    }

    /**
     * Sets whether opening a model also makes the JVM compile the kernels, so that the first tokens come sooner. This
     * runs on a separate thread that ends before the model is open. It takes up to three seconds in a fresh JVM, mostly
     * while the file is read, and a few milliseconds if the kernels have run before. Files below 64 MiB are opened
     * without it. The default is true.
     *
     * @param value false to compile kernels only when the first tokens need them
     * @return this
     */
    public ModelOptions warmUp(boolean value) {
        warmUp = value;
        return this;
    }

    boolean warmsUp(long fileBytes) {
        return warmUp && fileBytes >= WarmUp.SMALLEST_FILE;
    }

    /**
     * Sets how sessions store keys and values, unless a session sets its own format. The default is half precision,
     * F16: compared with float32 it takes half the memory and half the time to read, rounds to 11 bits, and clamps
     * values at 65,504. {@link KvFormat#Q8_0} halves memory and reading time again. An {@linkplain #exact exact} model
     * uses float32.
     *
     * @param format the format
     * @return this
     */
    public ModelOptions cacheType(KvFormat format) {
        cacheType = Objects.requireNonNull(format);
        return this;
    }

    /**
     * How much memory, outside the Java heap, may be taken by what the model remembers of texts that have ended. A session, chat
     * or single call whose text begins as one of them, as conversations do that are sent whole each time, and questions with
     * the same instructions, goes on from there and computes only the rest; {@link
     * dev.skald.runtime.generate.GenerationResult#cachedTokens} counts what it has so. Texts have the same beginning as far as their
     * tokens are the same. What was not used longest goes first. No result depends on it.
     *
     * <p>Where a single token is multiplied by other kernels than a prompt's are, and so rounded otherwise, only what was read as a
     * prompt is taken for one: this is so for kernels of the Vector API, and not for machine code. Answers, which were generated
     * token by token, are then read once more when they come back in a prompt.
     *
     * <p>By default half of the Java heap's largest size, and at most 1 GiB.
     *
     * @param bytes how many; 0 for nothing
     * @return this
     * @throws IllegalArgumentException if negative
     */
    public ModelOptions prefixCache(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("prefixCache must be 0 bytes or more, not " + bytes);
        }
        prefixCache = bytes;
        return this;
    }

    long prefixCache() {
        return prefixCache;
    }

    /** What was asked for; what suits the model if nothing was. */
    KvFormat cacheType() {
        if (cacheType == null) {
            return exact ? KvFormat.F32 : KvFormat.F16;
        }
        return Checks.exactCache(exact, cacheType);
    }

    /** The kernels to use, if weights may be packed for them. */
    KernelKind kernels() {
        if (exact && kernels == KernelKind.MACHINE_CODE) {
            throw new IllegalArgumentException(
                    "exact computes in float32 throughout, and machine code rounds activations");
        }
        if (kernels != null) {
            return kernels;
        }
        return exact ? KernelKind.bestExact() : KernelKind.best();
    }

    /** Those of weights that are multiplied so; fewer than usual are refused where they would have no effect. */
    int activationBits(KernelKind used) {
        if (activationBits == 8 && used != KernelKind.MACHINE_CODE) {
            throw new IllegalArgumentException("activationBits of 8 need machine code, and the model runs on " + used
                    + KernelKind.MACHINE_CODE.refusal().map(why -> ": " + why).orElse(""));
        }
        return activationBits;
    }

    ModelDiagnostics.WeightStorage weights(long fileBytes) {
        if (packed != null && !packed || kernels == KernelKind.IN_PLACE) {
            return ModelDiagnostics.WeightStorage.IN_PLACE_AS_ASKED;
        }
        if (kernels() == KernelKind.IN_PLACE) {
            return ModelDiagnostics.WeightStorage.IN_PLACE_FOR_LACK_OF_KERNELS;
        }
        return packed != null || Memory.holds(fileBytes, 3, 4)
                ? ModelDiagnostics.WeightStorage.PACKED
                : ModelDiagnostics.WeightStorage.IN_PLACE_FOR_LACK_OF_MEMORY;
    }

    /**
     * A LoRA adapter that is opened with the model, and closed with it: the model's sessions compute with it, beside those named
     * before, unless they say otherwise. See {@link Model#openAdapter} for adapters that only some sessions have.
     *
     * @param file a GGUF file
     * @param scale a factor on what it adds; 1 as it was trained
     * @return this
     * @throws IllegalArgumentException if the scale is no finite number
     */
    public ModelOptions adapter(Path file, double scale) {
        if (!Float.isFinite((float) scale)) {
            throw new IllegalArgumentException("the scale of an adapter is a finite number, not " + scale);
        }
        adapters.add(new AdapterFile(Objects.requireNonNull(file), (float) scale));
        return this;
    }

    List<AdapterFile> adapters() {
        return adapters;
    }

    boolean exact() {
        return exact;
    }

    DoubleConsumer progress() {
        return progress;
    }

    int threads() {
        return threads;
    }

    int batchSize() {
        return batchSize;
    }

    String preTokenizer() {
        return preTokenizer;
    }
}
