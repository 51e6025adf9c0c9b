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

/** The kinds of kernels that multiply with weights, the fastest first. */
public enum KernelKind {
    /**
     * Machine code that Skald writes at run time: on x86-64 under Linux, in a JVM that allows native access. Weights
     * are packed for it. Activations are rounded to 16 bits, with a scale for each block of columns.
     */
    MACHINE_CODE,
    /**
     * The Vector API, in a JVM with the module {@code jdk.incubator.vector} and a compiler that supports it. Weights
     * are packed for it.
     */
    VECTOR_API,
    /**
     * Weights in the file's own order, decoded row by row: with the Vector API if the JVM has it, otherwise in plain
     * Java.
     */
    IN_PLACE;

    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    /** Formats of which it was said that machine code is refused. */
    private static final Set<QuantFormat> LOGGED = ConcurrentHashMap.newKeySet();

    /**
     * Returns whether this JVM has these kernels.
     *
     * @return true if a model can run on them
     */
    public boolean available() {
        return refusal().isEmpty();
    }

    /**
     * Returns why this JVM does not have these kernels.
     *
     * @return part of a sentence; empty where it has them
     */
    public Optional<String> refusal() {
        return switch (this) {
            case MACHINE_CODE -> Machine.refusal();
            case VECTOR_API -> Platform.vectorRefusal();
            case IN_PLACE -> Optional.empty();
        };
    }

    /**
     * Returns why these kernels cannot multiply with weights of a format here. Machine code is tested for each format
     * before it is used for the first time in a process: its result must be the same as plain Java's, to the bit, and
     * it must be faster. The test takes some hundredths of a second. A failure is logged.
     *
     * @param format the format of the weights
     * @return part of a sentence; empty where they can
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
     * Returns the kernels that multiply with weights of a format if these kernels are chosen.
     *
     * @param format the format of the weights
     * @return these kernels, unless they are {@linkplain #refusal(QuantFormat) refused}; then the next kind that is not
     */
    public KernelKind of(QuantFormat format) {
        return Arrays.stream(values())
                .skip(ordinal())
                .filter(kind -> kind.refusal(format).isEmpty())
                .findFirst()
                .orElseThrow();
    }

    /**
     * Returns what would change a {@link #refusal()}.
     *
     * @return a flag of the JVM; empty if none helps
     */
    public Optional<String> remedy() {
        return switch (this) {
            case MACHINE_CODE -> Machine.remedy();
            case VECTOR_API -> Platform.vectorRemedy();
            case IN_PLACE -> Optional.empty();
        };
    }

    /**
     * Returns a description of the kernels.
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
     * Returns where machine code is in memory, to explain the address of a crash. Kernels are created when models are
     * opened.
     *
     * @return one line for each kernel in this process: address of the first byte, address after the last byte, name
     */
    public static List<String> addresses() {
        return Machine.code().stream().map(KernelAddress::toString).toList();
    }

    /**
     * Returns the fastest kind that this JVM has.
     *
     * @return the first that is {@link #available()}
     */
    public static KernelKind best() {
        return Arrays.stream(values()).filter(KernelKind::available).findFirst().orElseThrow();
    }

    /**
     * Returns the fastest kind that computes in float32 with exact scales.
     *
     * @return the first that is {@link #available()}, except machine code
     */
    public static KernelKind bestExact() {
        return VECTOR_API.available() ? VECTOR_API : IN_PLACE;
    }
}
