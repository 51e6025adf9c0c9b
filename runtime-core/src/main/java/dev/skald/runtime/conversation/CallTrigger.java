package dev.skald.runtime.conversation;

import dev.skald.runtime.grammar.Grammar;
import java.util.Optional;
import java.util.function.Function;

/**
 * Recognizes where a call begins in free text.
 *
 * @param mark the end of the text at that place: the name of a control token, or text
 * @param then returns the constraint on what follows, given the end of the text so far; empty if this is not a call
 * @param last whether the text ends with the call
 */
record CallTrigger(String mark, Function<String, Optional<Grammar>> then, boolean last) {
    /** Creates a trigger for a call after which the text may continue. */
    CallTrigger(String mark, Grammar then) {
        this(mark, before -> Optional.of(then), false);
    }
}
