package dev.skald.runtime.conversation;

import dev.skald.runtime.grammar.Grammar;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where a call begins in a text that is free so far.
 *
 * @param mark how the text ends there; the name of a control token, or text
 * @param then what holds behind it, for the end of the text so far; empty where it is no call
 * @param last whether the text ends with the call
 */
record CallTrigger(String mark, Function<String, Optional<Grammar>> then, boolean last) {
    /** A call after which the text may go on. */
    CallTrigger(String mark, Grammar then) {
        this(mark, before -> Optional.of(then), false);
    }
}
