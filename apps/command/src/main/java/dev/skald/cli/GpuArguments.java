package dev.skald.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of llama.cpp for GPUs, which have no effect here. */
final class GpuArguments {
    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-ngl", "--gpu-layers", "--n-gpu-layers"},
            order = Order.EXPERT,
            paramLabel = "N",
            description = "Accepted, as llama.cpp has it, and without effect: Skald computes on the CPU only.")
    private String layers;

    /** Says that the option has no effect, if it was given. */
    void warn() {
        if (layers != null) {
            command.commandLine().getErr().println("skald: -ngl has no effect: Skald computes on the CPU only");
        }
    }
}
