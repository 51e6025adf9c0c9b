package dev.skald.bench.jmh;

import dev.skald.gguf.GgufFile;
import dev.skald.runtime.automaton.Automaton;
import dev.skald.runtime.automaton.AutomatonConstraint;
import dev.skald.runtime.automaton.Rule;
import dev.skald.runtime.automaton.TokenTable;
import dev.skald.runtime.sampling.Constraint;
import dev.skald.runtime.schema.SchemaCompiler;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Finds the tokens that may come next in JSON of a schema, for vocabularies as large as those of Llama 3 and Gemma 3. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1)
public class GrammarBenchmark {
    private static final String SCHEMA = """
            {"type": "object", "properties": {
              "name": {"type": "string"},
              "age": {"type": "integer", "minimum": 0, "maximum": 120},
              "motto": {"type": "string", "maxLength": 500},
              "code": {"type": "string", "pattern": "^[^a]{1,500}$"},
              "children": {"type": "array", "items": {"$ref": "#"}}},
             "required": ["name", "age"], "additionalProperties": false}
            """;

    private static final String NO_WORDS = """
            {"type": "string", "pattern": "^(?!.*(the|and|ing|for|you)).*$"}
            """;
    private static final String PAIRS = """
            {"type": "string", "pattern": "^(?!.*(aa|ee|ii|oo|tt|ss|nn|ll|rr|hh)).*$"}
            """;

    private static final String SHORT_PAIRS = """
            {"type": "string", "maxLength": 500, "pattern": "^(?!.*(aa|ee|ii|oo|tt|ss|nn|ll|rr|hh)).*$"}
            """;
    private static final String KEYS = """
            {"type": "object", "properties": {
              "name": {"type": "integer"}, "the": {"type": "integer"}, "and": {"type": "integer"},
              "street": {"type": "integer"}, "title": {"type": "integer"}, "price": {"type": "integer"}},
             "additionalProperties": {"type": "string"}}
            """;
    private static final String SECRETS = """
            {"type": "string", "not": {"pattern": "(password|secret|token)"}}
            """;

    /** Places in a text. */
    public enum Place {
        STRING(SCHEMA, "{\"name\":\"Kari Nord"),
        NUMBER(SCHEMA, "{\"name\":\"Kari\",\"age\":4"),
        KEY(SCHEMA, "{\"name\":\"Kari\",\"age\":4,\""),
        NESTED(
                SCHEMA,
                "{\"name\":\"a\",\"age\":1,\"children\":[{\"name\":\"b\",\"age\":1,\"children\":[{\"name\":\"Ola"),
        COUNTED(SCHEMA, "{\"name\":\"Kari\",\"age\":4,\"motto\":\"Ut på tur, ald"),
        ALMOST_FULL(SCHEMA, "{\"name\":\"Kari\",\"age\":4,\"motto\":\"" + "x".repeat(494)),
        PATTERN(SCHEMA, "{\"name\":\"Kari\",\"age\":4,\"code\":\"bcd"),
        /** Nearly every token must be looked at, and nearly every one is allowed. */
        WITHOUT_WORDS(NO_WORDS, "\"b"),
        WITHOUT_PAIRS(PAIRS, "\"b"),
        /** The same, in a string of limited length. */
        COUNTED_PAIRS(SHORT_PAIRS, "\"b"),
        /** Any key but some, which have values of another type. */
        OTHER_KEY(KEYS, "{\""),
        NOT_SECRET(SECRETS, "\"b");

        private final String schema;
        private final String text;

        Place(String schema, String text) {
            this.schema = schema;
            this.text = text;
        }
    }

    /** A vocabulary, a grammar and a place in a text. */
    @State(Scope.Thread)
    public static class Known {
        /** The number of made-up tokens, or a model's file, whose tokens are used. */
        @Param({"128256", "262144"})
        public String tokenSet;

        /** The place in the text. */
        @Param
        public Place place;

        private final int[] ofByte = new int[256];
        private TokenTable table;
        private Rule rule;
        private Constraint constraint;

        /** Reads the text up to the place, and computes the tokens once. */
        @Setup
        public void prepare() throws IOException {
            Tokenizer tokenizer = tokenizer(tokenSet);
            table = TokenTable.of(tokenizer);
            for (int id = tokenizer.vocabularySize() - 1; id >= 0; id--) {
                if (tokenizer.bytes(id).length == 1) {
                    ofByte[tokenizer.bytes(id)[0] & 0xFF] = id;
                }
            }
            rule = SchemaCompiler.compile(place.schema, true);
            constraint = at(new Automaton(rule), this);
            if (Arrays.stream(constraint.allowed()).allMatch(word -> word == 0)) {
                throw new IllegalStateException("no token is allowed at " + place);
            }
        }
    }

    /** The same, in an automaton that has never been at the place. */
    @State(Scope.Thread)
    public static class Fresh {
        private Constraint constraint;

        /** Reads the text up to the place in a new automaton. */
        @Setup(Level.Invocation)
        public void prepare(Known known) {
            constraint = at(new Automaton(known.rule), known);
        }
    }

    private static Tokenizer tokenizer(String tokens) throws IOException {
        if (tokens.chars().allMatch(Character::isDigit)) {
            return new RandomVocabulary(Integer.parseInt(tokens));
        }
        try (GgufFile file = GgufFile.open(Path.of(tokens))) {
            return Tokenizer.of(file.metadata());
        }
    }

    private static Constraint at(Automaton automaton, Known known) {
        Constraint constraint = new AutomatonConstraint(automaton, known.table);
        for (byte b : known.place.text.getBytes(StandardCharsets.UTF_8)) {
            constraint.accept(known.ofByte[b & 0xFF]);
        }
        return constraint;
    }

    /** Computes the tokens at a place that a text of this grammar has reached before: the usual case. */
    @Benchmark
    public long[] known(Known known) {
        return known.constraint.allowed();
    }

    /** Computes the tokens at a place that no text of this grammar has reached before: the worst case. */
    @Benchmark
    public long[] first(Known known, Fresh fresh) {
        return fresh.constraint.allowed();
    }
}
