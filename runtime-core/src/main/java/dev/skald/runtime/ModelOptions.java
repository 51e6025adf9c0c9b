package dev.skald.runtime;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.check.Checks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleConsumer;

/** How a model is opened. Every setting has a default. */
public final class ModelOptions {
    private int threads = Runtime.getRuntime().availableProcessors();
    private int batchSize = 264;
    private String preTokenizer;
    private Boolean packed;
    private KernelKind kernels;
    private int activationBits = 16;
    private boolean exact;
    private boolean warmUp = true;
    private KvFormat cacheType;
    private DoubleConsumer progress = share -> {};
    private final List<AdapterFile> adapters = new ArrayList<>();

    /**
     * An adapter to open with the model.
     *
     * @param scale a factor on what it adds
     */
    record AdapterFile(Path file, float scale) {}

    ModelOptions() {}

    /**
     * How many threads compute. By default as many as there are processors.
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
     * How many tokens are computed together at most; a longer prompt is cut into pieces. By default 264, 22 times the 12
     * tokens that are multiplied side by side. More cost work space.
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
     * The pre-tokenizer of a BPE vocabulary, in place of the one that the file names or leaves out.
     *
     * @param name such as {@code llama-bpe}; null for the file's
     * @return this
     */
    public ModelOptions preTokenizer(String name) {
        preTokenizer = name;
        return this;
    }

    /**
     * Whether weights are packed for the kernels as the model is opened. Packed, they multiply several times faster
     * and take some 0 to 4 percent more memory than in the file, outside the Java heap; in place, a model opens at once
     * and the operating system keeps of the file what it has room for. By default they are packed when the JVM has
     * kernels for that and the file is no larger than three quarters of the machine's memory.
     *
     * @param value true to pack wherever the JVM has kernels for it, false to use weights in place
     * @return this
     */
    public ModelOptions packed(boolean value) {
        packed = value;
        return this;
    }

    /**
     * What multiplies by the weights. By default {@linkplain KernelKind#best() the fastest} that this JVM has, and {@linkplain
     * KernelKind#bestExact() the fastest that does not round} for an {@linkplain #exact exact} model. Kernels of machine code are
     * tried first, format by format: where one gives something else than plain Java, or is slower, the weights of that format
     * get the {@linkplain KernelKind#of next kernels}. That is logged, and {@link Model#diagnostics()} says so.
     *
     * @param kind the kernels; null for the default
     * @return this
     * @throws IllegalArgumentException if this JVM does not have them; the message says what would change that
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
     * To how many bits machine code rounds what weights are multiplied by, with a scale for each block of columns. By default 16.
     * With 8, which is what other programs do, prompts take down to half the time, and results are rounded 256 times as much.
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
     * Who is told how far opening has come: from the thread that opens, some hundred times, numbers up to 1.
     *
     * @param listener gets the share of the file that has been read
     * @return this
     */
    public ModelOptions progress(DoubleConsumer listener) {
        progress = Objects.requireNonNull(listener);
        return this;
    }

    /**
     * Whether to compute in float32 with exact scales only, and to leave out every path that rounds more for speed or
     * memory. Such paths lose less than the 8-bit activations of other programs do, and {@link Model#diagnostics()} names
     * those in use. Single tokens take longer then: they are multiplied as those of prompts are. By default false.
     *
     * @param value true for no approximation
     * @return this
     */
    public ModelOptions exact(boolean value) {
        exact = value;
        return this;
    }

    /**
     * Whether opening a model also has the JVM compile the kernels it needs, on a thread of its own that ends before the
     * model is open: the first tokens then wait less for the JVM's compilers. Takes up to three seconds in a fresh JVM, most
     * of them while the file is read; some milliseconds where those kernels have run before; and is left out for files
     * below 64 MiB. By default true.
     *
     * @param value false to let the first tokens do it
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
     * How the model's sessions keep keys and values, unless a session says otherwise. By default in half precision, F16:
     * half the memory, read in half the time, and rounded to 11 bits, with what is beyond 65,504 held there. {@link
     * KvFormat#Q8_0} halves both again. An
     * {@linkplain #exact exact} model keeps them in float32.
     *
     * @param format how
     * @return this
     */
    public ModelOptions cacheType(KvFormat format) {
        cacheType = Objects.requireNonNull(format);
        return this;
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
