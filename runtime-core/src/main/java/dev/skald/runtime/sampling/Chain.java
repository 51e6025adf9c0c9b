package dev.skald.runtime.sampling;

import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Makes the steps of one sampler, in the order that {@link Sampler} documents, without those that change nothing. */
final class Chain {
    /** From how many of the best tokens the first mirostat estimates what follows; as llama.cpp has it. */
    private static final int MIROSTAT_TOKENS = 100;

    private final SamplerOptions.Builder set;
    private final Optional<Tokenizer> tokenizer;
    private final RandomGenerator random;
    private final List<SamplerStep> steps = new ArrayList<>();

    private Chain(SamplerOptions.Builder set, Optional<Tokenizer> tokenizer, RandomGenerator random) {
        this.set = set;
        this.tokenizer = tokenizer;
        this.random = random;
    }

    static List<SamplerStep> of(SamplerOptions.Builder set, Optional<Tokenizer> tokenizer, RandomGenerator random) {
        Chain chain = new Chain(set, tokenizer, random);
        chain.addAll();
        return chain.steps;
    }

    /** Whether all that is asked for is the most probable token of those that the steps leave. */
    static boolean isGreedy(SamplerOptions.Builder set) {
        boolean cooled = set.mirostat != 0 || set.order.contains(SamplerStage.TEMPERATURE);
        return cooled && set.temperature <= 0 && (set.mirostat != 0 || set.dynatempRange <= 0);
    }

    private void addAll() {
        addIf(!set.logitBias.isEmpty(), () -> new LogitBias(set.logitBias));
        if (set.mirostat != 0) {
            addOwn();
            if (!isGreedy(set)) {
                addIf(set.temperature != 1, () -> new Temperature(set.temperature));
                steps.add(
                        set.mirostat == 1
                                ? Mirostat.first(set.mirostatTau, set.mirostatEta, MIROSTAT_TOKENS)
                                : Mirostat.second(set.mirostatTau, set.mirostatEta));
            }
            return;
        }
        addStages();
    }

    private void addOwn() {
        set.steps.forEach(step -> steps.add(step.get()));
    }

    private void addStages() {
        boolean greedy = isGreedy(set);
        // What always keeps the most probable token need not be done where that is all that is asked for.
        boolean cuts = !greedy || bestMayGo();
        boolean own = false;
        for (SamplerStage stage : set.order) {
            boolean changesLogits = stage == SamplerStage.PENALTIES || stage == SamplerStage.DRY;
            if (!own && !changesLogits) {
                addOwn();
                own = true;
            }
            if (greedy && stage == SamplerStage.TEMPERATURE) {
                return;
            }
            if (cuts || changesLogits) {
                add(stage);
            }
        }
        if (!own) {
            addOwn();
        }
        addIf(set.adaptiveTarget >= 0, () -> new AdaptiveP(set.adaptiveTarget, set.adaptiveDecay));
    }

    /** Whether a stage before the temperature may remove the most probable token. */
    private boolean bestMayGo() {
        List<SamplerStage> before = set.order.subList(0, set.order.indexOf(SamplerStage.TEMPERATURE));
        return before.contains(SamplerStage.TYPICAL) && set.typicalP < 1
                || before.contains(SamplerStage.XTC) && set.xtcProbability > 0
                || before.contains(SamplerStage.INFILL);
    }

    private void add(SamplerStage stage) {
        switch (stage) {
            case PENALTIES -> {
                Penalties penalties =
                        new Penalties(set.penaltyTokens, set.repeatPenalty, set.frequencyPenalty, set.presencePenalty);
                addIf(penalties.active(), () -> penalties);
            }
            case DRY -> addIf(set.dryMultiplier != 0 && set.dryBase >= 1 && set.dryTokens > 0, this::dry);
            case TOP_N_SIGMA -> addIf(set.topNSigma > 0, () -> new TopNSigma(set.topNSigma));
            case TOP_K -> addIf(set.topK > 0, () -> new TopK(set.topK));
            case TYPICAL -> addIf(set.typicalP < 1, () -> new Typical(set.typicalP, set.minKeep));
            case TOP_P -> addIf(set.topP < 1, () -> new TopP(set.topP, set.minKeep));
            case MIN_P -> addIf(set.minP > 0, () -> new MinP(set.minP, set.minKeep));
            case XTC ->
                addIf(set.xtcProbability > 0, () -> new Xtc(set.xtcProbability, set.xtcThreshold, set.minKeep, random));
            case TEMPERATURE -> {
                if (set.dynatempRange > 0) {
                    steps.add(new DynamicTemperature(set.temperature, set.dynatempRange, set.dynatempExponent));
                } else {
                    addIf(set.temperature != 1, () -> new Temperature(set.temperature));
                }
            }
            case INFILL -> steps.add(new Infill(vocabulary("the infill step")));
            // Whatever the order says, it comes last.
            case ADAPTIVE_P -> {}
        }
    }

    private Dry dry() {
        Breakers breakers = set.dryBreakers.isEmpty()
                ? Breakers.NONE
                : Breakers.of(set.dryBreakers, vocabulary("DRY with breakers"));
        return new Dry(set.dryMultiplier, set.dryBase, set.dryAllowedLength, set.dryTokens, breakers);
    }

    private Tokenizer vocabulary(String who) {
        return tokenizer.orElseThrow(() ->
                new IllegalStateException(who + " needs the vocabulary: make the sampler by newSampler(tokenizer)"));
    }

    private void addIf(boolean wanted, Supplier<SamplerStep> step) {
        if (wanted) {
            steps.add(step.get());
        }
    }
}
