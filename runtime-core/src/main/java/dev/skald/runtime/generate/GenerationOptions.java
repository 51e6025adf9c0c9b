package dev.skald.runtime.generate;

import dev.skald.runtime.check.Checks;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.grammar.JsonStyle;
import dev.skald.runtime.record.JsonType;
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
 * Options for generating text. Every option has a default. The sampler's defaults are what the model's file recommends
 * (its {@code general.sampling.*}: {@code temp}, {@code top_k}, {@code top_p}, {@code min_p}, {@code penalty_last_n},
 * {@code penalty_repeat}, {@code xtc_probability}, {@code xtc_threshold}, {@code mirostat}, {@code mirostat_tau},
 * {@code mirostat_eta}, {@code sequence}), and otherwise llama.cpp's defaults, which are given below.
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
     * Creates the default options.
     *
     * @param recommended sets what the model's file recommends
     */
    public GenerationOptions(Consumer<SamplerOptions.Builder> recommended) {
        recommended.accept(sampler);
    }

    /**
     * Sets the maximum number of tokens. By default, generation goes on until the text ends or the context is full.
     *
     * @param count 0 or more; 0 only computes the prompt
     * @return this
     * @throws IllegalArgumentException if negative
     */
    public GenerationOptions maxTokens(int count) {
        maxTokens = Checks.range("maxTokens", count, 0, Integer.MAX_VALUE);
        return this;
    }

    /**
     * Sets the temperature: 0 takes the most probable token, 1 samples from the model's own distribution. The default
     * is 0.8.
     *
     * @param value 0 or more
     * @return this
     */
    public GenerationOptions temperature(float value) {
        sampler.temperature(value);
        return this;
    }

    /**
     * Takes the most probable token each time, like a temperature of 0.
     *
     * @return this
     */
    public GenerationOptions greedy() {
        return temperature(0);
    }

    /**
     * Samples from the k most probable tokens. The default is 40.
     *
     * @param k 0 for all
     * @return this
     */
    public GenerationOptions topK(int k) {
        sampler.topK(k);
        return this;
    }

    /**
     * Samples from the most probable tokens that together reach this probability. The default is 0.95.
     *
     * @param p 0 to 1; 1 for all
     * @return this
     */
    public GenerationOptions topP(float p) {
        sampler.topP(p);
        return this;
    }

    /**
     * Samples from the tokens that have at least this fraction of the highest probability. The default is 0.05.
     *
     * @param p 0 to 1; 0 for all
     * @return this
     */
    public GenerationOptions minP(float p) {
        sampler.minP(p);
        return this;
    }

    /**
     * Sets the seed, to repeat a text. By default a random seed is used, which the result contains.
     *
     * @param value any number
     * @return this
     */
    public GenerationOptions seed(long value) {
        sampler.seed(value);
        return this;
    }

    /**
     * Changes the other settings of the sampler, such as penalties, DRY, biases, mirostat and the order of its steps.
     *
     * @param settings changes the builder it is given
     * @return this
     */
    public GenerationOptions sampler(Consumer<SamplerOptions.Builder> settings) {
        settings.accept(sampler);
        return this;
    }

    /**
     * Adds a custom sampler step without state.
     *
     * @param step sees every token of the vocabulary with its logit
     * @return this
     */
    public GenerationOptions step(SamplerStep step) {
        sampler.step(step);
        return this;
    }

    /**
     * Adds a custom sampler step that keeps state.
     *
     * @param factory makes a step for each generation
     * @return this
     */
    public GenerationOptions step(Supplier<? extends SamplerStep> factory) {
        sampler.step(factory);
        return this;
    }

    /**
     * Adds stop strings: the text ends before the first of them that is generated.
     *
     * @param texts the strings, none of them empty
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
     * Sets a constraint that the text must satisfy; it replaces an earlier one. The text ends where the constraint says
     * so, regardless of {@link #ignoreEnd}. If only one continuation is possible, it is appended without asking the
     * model, unless {@link #logprobs} are requested.
     *
     * @param source creates the constraint when the generation begins, such as a {@link Grammar}
     * @return this
     */
    public GenerationOptions constraint(ConstraintSource source) {
        constraint = Optional.of(source);
        return this;
    }

    /**
     * Allows only JSON that fits a schema, in the {@linkplain JsonStyle#COMPACT compact} style, which leads models best: a {@link
     * #constraint} of {@link Grammar#jsonSchema(String, JsonStyle)}. Set that of {@link Grammar#jsonSchema(String)} to allow
     * every text that a validator accepts.
     *
     * @param schema a JSON schema
     * @return this
     * @throws GrammarException if the schema is invalid or demands something unsupported; the message has the place
     */
    public GenerationOptions jsonSchema(String schema) {
        return constraint(Grammar.jsonSchema(schema, JsonStyle.COMPACT));
    }

    /**
     * Allows only JSON: a {@link #constraint} of {@link Grammar#json()}.
     *
     * @return this
     */
    public GenerationOptions json() {
        return constraint(Grammar.json());
    }

    /**
     * Only JSON of a Java type: {@link #constraint} of {@link JsonType#grammar()}, whose {@link JsonType#read} makes an object
     * of the text.
     *
     * @param type a record as a rule
     * @return this
     * @throws IllegalArgumentException if it, or what it holds, has no form in JSON
     */
    public GenerationOptions as(Class<?> type) {
        return constraint(JsonType.of(type).grammar());
    }

    /**
     * Allows only text of a grammar: a {@link #constraint} of {@link Grammar#gbnf}.
     *
     * @param gbnf in llama.cpp's notation, with a rule {@code root}
     * @return this
     * @throws GrammarException if the grammar is invalid
     */
    public GenerationOptions grammar(String gbnf) {
        return constraint(Grammar.gbnf(gbnf));
    }

    /**
     * Allows only text that matches a regular expression as a whole: a {@link #constraint} of {@link Grammar#regex}.
     *
     * @param pattern a regular expression
     * @return this
     * @throws GrammarException if the pattern is invalid
     */
    public GenerationOptions regex(String pattern) {
        return constraint(Grammar.regex(pattern));
    }

    /**
     * Allows only one of some texts: a {@link #constraint} of {@link Grammar#choice}.
     *
     * @param texts at least one, none empty
     * @return this
     * @throws IllegalArgumentException if there is none, or one is empty
     */
    public GenerationOptions choice(String... texts) {
        return constraint(Grammar.choice(texts));
    }

    /**
     * Adds to each {@link Token} its log-probability and those of the most probable tokens, as the model computed them,
     * before any step of the sampler. By default there are none.
     *
     * @param top the number of most probable tokens, 0 or more
     * @return this
     * @throws IllegalArgumentException if negative
     */
    public GenerationOptions logprobs(int top) {
        logprobs = OptionalInt.of(Checks.range("logprobs", top, 0, Integer.MAX_VALUE));
        return this;
    }

    /**
     * Sets whether to continue after a token that ends the text. The default is false.
     *
     * @param value true to continue
     * @return this
     */
    public GenerationOptions ignoreEnd(boolean value) {
        ignoreEnd = value;
        return this;
    }

    /**
     * Sets whether a prompt at the start of a sequence gets a begin-of-text token, as the file specifies. The default
     * is true.
     *
     * @param value false to add no token
     * @return this
     */
    public GenerationOptions addSpecial(boolean value) {
        addSpecial = value;
        return this;
    }

    /**
     * Sets whether text such as {@code <|eot_id|>} in the prompt becomes the special token of that name. The default is
     * false, which is right for text from users.
     *
     * @param value true to parse them
     * @return this
     */
    public GenerationOptions parseSpecial(boolean value) {
        parseSpecial = value;
        return this;
    }

    /**
     * Sets a listener for the progress of the prompt, to show it or to cancel in time. By default there is none.
     *
     * @param listener usually called several times a second; it may call {@link Generation#cancel}
     * @return this
     */
    public GenerationOptions progress(PromptProgress listener) {
        progress = Objects.requireNonNull(listener);
        return this;
    }

    /**
     * Returns the listener for the progress of the prompt.
     *
     * @return the listener
     */
    public PromptProgress progress() {
        return progress;
    }

    /**
     * Returns the maximum number of tokens.
     *
     * @return tokens
     */
    public int maxTokens() {
        return maxTokens;
    }

    /**
     * Returns the stop strings.
     *
     * @return an immutable copy
     */
    public List<String> stops() {
        return List.copyOf(stops);
    }

    /**
     * Returns how many of the most probable tokens get log-probabilities.
     *
     * @return a number, or empty if no log-probabilities are computed
     */
    public OptionalInt logprobs() {
        return logprobs;
    }

    /**
     * Returns what creates the constraint.
     *
     * @return the source of the constraint, or empty if any text is allowed
     */
    public Optional<ConstraintSource> constraint() {
        return constraint;
    }

    /**
     * Returns whether to continue after a token that ends the text.
     *
     * @return true to continue
     */
    public boolean ignoreEnd() {
        return ignoreEnd;
    }

    /**
     * Returns whether a prompt at the start of a sequence gets a begin-of-text token, as the file specifies.
     *
     * @return false for the bare text
     */
    public boolean addSpecial() {
        return addSpecial;
    }

    /**
     * Returns whether the names of special tokens in the prompt become those tokens.
     *
     * @return true to parse them
     */
    public boolean parseSpecial() {
        return parseSpecial;
    }

    /**
     * Returns the settings of the sampler.
     *
     * @return a copy
     */
    public SamplerOptions sampler() {
        return sampler.build();
    }
}
