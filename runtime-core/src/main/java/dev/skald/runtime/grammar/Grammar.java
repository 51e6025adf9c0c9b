package dev.skald.runtime.grammar;

import dev.skald.runtime.automaton.Automaton;
import dev.skald.runtime.automaton.AutomatonConstraint;
import dev.skald.runtime.automaton.CodePoints;
import dev.skald.runtime.automaton.Dfa;
import dev.skald.runtime.automaton.DfaMachine;
import dev.skald.runtime.automaton.Expr;
import dev.skald.runtime.automaton.RegexParser;
import dev.skald.runtime.automaton.Rule;
import dev.skald.runtime.automaton.TokenTable;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.sampling.Constraint;
import dev.skald.runtime.sampling.ConstraintSource;
import dev.skald.runtime.schema.SchemaCompiler;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * What a text may be. A generation with a grammar gives only texts that fit it, up to where {@code maxTokens} or a stop string
 * cuts one off.
 *
 * {@snippet :
 * Grammar answer = Grammar.choice("ja", "nei", "vet ikke");
 * Grammar date = Grammar.regex("[0-9]{4}-[0-9]{2}-[0-9]{2}");
 * Grammar list = Grammar.gbnf("root ::= (\"- \" [^\\n]+ \"\\n\")+");
 * try (Generation text = session.generate(prompt, options -> options.constraint(date))) {
 *     // ...
 * }
 * }
 *
 * <p>Characters are never cut, and control tokens are no text: only {@link #token} lets them come. A grammar from a stranger costs
 * a bounded amount of time and memory; one that would cost more ends in a {@link GrammarException}.
 *
 * <p>Immutable: any number of threads and generations may use one. Grammars of the same text share what has been computed for a
 * model.
 */
public final class Grammar implements ConstraintSource {
    /** What tells grammars from each other: how they were made, and of what. */
    private record Key(String kind, List<?> of) {}

    private final Key key;
    private final Function<Optional<GbnfParser.TokenNames>, Rule> root;
    /** The root, where no token names have to be looked up. */
    private final Rule known;

    private Grammar(Key key, Rule root) {
        this.key = key;
        this.root = _ -> root;
        this.known = root;
    }

    private Grammar(Key key, Function<Optional<GbnfParser.TokenNames>, Rule> root) {
        this.key = key;
        this.root = root;
        this.known = null;
    }

    private static Grammar of(String kind, List<?> of, Expr expr) {
        return new Grammar(new Key(kind, List.copyOf(of)), new Rule(kind, expr));
    }

    /**
     * A grammar in GBNF, llama.cpp's notation.
     *
     * @param text rules, of which {@code root} is the whole text; {@code <name>} and {@code <[id]>} are tokens of the model
     * @return the grammar
     * @throws GrammarException if it can't be read, uses a rule that it does not define, has no root, or a rule begins with
     *     itself
     */
    public static Grammar gbnf(String text) {
        boolean[] named = {false};
        Rule rule = GbnfParser.parse(text, Optional.of(name -> {
            named[0] = true;
            return OptionalInt.of(0);
        }));
        Key key = new Key("gbnf", List.of(text));
        return named[0] ? new Grammar(key, names -> GbnfParser.parse(text, names)) : new Grammar(key, rule);
    }

    /**
     * Any text that a regular expression fits from beginning to end.
     *
     * @param pattern as JavaScript writes it, without references to groups, {@code \b}, and looking ahead or behind
     * @return the grammar
     * @throws GrammarException if it can't be read, or is no regular expression in the strict sense
     */
    public static Grammar regex(String pattern) {
        return of("regex", List.of(pattern), RegexParser.fitting(pattern));
    }

    /**
     * One of some texts.
     *
     * @param texts at least one; none empty
     * @return the grammar
     * @throws IllegalArgumentException if there is none, or one is empty
     */
    public static Grammar choice(String... texts) {
        if (texts.length == 0) {
            throw new IllegalArgumentException("a choice needs at least one text");
        }
        for (String text : texts) {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("a choice may not be an empty text");
            }
        }
        List<Expr> alternatives = new ArrayList<>();
        for (String text : texts) {
            alternatives.add(new Expr.Text(text));
        }
        return of("choice", List.of(texts), new Expr.Choice(alternatives));
    }

    /**
     * Any JSON value.
     *
     * @return the grammar
     */
    public static Grammar json() {
        return jsonSchema("true");
    }

    /**
     * JSON that fits a schema, as freely as the schema has it: {@link JsonStyle#FREE}.
     *
     * @param schema a JSON schema
     * @return the grammar
     * @throws GrammarException if the schema can't be read, or demands what can't be held to, with the place
     */
    public static Grammar jsonSchema(String schema) {
        return jsonSchema(schema, JsonStyle.FREE);
    }

    /**
     * JSON that fits a schema, of drafts 4 to 2020-12. {@code docs/structured-output.md} lists the keywords.
     *
     * @param schema a JSON schema
     * @param style how much freedom the text has beside the schema
     * @return the grammar
     * @throws GrammarException if the schema can't be read, or demands what can't be held to, with the place
     */
    public static Grammar jsonSchema(String schema, JsonStyle style) {
        Rule rule = SchemaCompiler.compile(schema, style == JsonStyle.COMPACT);
        return new Grammar(new Key("schema", List.of(schema, style)), rule);
    }

    /**
     * A certain text.
     *
     * @param text may be empty
     * @return the grammar
     */
    public static Grammar text(String text) {
        return of("text", List.of(text), text.isEmpty() ? Expr.EMPTY : new Expr.Text(text));
    }

    /**
     * A token, whatever its text: for the marks of a chat, which no text is.
     *
     * @param id of the model's vocabulary; not one that ends a text
     * @return the grammar
     */
    public static Grammar token(int id) {
        return of("token", List.of(id), new Expr.Token(id, false));
    }

    /**
     * Any text, also none, in which another does not occur.
     *
     * @param text not empty
     * @return the grammar
     * @throws IllegalArgumentException if {@code text} is empty
     */
    public static Grammar without(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("every text has the empty text in it");
        }
        Expr any = new Expr.Repeat(new Expr.Chars(CodePoints.ALL), 0, Expr.Repeat.UNLIMITED);
        Dfa others = Dfa.of(Expr.sequence(any, new Expr.Text(text), any)).not();
        return of("without", List.of(text), Expr.optional(new Expr.Later(new DfaMachine(others))));
    }

    /**
     * Grammars one after the other.
     *
     * @param parts in their order
     * @return the grammar
     */
    public static Grammar sequence(Grammar... parts) {
        return combine("sequence", List.of(), List.of(parts), Expr.Sequence::new);
    }

    /**
     * One of several grammars.
     *
     * @param alternatives at least one
     * @return the grammar
     * @throws IllegalArgumentException if there is none
     */
    public static Grammar either(Grammar... alternatives) {
        if (alternatives.length == 0) {
            throw new IllegalArgumentException("either needs at least one grammar");
        }
        return combine("either", List.of(), List.of(alternatives), Expr.Choice::new);
    }

    /**
     * A grammar several times.
     *
     * @param part what is repeated
     * @param min how often at least, 0 or more
     * @param max how often at most, {@code min} or more; -1 for any number of times
     * @return the grammar
     * @throws IllegalArgumentException if a number is out of range
     */
    public static Grammar repeat(Grammar part, int min, int max) {
        if (min < 0 || max < -1 || max >= 0 && max < min) {
            throw new IllegalArgumentException("min=" + min + ", max=" + max + ": 0 <= min <= max, or max is -1");
        }
        return combine(
                "repeat", List.of(min, max), List.of(part), exprs -> new Expr.Repeat(exprs.getFirst(), min, max));
    }

    private static Grammar combine(String kind, List<?> how, List<Grammar> parts, Function<List<Expr>, Expr> join) {
        List<Object> of = new ArrayList<>(how);
        parts.forEach(part -> of.add(part.key));
        Key key = new Key(kind, of);
        if (parts.stream().allMatch(part -> part.known != null)) {
            List<Expr> calls =
                    parts.stream().map(part -> (Expr) new Expr.Call(part.known)).toList();
            return new Grammar(key, new Rule(kind, join.apply(calls)));
        }
        return new Grammar(
                key,
                names -> new Rule(
                        kind,
                        join.apply(parts.stream()
                                .map(part -> (Expr) new Expr.Call(part.root.apply(names)))
                                .toList())));
    }

    /**
     * Holds a text to the grammar.
     *
     * @param tokenizer the model's
     * @return a constraint at the beginning of a text
     * @throws GrammarException if a token that the grammar names is not in the vocabulary, no text fits, or it needs too much
     *     memory
     */
    @Override
    public Constraint begin(Tokenizer tokenizer) {
        TokenTable table = TokenTable.of(tokenizer);
        Automaton automaton = table.automaton(
                key,
                () -> root.apply(Optional.of(name -> {
                    int[] tokens = tokenizer.encode(name, false, true);
                    return tokens.length == 1 ? OptionalInt.of(tokens[0]) : OptionalInt.empty();
                })));
        return new AutomatonConstraint(automaton, table);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Grammar grammar && key.equals(grammar.key);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key);
    }

    /**
     * Describes the grammar.
     *
     * @return how it was made, and of what
     */
    @Override
    public String toString() {
        return "Grammar[" + key.kind() + " " + key.of() + "]";
    }
}
