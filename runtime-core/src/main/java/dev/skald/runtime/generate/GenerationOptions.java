package dev.skald.runtime.generate;

import dev.skald.runtime.check.Checks;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.sampling.ConstraintSource;
import dev.skald.runtime.sampling.SamplerOptions;
import dev.skald.runtime.sampling.SamplerStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How text is generated. Every setting has a default. Those of the sampler are what the model's file recommends (its
 * {@code general.sampling.*}: {@code temp}, {@code top_k}, {@code top_p}, {@code min_p}, {@code penalty_last_n}, {@code
 * penalty_repeat}, {@code xtc_probability}, {@code xtc_threshold}, {@code mirostat}, {@code mirostat_tau}, {@code
 * mirostat_eta}, {@code sequence}), and llama.cpp's, named below, where it recommends
 * nothing.
 */
public final class GenerationOptions {
    private final SamplerOptions.Builder sampler = SamplerOptions.builder();
    private final List<String> stops = new ArrayList<>();
    private int maxTokens = Integer.MAX_VALUE;
    private OptionalInt logprobs = OptionalInt.empty();
    private boolean ignoreEnd;
    private boolean addSpecial = true;
    private boolean parseSpecial;
    private Optional<ConstraintSource> constraint = Optional.empty();
    private PromptProgress progress = (done, total) -> {};

    /**
     * The defaults.
     *
     * @param recommended sets what the model's file recommends
     */
    public GenerationOptions(Consumer<SamplerOptions.Builder> recommended) {
        recommended.accept(sampler);
    }

    /**
     * How many tokens at most. By default until the text ends or the context is full.
     *
     * @param count 0 or more; 0 computes the prompt only
     * @return this
     * @throws IllegalArgumentException if negative
     */
    public GenerationOptions maxTokens(int count) {
        maxTokens = Checks.range("maxTokens", count, 0, Integer.MAX_VALUE);
        return this;
    }

    /**
     * How daring the draw is: 0 takes the most probable token, 1 draws as the model says. By default 0.8.
     *
     * @param value 0 or more
     * @return this
     * @throws IllegalArgumentException if negative or not finite
     */
    public GenerationOptions temperature(float value) {
        if (value < 0) {
            throw new IllegalArgumentException("temperature=" + value + " is less than 0");
        }
        sampler.temperature(value);
        return this;
    }

    /**
     * The most probable token each time: the same as a temperature of 0.
     *
     * @return this
     */
    public GenerationOptions greedy() {
        return temperature(0);
    }

    /**
     * Draws among the k most probable tokens. By default 40.
     *
     * @param k 0 for all
     * @return this
     */
    public GenerationOptions topK(int k) {
        sampler.topK(k);
        return this;
    }

    /**
     * Draws among the most probable tokens that together have this probability. By default 0.95.
     *
     * @param p 0 to 1; 1 for all
     * @return this
     */
    public GenerationOptions topP(float p) {
        sampler.topP(p);
        return this;
    }

    /**
     * Draws among the tokens that have at least this share of the most probable one's probability. By default 0.05.
     *
     * @param p 0 to 1; 0 for all
     * @return this
     */
    public GenerationOptions minP(float p) {
        sampler.minP(p);
        return this;
    }

    /**
     * Makes the draws repeatable. By default a random seed, which the result tells.
     *
     * @param value any number
     * @return this
     */
    public GenerationOptions seed(long value) {
        sampler.seed(value);
        return this;
    }

    /**
     * All other settings of the sampler: penalties, DRY, biases, mirostat, the order of its steps and others.
     *
     * @param settings changes the builder it is given
     * @return this
     */
    public GenerationOptions sampler(Consumer<SamplerOptions.Builder> settings) {
        settings.accept(sampler);
        return this;
    }

    /**
     * Adds a sampler step of one's own without state.
     *
     * @param step sees every token of the vocabulary with its logit
     * @return this
     */
    public GenerationOptions step(SamplerStep step) {
        sampler.step(step);
        return this;
    }

    /**
     * Adds a sampler step of one's own that keeps state.
     *
     * @param factory makes a step for each generation
     * @return this
     */
    public GenerationOptions step(Supplier<? extends SamplerStep> factory) {
        sampler.step(factory);
        return this;
    }

