package dev.skald.kernels;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.machine.KernelAddress;
import dev.skald.kernels.machine.Machine;
import dev.skald.kernels.machine.MachineKernels;
import dev.skald.kernels.platform.Kernels;
import dev.skald.kernels.platform.Platform;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What multiplies by weights, the fastest first. */
public enum KernelKind {
    /**
     * Machine code that Java writes when it starts: on x86-64 under Linux, in a JVM that allows native access. Weights are
     * packed for it. Activations are rounded to 16 bits, with a scale for each block of columns.
     */
    MACHINE_CODE,
    /**
     * The Vector API, in a JVM with the module {@code jdk.incubator.vector} and a compiler that knows it. Weights are packed for
     * it.
     */
    VECTOR_API,
    /** Weights as a file has them, decoded row by row: on the Vector API where the JVM has it, else in plain Java. */
    IN_PLACE;

    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    /** Formats of which it was said that machine code is refused. */
    private static final Set<QuantFormat> LOGGED = ConcurrentHashMap.newKeySet();

    /**
     * Whether this JVM has these kernels.
     *
     * @return true if a model can run on them
     */
    public boolean available() {
        return refusal().isEmpty();
    }

    /**
     * Why this JVM does not have these kernels.
     *
     * @return a clause for people; empty where it has them
     */
    public Optional<String> refusal() {
        return switch (this) {
            case MACHINE_CODE -> Machine.refusal();
            case VECTOR_API -> Platform.vectorRefusal();
            case IN_PLACE -> Optional.empty();
        };
    }

    /**
     * Why these kernels cannot multiply by weights of a format here. Each format's kernels of machine code are tried before
     * they are used for the first time in a process: they must give what plain Java gives, to the bit, and be faster. That
     * takes some hundredths of a second. One that fails is logged.
     *
     * @param format of the weights
     * @return a clause for people; empty where they can
     */
    public Optional<String> refusal(QuantFormat format) {
        if (this != MACHINE_CODE || !available()) {
            return refusal();
        }
        Optional<String> refusal = Machine.kernels().orElseThrow().refusal(format.packing());
        if (refusal.isPresent() && LOGGED.add(format)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "weights of {0} are not multiplied by machine code: {1}",
                    format,
                    refusal.get());
        }
        return refusal;
    }

    /**
     * What multiplies by weights of a format where these kernels are chosen.
     *
     * @param format of the weights
     * @return these, unless they are {@linkplain #refusal(QuantFormat) refused}: then the next that are not
     */
    public KernelKind of(QuantFormat format) {
        return Arrays.stream(values())
                .skip(ordinal())
                .filter(kind -> kind.refusal(format).isEmpty())
                .findFirst()
                .orElseThrow();
    }

    /**
     * What would change a {@link #refusal()}.
     *
     * @return a flag of the JVM; empty where none helps
     */
    public Optional<String> remedy() {
        return switch (this) {
            case MACHINE_CODE -> Machine.remedy();
            case VECTOR_API -> Platform.vectorRemedy();
            case IN_PLACE -> Optional.empty();
        };
    }

    /**
     * What runs, for people.
     *
     * @return such as "machine code, AVX2"
     */
    public String description() {
        return switch (this) {
            case MACHINE_CODE ->
                Machine.kernels().map(MachineKernels::description).orElse("no machine code");
            case VECTOR_API, IN_PLACE -> Kernels.BEST.description();
        };
    }

    /**
     * Where machine code is, so that the address of a crash can be told. Kernels are made as models are opened.
     *
     * @return a line for each kernel that was made so far in this process: first byte, behind the last, name
     */
    public static List<String> addresses() {
        return Machine.code().stream().map(KernelAddress::toString).toList();
    }

    /**
     * The fastest that this JVM has.
     *
     * @return the first that is {@link #available()}
     */
    public static KernelKind best() {
        return Arrays.stream(values()).filter(KernelKind::available).findFirst().orElseThrow();
    }

    /**
     * The fastest of those that compute in float32 with exact scales.
     *
     * @return the first that is {@link #available()}, but machine code
     */
    public static KernelKind bestExact() {
        return VECTOR_API.available() ? VECTOR_API : IN_PLACE;
    }
}
