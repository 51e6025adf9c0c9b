package dev.skald.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What people coming from llama.cpp type, which has nothing to do here. */
final class GpuArguments {
    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-ngl", "--gpu-layers", "--n-gpu-layers"},
            order = Order.EXPERT,
            paramLabel = "N",
            description = "Accepted, as llama.cpp has it, and without effect: Skald computes on the CPU only.")
    private String layers;

    /** Says that it has no effect, if it was given. */
    void warn() {
        if (layers != null) {
            command.commandLine().getErr().println("skald: -ngl has no effect: Skald computes on the CPU only");
        }
    }
}
