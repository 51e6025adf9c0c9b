package dev.skald.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skald.runtime.automaton.Automaton;
import dev.skald.runtime.automaton.AutomatonConstraint;
import dev.skald.runtime.automaton.State;
import dev.skald.runtime.automaton.TokenTable;
import dev.skald.runtime.sampling.Constraint;
import dev.skald.runtime.schema.SchemaCompiler;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tokens that are allowed at a place are those whose bytes the grammar takes one after the other. The masks take many shortcuts:
 * kinds of characters, lengths, places that are alike.
 */
class MaskTest {
    private static final FakeTokenizer TOKENS = tokens();

    private static FakeTokenizer tokens() {
        SplittableRandom random = new SplittableRandom(7);
        Map<Integer, byte[]> pieces = new HashMap<>();
        for (int b = 0; b < 256; b++) {
            pieces.put(b, new byte[] {(byte) b});
        }
        String[] alphabets = {
            "abc", "abcdefghijklmnopqrstuvwxyz", "aB1 -", "0123456789", "aæ日🙂", "a\"\\n,:}] \n", "👍🏽é", "a\uFFFD"
        };
        for (int id = 256; id < 6000; id++) {
            int[] alphabet =
                    alphabets[random.nextInt(alphabets.length)].codePoints().toArray();
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(10) == 0 ? random.nextInt(1, 60) : random.nextInt(1, 10);
            for (int i = 0; i < length; i++) {
                text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
            }
            pieces.put(id, text.toString().getBytes(StandardCharsets.UTF_8));
        }
        return new FakeTokenizer(pieces, 6000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"string\"}",
                "{\"type\":\"string\",\"maxLength\":12}",
                "{\"type\":\"string\",\"minLength\":3,\"maxLength\":45}",
                "{\"type\":\"string\",\"maxLength\":200}",
                "{\"type\":\"string\",\"pattern\":\"^[^a]{1,70}$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(.{3}[^c]){1,30}$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?!.*(abc|cab)).*$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?!.*(aa|bb|cc)).{0,50}$\"}",
                "{\"type\":\"string\",\"pattern\":\"^[a-z]+( [a-z]+)*$\"}",
                "{\"type\":\"string\",\"pattern\":\"^[a-c0-9]{2,9}[æ日]{0,20}$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?!.*(aa|bb|cc|acb)).*$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?!.*(ab|b ca|c9|xyzt|日æ|🙂a)).*$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?!.*æ)[^🙂x]*$\",\"maxLength\":6}",
                "{\"type\":\"string\",\"pattern\":\"^(?!.*(a.b|c..c)).*$\",\"minLength\":4,\"maxLength\":9}",
                "{\"type\":\"string\",\"pattern\":\"^[^c]{2}([a-zæ日]{1,3}[^a]){1,4}$\"}",
                "{\"type\":\"string\",\"not\":{\"enum\":[\"abc\",\"cab\",\"a\"]}}",
                "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":7}}",
                "{\"type\":\"integer\",\"minimum\":-50,\"maximum\":123456}",
                "{\"enum\":[\"abc\",\"abcabc\",\"a\",12,null]}",
                "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\",\"maxLength\":5}}",
                "true"
            })
    void allowedIsWhatTheGrammarTakes(String schema) {
        for (boolean compact : new boolean[] {true, false}) {
            SplittableRandom random = new SplittableRandom(schema.hashCode());
            for (int text = 0; text < 4; text++) {
                follow(new Automaton(SchemaCompiler.compile(schema, compact)), random);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root ::= ([^a] | \"a\"+ [^ab])*",
                "root ::= \"<\" ([^b] | \"b\" [^b] | \"bb\" [^a])* \"bba\"",
                "root ::= ([^æ\\n] | \"æ\" [^日])* \"\\n\"",
                "root ::= word (\" \" word)*\nword ::= [a-m]{1,3} [^ a-f]{1,2} | [^a]{4}",
                "root ::= ([^\\x00-\\x1F] [^ab] [^ac])*"
            })
    void allowedIsWhatRulesTake(String grammar) {
        SplittableRandom random = new SplittableRandom(grammar.hashCode());
        for (int text = 0; text < 4; text++) {
            follow(new Automaton(GbnfParser.parse(grammar, Optional.empty())), random);
        }
    }

    /** Takes random allowed tokens, and compares all tokens at each of them. */
    private static void follow(Automaton automaton, SplittableRandom random) {
        Constraint constraint = new AutomatonConstraint(automaton, TokenTable.of(TOKENS));
        State state = automaton.start();
        StringBuilder before = new StringBuilder();
        for (int step = 0; step < 25; step++) {
            BitSet expected = new BitSet();
            for (int id = 0; id < TOKENS.end(); id++) {
                // A token that begins with a zero byte counts as no text.
                expected.set(id, TOKENS.bytes(id)[0] != 0 && after(automaton, state, TOKENS.bytes(id)) != null);
            }
            expected.set(TOKENS.end(), state.isAccepting());
            assertEquals(expected, BitSet.valueOf(constraint.allowed()), "after " + before);
            expected.clear(TOKENS.end());
            if (expected.isEmpty()) {
                return;
            }
            int[] ids = expected.stream().toArray();
            int id = ids[random.nextInt(ids.length)];
            before.append(id).append(' ');
            constraint.accept(id);
            state = after(automaton, state, TOKENS.bytes(id));
        }
    }

    private static State after(Automaton automaton, State from, byte[] bytes) {
        State state = from;
        for (int i = 0; state != null && i < bytes.length; i++) {
            state = automaton.next(state, bytes[i]);
        }
        return state;
    }
}
