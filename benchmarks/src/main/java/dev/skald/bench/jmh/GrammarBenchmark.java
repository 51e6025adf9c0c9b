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

/** Which tokens may come next in JSON of a schema, for vocabularies of the sizes of Llama 3's and Gemma 3's. */
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

    /** Where the text stands. */
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

    /** A vocabulary, a grammar and a place. */
    @State(Scope.Thread)
    public static class Known {
        /** How many tokens. */
        @Param({"128256", "262144"})
        public int vocabulary;

        /** Where the text stands. */
        @Param
        public Place place;

        private TokenTable table;
        private Rule rule;
        private Constraint constraint;

        /** Comes to the place, and computes the tokens once. */
        @Setup
        public void prepare() {
            table = TokenTable.of(new RandomVocabulary(vocabulary));
            rule = SchemaCompiler.compile(SCHEMA, false);
            constraint = at(new Automaton(rule), table, place);
            if (Arrays.stream(constraint.allowed()).allMatch(word -> word == 0)) {
                throw new IllegalStateException("nothing may come at " + place);
            }
        }
    }

    /** The same, with nothing known of the place. */
    @State(Scope.Thread)
    public static class Fresh {
        private Constraint constraint;

        /** Comes to the place in an automaton that has not been there. */
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

    /** The tokens at a place where a text of this grammar has been before: the usual case. */
    @Benchmark
    public long[] known(Known known) {
        return known.constraint.allowed();
    }

    /** The tokens at a place where no text of this grammar has been before: the worst case. */
    @Benchmark
    public long[] first(Known known, Fresh fresh) {
        return fresh.constraint.allowed();
    }
}
