package dev.skald.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code skald run NAME}: {@code skald chat}, with the model in the first place. */
@Command(
        name = "run",
        description =
                "Talk with a model, which is downloaded if it is not there. The model stands first; everything else is as"
                        + " in skald chat.",
        footer = {"", "Example: skald run NbAiLab/borealis-4b-instruct-preview-gguf:Q4_K_M"},
        modelTransformer = RunCommand.ModelFirst.class)
final class RunCommand extends ChatCommand {
    RunCommand(Streams streams) {
        super(streams);
    }

    /** Makes the model's option the first parameter, and moves the text behind it. */
    static final class ModelFirst implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec spec) {
            OptionSpec model = spec.findOption("-m");
            PositionalParamSpec text = spec.positionalParameters().getFirst();
            spec.remove(model);
            spec.remove(text);
            spec.addPositional(PositionalParamSpec.builder()
                    .index("0")
                    .arity("1")
                    .paramLabel("MODEL")
                    .description("A name on Hugging Face such as org/repo:Q4_K_M, or a GGUF file.")
                    .type(model.type())
                    .converters(model.converters())
                    .getter(model.getter())
                    .setter(model.setter())
                    .build());
            return spec.addPositional(
                    PositionalParamSpec.builder(text).index("1..*").build());
        }
    }
}
