package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ReasoningForm;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.sampling.Constraint;
import dev.skald.runtime.sampling.ConstraintSource;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/**
 * Constrains an answer, but not the thoughts before it. The model chooses whether it thinks first, unless the template
 * has begun the thoughts.
 *
 * @param form the marks around the thoughts
 * @param open whether the template has begun the thoughts
 * @param answer the constraint on the answer
 */
record AfterThoughts(ReasoningForm form, boolean open, ConstraintSource answer) implements ConstraintSource {
    /** Models write up to two line breaks around the marks; more could go on forever. */
    private static final Grammar LINE_BREAKS = Grammar.repeat(Grammar.text("\n"), 0, 2);

    private static final Grammar ANY = Grammar.regex("[\\s\\S]*");

    @Override
    public Constraint begin(Tokenizer tokenizer) {
        // A token that ends the mark may already have the first thoughts in it.
        Grammar thoughts = Grammar.sequence(LINE_BREAKS, mark(form.begin(), tokenizer), ANY);
        Text text = new Text(
                tokenizer, latin(form.begin()), latin(form.end()), thoughts.begin(tokenizer), answer.begin(tokenizer));
        text.thinking = open;
        return text;
    }

    /** Returns a grammar for a mark; if it begins with a token of its own, the letters of that token do not match. */
    private static Grammar mark(String name, Tokenizer tokenizer) {
        int first = tokenizer.encode(name, false, true)[0];
        String piece = tokenizer.piece(first);
        return tokenizer.isMark(first) && name.startsWith(piece)
                ? Grammar.sequence(Grammar.token(first), Grammar.text(name.substring(piece.length())))
                : Grammar.text(name);
    }

    /** Returns a text with one character for each byte. */
    private static String latin(String text) {
        return latin(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static final class Text implements Constraint {
        private final Tokenizer tokenizer;
        private final String begin;
        private final String end;
        /** Line breaks and thoughts; at their beginning, always. */
        private final Constraint thoughts;
        /** The constraint on the answer; at the beginning of the answer, always. */
        private final Constraint start;
        /** The constraint on the answer, at the current place; null if thoughts are beginning instead. */
        private Constraint answer;
        /** What may precede the answer at the current place: line breaks, and thoughts if there were none; null for nothing. */
        private Constraint before;

        /** The tokens that may come in thoughts: all that do not end the text. */
        private final long[] free;

        private boolean thinking;
        private boolean thought;
        /** The text so far, as far as a mark may be in it; one character for each byte. */
        private String tail = "";

        Text(Tokenizer tokenizer, String begin, String end, Constraint thoughts, Constraint start) {
            this.tokenizer = tokenizer;
            this.begin = begin;
            this.end = end;
            this.thoughts = thoughts;
            this.start = start;
            this.free = withoutEnds(all());
            this.before = thoughts.fork();
            this.answer = start.fork();
        }

        @Override
        public long[] allowed() {
            if (thinking) {
                return inThoughts();
            }
            if (before == null) {
                return answer.allowed();
            }
            long[] either = withoutEnds(before.allowed().clone());
            if (answer == null) {
                return either;
            }
            long[] more = answer.allowed();
            if (more == null) {
                return null;
            }
            for (int i = 0; i < either.length; i++) {
                either[i] |= more[i];
            }
            return either;
        }

        /** Returns all tokens except those that end the text, or complete the final mark and begin the answer. */
        private long[] inThoughts() {
            if (ReasoningReader.unfinished(tail, end) == 0) {
                return free;
            }
            long[] most = free.clone();
            for (int id = 0; id < tokenizer.vocabularySize(); id++) {
                String text = tail + latin(tokenizer.bytes(id));
                int at = text.indexOf(end);
                if (at >= 0 && !text.substring(at + end.length()).isBlank()) {
                    most[id >> 6] &= ~(1L << id);
                }
            }
            return most;
        }

        private long[] all() {
            BitSet all = new BitSet();
            all.set(0, tokenizer.vocabularySize());
            return all.toLongArray();
        }

        private long[] withoutEnds(long[] tokens) {
            tokenizer.endTokens().forEach(id -> tokens[id >> 6] &= ~(1L << id));
            return tokens;
        }

        @Override
        public void accept(int token) {
            if (isBound()) {
                answer.accept(token);
                return;
            }
            String text = tail + latin(tokenizer.bytes(token));
            if (thinking && !tokenizer.isEnd(token)) {
                think(text);
                return;
            }
            boolean answers = !thinking && answer != null && accepts(answer, token);
            boolean precedes = !tokenizer.isEnd(token) && accepts(before, token);
            if (!answers && !precedes) {
                throw new IllegalArgumentException(
                        "token " + token + " can neither begin thoughts nor continue the answer");
            }
            tail = text;
            if (!precedes) {
                // Thoughts may follow any white space that the answer may begin with.
                before = !thought && text.isBlank() ? thoughts.fork() : null;
            } else if (!thought && text.stripLeading().startsWith(begin)) {
                think(text.stripLeading().substring(begin.length()));
            } else if (!answers && !text.isBlank()) {
                answer = null;
            }
        }

        /** Returns whether only the answer's constraint decides. */
        private boolean isBound() {
            return before == null && !thinking;
        }

        private static boolean accepts(Constraint constraint, int token) {
            try {
                constraint.accept(token);
                return true;
            } catch (IllegalArgumentException notAllowed) {
                return false;
            }
        }

        private void think(String text) {
            int at = text.indexOf(end);
            thinking = at < 0;
            thought = true;
            tail = thinking ? text.substring(Math.max(0, text.length() - end.length() + 1)) : "";
            before = thinking ? null : LINE_BREAKS.begin(tokenizer);
            answer = start.fork();
        }

        /** Returns nothing as long as the model chooses what precedes the answer. */
        @Override
        public int[] forced() {
            return isBound() ? answer.forced() : new int[0];
        }

        @Override
        public boolean isComplete() {
            return isBound() && answer.isComplete();
        }

        @Override
        public Constraint fork() {
            Text copy = new Text(tokenizer, begin, end, thoughts, start);
            copy.answer = answer == null ? null : answer.fork();
            copy.before = before == null ? null : before.fork();
            copy.thinking = thinking;
            copy.thought = thought;
            copy.tail = tail;
            return copy;
        }
    }
}
