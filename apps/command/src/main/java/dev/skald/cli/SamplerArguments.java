package dev.skald.cli;

import dev.skald.runtime.sampling.SamplerOptions;
import dev.skald.runtime.sampling.SamplerStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The settings of the sampler that few people need. Names and defaults are llama.cpp's. */
final class SamplerArguments {
    /** An order of steps, as in {@code --samplers}. */
    record Order(List<SamplerStage> stages) {}

    /** Reads an {@link Order}. */
    static final class OrderConverter implements ITypeConverter<Order> {
        @Override
        public Order convert(String value) {
            try {
                return new Order(SamplerStage.parse(value));
            } catch (IllegalArgumentException unknown) {
                throw new TypeConversionException(unknown.getMessage());
            }
        }
    }

    /** A token and the number that is added to its logit. */
    record Bias(int token, float bias) {}

    /** Reads a {@link Bias}. */
    static final class BiasConverter implements ITypeConverter<Bias> {
        @Override
        public Bias convert(String value) {
            int sign = Math.max(value.indexOf('+'), value.indexOf('-'));
            try {
                String bias = value.substring(sign).replace("inf", "Infinity");
                return new Bias(Integer.parseInt(value.substring(0, Math.max(0, sign))), Float.parseFloat(bias));
            } catch (NumberFormatException | StringIndexOutOfBoundsException bad) {
                throw new TypeConversionException(
                        "'" + value + "' is not a token and a bias, such as 15043+1, 15043-0.5 or 15043-inf");
            }
        }
    }