    /**
     * Ends the text before one of these strings; may be called several times.
     *
     * @param texts none empty
     * @return this
     * @throws IllegalArgumentException if one is empty
     */
    public GenerationOptions stop(String... texts) {
        for (String text : texts) {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("an empty stop string would end every text before it begins");
            }
            stops.add(text);
        }
        return this;
    }

    /**
     * Holds the text to a constraint, in place of one set before. It ends where the constraint says so, whatever {@link
     * #ignoreEnd}. Text that is forced is appended without asking the model, unless {@link #logprobs} are wanted.
     *
     * @param source makes the constraint when the generation begins, such as a {@link Grammar}
     * @return this
     */
    public GenerationOptions constraint(ConstraintSource source) {
        constraint = Optional.of(source);
        return this;
    }

    /**
     * Only JSON that fits a schema: {@link #constraint} of {@link Grammar#jsonSchema(String)}.
     *
     * @param schema a JSON schema
     * @return this
     * @throws GrammarException if the schema can't be read, or demands what can't be held to, with the place
     */
    public GenerationOptions jsonSchema(String schema) {
        return constraint(Grammar.jsonSchema(schema));
    }

    /**
     * Only JSON: {@link #constraint} of {@link Grammar#json()}.
     *
     * @return this
     */
    public GenerationOptions json() {
        return constraint(Grammar.json());
    }

    /**
     * Only text of a grammar: {@link #constraint} of {@link Grammar#gbnf}.
     *
     * @param gbnf in llama.cpp's notation, with a rule {@code root}
     * @return this
     * @throws GrammarException if the grammar can't be read
     */
    public GenerationOptions grammar(String gbnf) {
        return constraint(Grammar.gbnf(gbnf));
    }

    /**
     * Only text that a regular expression fits as a whole: {@link #constraint} of {@link Grammar#regex}.
     *
     * @param pattern a regular expression
     * @return this
     * @throws GrammarException if the pattern can't be read
     */
    public GenerationOptions regex(String pattern) {
        return constraint(Grammar.regex(pattern));
    }

    /**
     * Only one of some texts: {@link #constraint} of {@link Grammar#choice}.
     *
     * @param texts at least one, none empty
     * @return this
     * @throws IllegalArgumentException if there is none, or one is empty
     */
    public GenerationOptions choice(String... texts) {
        return constraint(Grammar.choice(texts));
    }

    /**
     * Adds to each {@link Token} its log-probability and those of the most probable tokens, as the model gives them,
     * before any step of the sampler. By default none are computed.
     *
     * @param top how many of the most probable tokens, 0 or more
     * @return this
     * @throws IllegalArgumentException if negative
     */
    public GenerationOptions logprobs(int top) {
        logprobs = OptionalInt.of(Checks.range("logprobs", top, 0, Integer.MAX_VALUE));
        return this;
    }

    /**
     * Whether to go on after the model has said that its text ends. By default false.
     *
     * @param value true to go on
     * @return this
     */
    public GenerationOptions ignoreEnd(boolean value) {
        ignoreEnd = value;
        return this;
    }

    /**
     * Whether a prompt at the start of a sequence gets the begin-of-text token as the file says. By default true.
     *
     * @param value false for the bare text
     * @return this
     */
    public GenerationOptions addSpecial(boolean value) {
        addSpecial = value;
        return this;
    }

    /**
     * Whether texts such as {@code <|eot_id|>} in the prompt become the special tokens they name. By default false, which
     * is right for text from users.
     *
     * @param value true to parse them
     * @return this
     */
    public GenerationOptions parseSpecial(boolean value) {
        parseSpecial = value;
        return this;
    }

    /**
     * Who is told how far the prompt has been read, so that a program can show that it works, or see in time that nobody wants the
     * answer any more. By default nobody.
     *
     * @param listener called some times a second as a rule; {@link Generation#cancel} may be called from it
     * @return this
     */
    public GenerationOptions progress(PromptProgress listener) {
        progress = Objects.requireNonNull(listener);
        return this;
    }

    /**
     * Who is told how far the prompt has been read.
     *
     * @return the listener
     */
    public PromptProgress progress() {
        return progress;
    }

    /**
     * How many tokens at most.
     *
     * @return tokens
     */
    public int maxTokens() {
        return maxTokens;
    }

    /**
     * The strings that end the text.
     *
     * @return an immutable copy
     */
    public List<String> stops() {
        return List.copyOf(stops);
    }

    /**
     * How many log-probabilities each token has beside its own.
     *
     * @return a number, or empty where none are computed
     */
    public OptionalInt logprobs() {
        return logprobs;
    }

    /**
     * What the text is held to.
     *
     * @return what makes the constraint, or empty where any text may come
     */
    public Optional<ConstraintSource> constraint() {
        return constraint;
    }

    /**
     * Whether to go on after the end of the text.
     *
     * @return true to go on
     */
    public boolean ignoreEnd() {
        return ignoreEnd;
    }

    /**
     * Whether a prompt at the start of a sequence gets the begin-of-text token as the file says.
     *
     * @return false for the bare text
     */
    public boolean addSpecial() {
        return addSpecial;
    }

    /**
     * Whether the names of special tokens in the prompt become those tokens.
     *
     * @return true to parse them
     */
    public boolean parseSpecial() {
        return parseSpecial;
    }

    /**
     * The settings of the sampler.
     *
     * @return a copy
     */
    public SamplerOptions sampler() {
        return sampler.build();
    }
}
