package dev.skald.runtime.grammar;

import dev.skald.runtime.automaton.Expr;
import dev.skald.runtime.automaton.Rule;
import dev.skald.runtime.error.GrammarException;
import java.util.Collection;
import java.util.List;

/**
 * Finds unlimited repetitions of a part that may be empty, such as {@code ("a" | )*}. They would do no harm here, but
 * llama.cpp turns them into a rule that begins with itself. A grammar should work in both programs.
 */
final class LoopCheck {
    private LoopCheck() {}

    static void check(Collection<Rule> rules) {
        for (Rule rule : rules) {
            check(rule, rule.body());
        }
    }

    private static void check(Rule rule, Expr expr) {
        switch (expr) {
            case Expr.Sequence(List<Expr> parts) -> parts.forEach(part -> check(rule, part));
            case Expr.Choice(List<Expr> alternatives) -> alternatives.forEach(part -> check(rule, part));
            case Expr.Repeat(Expr body, int _, int max) -> {
                check(rule, body);
                if (max == Expr.Repeat.UNLIMITED && mayBeNothing(body)) {
                    throw new GrammarException(
                            GrammarException.Reason.LEFT_RECURSION,
                            "left recursion: the rule " + rule.name()
                                    + " repeats without an end what may be nothing; leave the empty alternative, or the ?, away");
                }
            }
            default -> {}
        }
    }

    /** Returns whether a part is written so that it may be empty. A call of a rule that may be empty does not count. */
    private static boolean mayBeNothing(Expr expr) {
        return switch (expr) {
            case Expr.Choice(List<Expr> alternatives) -> alternatives.stream().anyMatch(LoopCheck::isNothing);
            case Expr.Call(Rule rule) -> mayBeNothing(rule.body());
            case Expr.Repeat repeat -> repeat.max() != 0 && (repeat.min() == 0 || mayBeNothing(repeat.body()));
            default -> false;
        };
    }

    private static boolean isNothing(Expr alternative) {
        return switch (alternative) {
            case Expr.Sequence(List<Expr> parts) -> parts.stream().allMatch(LoopCheck::isNothing);
            case Expr.Repeat repeat -> repeat.max() == 0;
            default -> false;
        };
    }
}
