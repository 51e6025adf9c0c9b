package dev.skald.runtime.conversation;

import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.sampling.Constraint;
import dev.skald.runtime.sampling.ConstraintSource;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Allows any text, but constrains each call in it by a grammar, from its beginning to its end.
 *
 * @param triggers recognize where a call begins
 */
record FreeUntilCall(List<CallTrigger> triggers) implements ConstraintSource {
    /** The number of last characters that a trigger sees. */
    private static final int TAIL = 512;

    @Override
    public Constraint begin(Tokenizer tokenizer) {
        return new Text(triggers, tokenizer);
    }

    private static final class Text implements Constraint {
        private final List<CallTrigger> triggers;
        private final Tokenizer tokenizer;
        /** The end of the text so far, one character for each byte. */
        private final StringBuilder tail = new StringBuilder();
        /** The constraint on the call that has begun; null in free text. */
        private Constraint call;

        /** Whether the text ends with the current call. */
        private boolean last;

        private boolean complete;

        Text(List<CallTrigger> triggers, Tokenizer tokenizer) {
            this.triggers = triggers;
            this.tokenizer = tokenizer;
        }

        @Override
        public long[] allowed() {
            return call == null ? null : call.allowed();
        }

        @Override
        public void accept(int token) {
            if (call != null) {
                call.accept(token);
                if (call.isComplete()) {
                    call = null;
                    complete = last;
                    tail.setLength(0);
                }
                return;
            }
            byte[] bytes = tokenizer.bytes(token);
            for (int i = 0; i < bytes.length && call == null; i++) {
                tail.append((char) (bytes[i] & 0xFF));
                Optional<Grammar> begun = begun();
                if (begun.isPresent()) {
                    begin(begun.get(), new String(bytes, i + 1, bytes.length - i - 1, StandardCharsets.UTF_8));
                    return;
                }
            }
            if (tail.length() > TAIL) {
                tail.delete(0, tail.length() - TAIL);
            }
        }

        private Optional<Grammar> begun() {
            for (CallTrigger trigger : triggers) {
                String mark = latin(trigger.mark());
                int at = tail.length() - mark.length();
                if (at >= 0 && tail.indexOf(mark, at) == at) {
                    last = trigger.last();
                    return trigger.then().apply(text());
                }
            }
            return Optional.empty();
        }

        private String text() {
            return new String(tail.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        }

        private static String latin(String text) {
            return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        }

        /** Begins the call with the part of the token that follows the mark. */
        private void begin(Grammar grammar, String rest) {
            Constraint begun = grammar.begin(tokenizer);
            try {
                // The line break is optional.
                for (int id : rest.isBlank() ? new int[0] : tokenizer.encode(rest)) {
                    begun.accept(id);
                }
                call = begun;
            } catch (IllegalArgumentException other) {
                // Within this token the model has written something other than a call, so it stays free text.
                call = null;
            }
        }

        @Override
        public int[] forced() {
            return call == null ? new int[0] : call.forced();
        }

        @Override
        public boolean isComplete() {
            return complete;
        }

        @Override
        public Constraint fork() {
            Text copy = new Text(triggers, tokenizer);
            copy.tail.append(tail);
            copy.call = call == null ? null : call.fork();
            copy.last = last;
            copy.complete = complete;
            return copy;
        }
    }
}
