package dev.skald.runtime.automaton;

import dev.skald.runtime.sampling.Constraint;
import java.io.ByteArrayOutputStream;

/** Holds a text to a grammar. Other texts with the same grammar may share the automaton, one at a time. */
public final class AutomatonConstraint implements Constraint {
    private static final int MAX_FORCED = 1000;

    private final Automaton automaton;
    private final TokenTable table;
    private final long[] allowed;
    private State state;

    /** Creates a constraint at the beginning of a text. */
    public AutomatonConstraint(Automaton automaton, TokenTable table) {
        this(automaton, table, automaton.start());
    }

    private AutomatonConstraint(Automaton automaton, TokenTable table, State state) {
        this.automaton = automaton;
        this.table = table;
        this.state = state;
        this.allowed = new long[table.words()];
    }

    @Override
    public long[] allowed() {
        synchronized (automaton) {
            automaton.question();
            java.util.Arrays.fill(allowed, 0);
            table.addAllowed(automaton, state, allowed);
            if (state.accepting) {
                long[] ends = table.ends();
                for (int i = 0; i < allowed.length; i++) {
                    allowed[i] |= ends[i];
                }
            }
            return allowed;
        }
    }

    @Override
    public void accept(int token) {
        if (state.accepting && table.tokenizer().isEnd(token)) {
            return;
        }
        synchronized (automaton) {
            automaton.question();
            State byBytes = follow(token);
            State byId = table.tokenizer().isEnd(token) ? null : automaton.token(state, token, table.isWhole(token));
            if (byBytes == null && byId == null) {
                throw new IllegalArgumentException("token " + token + " is not allowed here");
            }
            state = byBytes == null ? byId : byId == null ? byBytes : automaton.either(byBytes, byId);
        }
    }

    private State follow(int token) {
        byte[] bytes = table.text(token);
        State at = bytes == null ? null : state;
        for (int i = 0; at != null && i < bytes.length; i++) {
            at = automaton.next(at, bytes[i]);
        }
        return at;
    }

    @Override
    public int[] forced() {
        synchronized (automaton) {
            automaton.question();
            State at = state;
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            for (int only = automaton.onlyByte(at);
                    only >= 0 && text.size() < MAX_FORCED;
                    only = automaton.onlyByte(at)) {
                text.write(only);
                at = automaton.next(at, only);
            }
            return text.size() == 0 ? new int[0] : table.split(automaton, text.toByteArray(), at);
        }
    }

    @Override
    public boolean isComplete() {
        return state.accepting && state.isFinal();
    }

    @Override
    public Constraint fork() {
        return new AutomatonConstraint(automaton, table, state);
    }
}
