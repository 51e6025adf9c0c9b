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
 * Defines which texts are allowed. A generation with a grammar produces only texts that match it, unless {@code
 * maxTokens} or a stop string cuts one off.
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
 * <p>Characters are never split. Control tokens are not text; only {@link #token} allows them. A grammar from a
 * stranger takes bounded time and memory; one that would take more fails with a {@link GrammarException}.
 *
 * <p>A grammar is immutable; any number of threads and generations may use it. Grammars with the same source share what
 * has been computed for a model.
 */
public final class Grammar implements ConstraintSource {
    /** Distinguishes grammars: how they were created, and from what. */
    private record Key(String kind, List<?> of) {}

    private final Key key;
    private final Function<Optional<GbnfParser.TokenNames>, Rule> root;
    /** The root; used if no token names have to be looked up. */
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
     * Creates a grammar from GBNF, llama.cpp's notation.
     *
     * @param text the rules; {@code root} is the rule for the whole text; {@code <name>} and {@code <[id]>} are tokens
     *     of the model
     * @return the grammar
     * @throws GrammarException if it has a syntax error, uses an undefined rule or has no root, or if a rule begins
     *     with itself
     */
    public static Grammar gbnf(String text) {
        boolean[] named = {false};
        Rule rule = GbnfParser.parse(text, Optional.of(new GbnfParser.TokenNames() {
            @Override
            public OptionalInt find(String name) {
                named[0] = true;
                return OptionalInt.of(0);
            }

            @Override
            public boolean has(int id) {
                named[0] = true;
                return true;
            }
        }));
        Key key = new Key("gbnf", List.of(text));
        return named[0] ? new Grammar(key, names -> GbnfParser.parse(text, names)) : new Grammar(key, rule);
    }

    /**
     * Creates a grammar for texts that match a regular expression as a whole.
     *
     * @param pattern in JavaScript's syntax, without back references, {@code \b}, lookahead and lookbehind
     * @return the grammar
     * @throws GrammarException if it has a syntax error, or describes no regular language
     */
    public static Grammar regex(String pattern) {
        return of("regex", List.of(pattern), RegexParser.fitting(pattern));
    }

    /**
     * Creates a grammar for one of several texts.
     *
     * @param texts at least one text, none of them empty
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
     * Creates a grammar for any JSON value.
     *
     * @return the grammar
     */
    public static Grammar json() {
        return jsonSchema("true");
    }

    /**
     * Creates a grammar for JSON that fits a schema, with all the freedom of the schema: {@link JsonStyle#FREE}.
     *
     * @param schema a JSON schema
     * @return the grammar
     * @throws GrammarException if the schema is invalid or demands something unsupported; the message has the place
     */
    public static Grammar jsonSchema(String schema) {
        return jsonSchema(schema, JsonStyle.FREE);
    }

    /**
     * Creates a grammar for JSON that fits a schema of drafts 4 to 2020-12. {@code docs/structured-output.md} lists the
     * keywords.
     *
     * @param schema a JSON schema
     * @param style how much freedom the text has within the schema
     * @return the grammar
     * @throws GrammarException if the schema is invalid or demands something unsupported; the message has the place
     */
    public static Grammar jsonSchema(String schema, JsonStyle style) {
        Rule rule = SchemaCompiler.compile(schema, style == JsonStyle.COMPACT);
        return new Grammar(new Key("schema", List.of(schema, style)), rule);
    }

    /**
     * Creates a grammar for exactly one text.
     *
     * @param text may be empty
     * @return the grammar
     */
    public static Grammar text(String text) {
        return of("text", List.of(text), text.isEmpty() ? Expr.EMPTY : new Expr.Text(text));
    }

    /**
     * Creates a grammar for one token, whatever its text, such as the control tokens of a chat.
     *
     * @param id a token of the model's vocabulary that does not end a text
     * @return the grammar
     */
    public static Grammar token(int id) {
        return of("token", List.of(id), new Expr.Token(id, false));
    }

    /**
     * Creates a grammar for any text, possibly empty, that does not contain another.
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
     * Creates a grammar for several grammars in sequence.
     *
     * @param parts the parts in order
     * @return the grammar
     */
    public static Grammar sequence(Grammar... parts) {
        return combine("sequence", List.of(), List.of(parts), Expr.Sequence::new);
    }

    /**
     * Creates a grammar for one of several grammars.
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
     * Creates a grammar for repetitions of another.
     *
     * @param part the grammar to repeat
     * @param min the minimum number of repetitions, 0 or more
     * @param max the maximum number of repetitions, {@code min} or more; -1 for no limit
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
     * Starts a constraint with this grammar.
     *
     * @param tokenizer the model's tokenizer
     * @return a constraint at the beginning of a text
     * @throws GrammarException if the grammar names a token that is not in the vocabulary, if no text matches, or if it
     *     needs too much memory
     */
    @Override
    public Constraint begin(Tokenizer tokenizer) {
        TokenTable table = TokenTable.of(tokenizer);
        Automaton automaton = table.automaton(key, () -> root.apply(Optional.of(names(tokenizer))));
        return new AutomatonConstraint(automaton, table);
    }

    private static GbnfParser.TokenNames names(Tokenizer tokenizer) {
        return new GbnfParser.TokenNames() {
            @Override
            public OptionalInt find(String name) {
                int[] tokens = tokenizer.encode(name, false, true);
                return tokens.length == 1 ? OptionalInt.of(tokens[0]) : OptionalInt.empty();
            }

            @Override
            public boolean has(int id) {
                return id < tokenizer.vocabularySize() && !tokenizer.isEnd(id);
            }
        };
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
     * @return its kind and its source
     */
    @Override
    public String toString() {
        return "Grammar[" + key.kind() + " " + key.of() + "]";
    }
}
