package dev.skald.cli;

import dev.skald.kernels.KernelKind;
import dev.skald.runtime.ModelOptions;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options for the kernels. */
final class KernelArguments {
    /** The kernels, under the command's names. */
    enum Kernels {
        machine(KernelKind.MACHINE_CODE),
        vector(KernelKind.VECTOR_API);

        private final KernelKind kind;

        Kernels(KernelKind kind) {
            this.kind = kind;
        }
    }

    @Option(
            names = "--kernels",
            order = Order.EXPERT,
            paramLabel = "KIND",
            description = "The kernels that multiply: machine (code that skald writes for this processor) or vector"
                    + " (the JVM's Vector API). Default: the fastest available; see `skald diagnose`.")
    private Kernels kernels;

    @Option(
            names = "--activation-bits",
            order = Order.EXPERT,
            paramLabel = "8|16",
            description = "To how many bits machine code rounds activations (default: 16). With 8, prompts take down"
                    + " to half the time, and results are less exact.")
    private Integer activationBits;

    @Option(
            names = "--in-place",
            order = Order.EXPERT,
            description = "Use the file in place: it opens at once, and each token takes longer.")
    private boolean inPlace;

    /** The option that asks for kernels other than machine code; empty for none. */
    Optional<String> withoutMachineCode() {
        return inPlace
                ? Optional.of("--in-place")
                : kernels == Kernels.vector ? Optional.of("--kernels vector") : Optional.empty();
    }

    /**
     * Checks that no option makes another ineffective.
     *
     * @param other an option of the command that excludes machine code; null for none
     * @throws ParameterException if one does
     */
    void check(CommandLine command, String other) {
        if (inPlace && kernels != null) {
            throw new ParameterException(
                    command, "--kernels are for packed weights, and --in-place leaves them as they are");
        }
        Optional<String> without = withoutMachineCode().or(() -> Optional.ofNullable(other));
        if (activationBits != null && without.isPresent()) {
            throw new ParameterException(
                    command, "--activation-bits is for machine code, which " + without.get() + " does without");
        }
    }

    void apply(ModelOptions options) {
        if (kernels != null) {
            options.kernels(kernels.kind);
        }
        if (activationBits != null) {
            options.activationBits(activationBits);
        }
        if (inPlace) {
            options.packed(false);
        }
    }
}