    /** The names of the steps, for the help. */
    static final class StageNames extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        StageNames() {
            for (SamplerStage stage : SamplerStage.values()) {
                add(stage.id());
            }
        }
    }

    @Option(
            names = "--samplers",
            paramLabel = "STEPS",
            converter = OrderConverter.class,
            completionCandidates = StageNames.class,
            description = {
                "Which steps choose a token, in this order, separated by ; or , (default: all but infill and adaptive_p "
                        + "in the order of the list): ${COMPLETION-CANDIDATES}.",
                "A step whose own option is off changes nothing."
            })
    private Order order;

    @Option(
            names = {"--top-n-sigma", "--top-nsigma"},
            paramLabel = "N",
            description = "Sample from tokens whose logit is within N standard deviations of the best (default: off).")
    private Float topNSigma;

    @Option(
            names = {"--typical", "--typical-p"},
            paramLabel = "P",
            description =
                    "Sample from the locally typical tokens that together have this probability " + "(default 1: off).")
    private Float typicalP;

    @Option(
            names = "--xtc-probability",
            paramLabel = "P",
            description = "How often all but the last of the top choices are excluded (default 0: never).")
    private Float xtcProbability;

    @Option(
            names = "--xtc-threshold",
            paramLabel = "P",
            description = "The probability from which a token is a top choice (default 0.1).")
    private Float xtcThreshold;

    @Option(
            names = "--repeat-last-n",
            paramLabel = "N",
            description = "How many of the newest tokens the penalties consider; 0 for none (default 64).")
    private Integer repeatLastN;

    @Option(
            names = "--presence-penalty",
            paramLabel = "R",
            description = "Subtracted from the logit of a token that is among them (default 0).")
    private Float presencePenalty;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "R",
            description = "Subtracted for each time that the token is among them (default 0).")
    private Float frequencyPenalty;

    @Option(
            names = "--dry-multiplier",
            paramLabel = "R",
            description =
                    "Punish a token that continues a repetition of several tokens: 0.8 is usual " + "(default 0: not).")
    private Float dryMultiplier;

    @Option(
            names = "--dry-base",
            paramLabel = "R",
            description = "How much harder with each token of the repetition (default 1.75).")
    private Float dryBase;

    @Option(
            names = "--dry-allowed-length",
            paramLabel = "N",
            description = "From how many repeated tokens on (default 2).")
    private Integer dryAllowedLength;

    @Option(
            names = "--dry-penalty-last-n",
            paramLabel = "N",
            description = "How many of the newest tokens count for it; 0 for none (default 64).")
    private Integer dryPenaltyLastN;

    @Option(
            names = "--dry-sequence-breaker",
            paramLabel = "TEXT",
            description = "A text that no repetition reaches across, in place of line feed, :, \" and *; may be given "
                    + "several times, with \\n and \\t for line feed and tab, or as 'none'.")
    private List<String> dryBreakers;

    @Option(
            names = "--dynatemp-range",
            paramLabel = "T",
            description = "Lower or raise the temperature by up to this, as the model is sure or not (default 0: not).")
    private Float dynatempRange;

    @Option(
            names = "--dynatemp-exp",
            paramLabel = "R",
            description = "How it rises with the model's doubt (default 1).")
    private Float dynatempExponent;

    @Option(
            names = "--mirostat",
            paramLabel = "1|2",
            description =
                    "Keep the surprise of the text near a target, in place of all other steps but the temperature "
                            + "(default 0: not).")
    private Integer mirostat;

    @Option(
            names = "--mirostat-ent",
            paramLabel = "R",
            description = "That target, in bits for each token (default 5).")
    private Float mirostatTau;

    @Option(names = "--mirostat-lr", paramLabel = "R", description = "How fast mirostat learns (default 0.1).")
    private Float mirostatEta;

    @Option(
            names = "--adaptive-target",
            paramLabel = "P",
            description = "Prefer tokens of about this probability (default: off).")
    private Float adaptiveTarget;

    @Option(
            names = "--adaptive-decay",
            paramLabel = "R",
            description = "How long that remembers what was chosen, 0 to 0.99 (default 0.9).")
    private Float adaptiveDecay;

    @Option(
            names = {"-l", "--logit-bias"},
            paramLabel = "ID+BIAS",
            converter = BiasConverter.class,
            description = "Add to a token's logit, such as 15043+1, or 15043-inf to forbid it; may be given several "
                    + "times.")
    private List<Bias> biases = List.of();

    void set(SamplerOptions.Builder sampler) {
        set(order, sampler, (s, value) -> s.order(value.stages()));
        set(topNSigma, sampler, SamplerOptions.Builder::topNSigma);
        set(typicalP, sampler, SamplerOptions.Builder::typicalP);
        set(xtcProbability, sampler, SamplerOptions.Builder::xtcProbability);
        set(xtcThreshold, sampler, SamplerOptions.Builder::xtcThreshold);
        set(repeatLastN, sampler, (s, value) -> s.penaltyTokens(count("--repeat-last-n", value)));
        set(presencePenalty, sampler, SamplerOptions.Builder::presencePenalty);
        set(frequencyPenalty, sampler, SamplerOptions.Builder::frequencyPenalty);
        set(dryMultiplier, sampler, SamplerOptions.Builder::dryMultiplier);
        set(dryBase, sampler, SamplerOptions.Builder::dryBase);
        set(dryAllowedLength, sampler, SamplerOptions.Builder::dryAllowedLength);
        set(dryPenaltyLastN, sampler, (s, value) -> s.dryTokens(count("--dry-penalty-last-n", value)));
        set(dryBreakers, sampler, (s, value) -> s.dryBreakers(breakers(value)));
        set(dynatempRange, sampler, SamplerOptions.Builder::dynatempRange);
        set(dynatempExponent, sampler, SamplerOptions.Builder::dynatempExponent);
        set(mirostat, sampler, SamplerOptions.Builder::mirostat);
        set(mirostatTau, sampler, SamplerOptions.Builder::mirostatTau);
        set(mirostatEta, sampler, SamplerOptions.Builder::mirostatEta);
        set(adaptiveTarget, sampler, SamplerOptions.Builder::adaptiveTarget);
        set(adaptiveDecay, sampler, SamplerOptions.Builder::adaptiveDecay);
        biases.forEach(bias -> sampler.logitBias(bias.token(), bias.bias()));
    }

    private static <T> void set(
            T value, SamplerOptions.Builder sampler, BiConsumer<SamplerOptions.Builder, T> setting) {
        Optional.ofNullable(value).ifPresent(given -> setting.accept(sampler, given));
    }

    /** In llama.cpp, a negative number once meant the whole context, but no longer does. */
    private static int count(String option, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(
                    option + "=" + value + ": give a number of tokens, 0 for none or 2147483647 for all");
        }
        return value;
    }

    private static List<String> breakers(List<String> given) {
        return given.stream()
                .filter(text -> !text.equals("none"))
                .map(text -> text.replace("\\n", "\n").replace("\\t", "\t"))
                .collect(Collectors.toList());
    }
}
