package dev.skald.runtime.grammar;

import dev.skald.runtime.sampling.Constraint;
import dev.skald.runtime.sampling.ConstraintSource;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Allows any text up to a mark, and applies a constraint from the next token on. This is for models that reason before
 * they answer. The text cannot end before the mark.
 *
 * @param mark the end of the free part, such as {@code </think>}: the name of a control token, or a text
 * @param then the constraint after the mark
 */
public record AfterMark(String mark, ConstraintSource then) implements ConstraintSource {
    /**
     * Checks the mark.
     *
     * @throws IllegalArgumentException if it is empty
     */
    public AfterMark {
        if (mark.isEmpty()) {
            throw new IllegalArgumentException("the mark behind which the constraint begins is empty");
        }
        Objects.requireNonNull(then);
    }

    @Override
    public Constraint begin(Tokenizer tokenizer) {
        // Created now, so that errors are reported before the model starts to reason.
        return new Waiting(tokenizer, mark.getBytes(StandardCharsets.UTF_8), new byte[0], then.begin(tokenizer));
    }

    private static final class Waiting implements Constraint {
        private final Tokenizer tokenizer;
        private final byte[] mark;
        private final Constraint then;
        /** The end of the text so far, as far as the mark could begin in it. */
        private byte[] tail;

        private boolean passed;

        Waiting(Tokenizer tokenizer, byte[] mark, byte[] tail, Constraint then) {
            this.tokenizer = tokenizer;
            this.mark = mark;
            this.tail = tail;
            this.then = then;
        }

        @Override
        public long[] allowed() {
            if (passed) {
                return then.allowed();
            }
            long[] all = new long[(tokenizer.vocabularySize() + 63) / 64];
            Arrays.fill(all, -1);
            int rest = tokenizer.vocabularySize() % 64;
            if (rest > 0) {
                all[all.length - 1] = (1L << rest) - 1;
            }
            tokenizer.endTokens().forEach(id -> all[id >> 6] &= ~(1L << id));
            return all;
        }

        @Override
        public void accept(int token) {
            if (passed) {
                then.accept(token);
                return;
            }
            if (tokenizer.isEnd(token)) {
                throw new IllegalArgumentException("token " + token + " ends the text before its mark");
            }
            byte[] bytes = tokenizer.bytes(token);
            byte[] text = Arrays.copyOf(tail, tail.length + bytes.length);
            System.arraycopy(bytes, 0, text, tail.length, bytes.length);
            passed = contains(text);
            tail = Arrays.copyOfRange(text, Math.max(0, text.length - mark.length + 1), text.length);
        }

        private boolean contains(byte[] text) {
            for (int i = 0; i + mark.length <= text.length; i++) {
                if (Arrays.equals(text, i, i + mark.length, mark, 0, mark.length)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public int[] forced() {
            return passed ? then.forced() : new int[0];
        }

        @Override
        public boolean isComplete() {
            return passed && then.isComplete();
        }

        @Override
        public Constraint fork() {
            Waiting copy = new Waiting(tokenizer, mark, tail, then.fork());
            copy.passed = passed;
            return copy;
        }
    }
}
