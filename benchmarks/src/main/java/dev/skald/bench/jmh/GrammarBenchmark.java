package dev.skald.bench.jmh;

import dev.skald.runtime.automaton.Automaton;
import dev.skald.runtime.automaton.AutomatonConstraint;
import dev.skald.runtime.automaton.Rule;
import dev.skald.runtime.automaton.TokenTable;
import dev.skald.runtime.sampling.Constraint;
import dev.skald.runtime.schema.SchemaCompiler;
import java.nio.charset.StandardCharsets;
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

    /** Places in a text. */
    public enum Place {
        STRING("{\"name\":\"Kari Nord"),
        NUMBER("{\"age\":4"),
        KEY("{\"name\":\"Kari\",\""),
        NESTED("{\"name\":\"a\",\"children\":[{\"name\":\"b\",\"children\":[{\"name\":\"Ola"),
        COUNTED("{\"motto\":\"Ut på tur, ald"),
        PATTERN("{\"code\":\"bcd");

        private final String text;

        Place(String text) {
            this.text = text;
        }
    }

    /** A vocabulary, a grammar and a place in a text. */
    @State(Scope.Thread)
    public static class Known {
        /** The size of the vocabulary. */
        @Param({"128256", "262144"})
        public int vocabulary;

        /** The place in the text. */
        @Param
        public Place place;

        private TokenTable table;
        private Rule rule;
        private Constraint constraint;

        /** Reads the text up to the place, and computes the tokens once. */
        @Setup
        public void prepare() {
            table = TokenTable.of(new RandomVocabulary(vocabulary));
            rule = SchemaCompiler.compile(SCHEMA, false);
            constraint = at(new Automaton(rule), table, place);
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
            constraint = at(new Automaton(known.rule), known.table, known.place);
        }
    }

    private static Constraint at(Automaton automaton, TokenTable table, Place place) {
        Constraint constraint = new AutomatonConstraint(automaton, table);
        for (byte b : place.text.getBytes(StandardCharsets.UTF_8)) {
            constraint.accept(b & 0xFF);
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
