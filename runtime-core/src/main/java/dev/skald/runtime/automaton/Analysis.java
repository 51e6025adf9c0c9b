package dev.skald.runtime.automaton;

import dev.skald.runtime.error.GrammarException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Properties of the rules of a grammar: which can be empty, which can end, and which rules each can begin with. */
final class Analysis {
    private final Set<Rule> rules = new LinkedHashSet<>();
    private final Set<Rule> nullable = new HashSet<>();
    private final Set<Rule> productive = new HashSet<>();
    private final Map<Rule, List<Rule>> callers = new HashMap<>();
    private final Map<Rule, Integer> ranks = new HashMap<>();

    /**
     * Analyses a rule and all rules that it calls.
     *
     * @throws GrammarException if a rule begins with itself, or if no text matches
     */
    Analysis(Rule root) {
        this(List.of(root));
        if (!productive.contains(root)) {
            throw new GrammarException(
                    GrammarException.Reason.MATCHES_NOTHING,
                    "no text fits: " + root.name() + " can never come to an end");
        }
    }

    /** Analyses some rules and all rules that they call. A rule that can never end is accepted here. */
    Analysis(Collection<Rule> roots) {
        collect(roots);
        grow(productive, this::isProductive);
        grow(nullable, this::isNullable);
        rank();
    }

    Set<Rule> rules() {
        return rules;
    }

    boolean isNullable(Rule rule) {
        return nullable.contains(rule);
    }

    boolean isProductive(Rule rule) {
        return productive.contains(rule);
    }

    /** Returns the rank of a rule. It is higher than the ranks of the rules that can begin with this rule. */
    int rank(Rule rule) {
        return ranks.get(rule);
    }

    private void collect(Collection<Rule> roots) {
        Deque<Rule> open = new ArrayDeque<>(roots);
        while (!open.isEmpty()) {
            Rule rule = open.pop();
            if (rules.add(rule)) {
                Deque<Rule> called = new ArrayDeque<>();
                calls(rule.body(), called);
                called.forEach(each ->
                        callers.computeIfAbsent(each, _ -> new ArrayList<>()).add(rule));
                open.addAll(called);
            }
        }
    }

    private static void calls(Expr expr, Deque<Rule> open) {
        switch (expr) {
            case Expr.Sequence(List<Expr> parts) -> parts.forEach(part -> calls(part, open));
            case Expr.Choice(List<Expr> alternatives) -> alternatives.forEach(part -> calls(part, open));
            case Expr.Repeat repeat -> calls(repeat.body(), open);
            case Expr.Call(Rule rule) -> open.push(rule);
            case Expr.Later(Machine machine) -> machine.calls().forEach(open::push);
            case Expr.Chars _, Expr.Text _, Expr.Token _ -> {}
        }
    }

    private interface Property {
        boolean of(Expr expr);
    }

    /** Extends a set of rules by every rule that has the property because of the rules that it calls. */
    private void grow(Set<Rule> known, Property property) {
        Deque<Rule> open = new ArrayDeque<>(rules);
        while (!open.isEmpty()) {
            Rule rule = open.pop();
            if (!known.contains(rule) && property.of(rule.body())) {
                known.add(rule);
                open.addAll(callers.getOrDefault(rule, List.of()));
            }
        }
    }

    boolean isProductive(Expr expr) {
        return switch (expr) {
            case Expr.Chars(CodePoints set) -> !set.isEmpty();
            case Expr.Text _, Expr.Token _ -> true;
            case Expr.Later(Machine machine) -> machine.canEnd(productive::contains);
            case Expr.Sequence(List<Expr> parts) -> parts.stream().allMatch(this::isProductive);
            case Expr.Choice(List<Expr> alternatives) -> alternatives.stream().anyMatch(this::isProductive);
            case Expr.Repeat repeat -> repeat.min() == 0 || isProductive(repeat.body());
            case Expr.Call(Rule rule) -> productive.contains(rule);
        };
    }

    private boolean isNullable(Expr expr) {
        return switch (expr) {
            case Expr.Chars _, Expr.Token _, Expr.Later _ -> false;
            case Expr.Text(String text) -> text.isEmpty();
            case Expr.Sequence(List<Expr> parts) -> parts.stream().allMatch(this::isNullable);
            case Expr.Choice(List<Expr> alternatives) -> alternatives.stream().anyMatch(this::isNullable);
            case Expr.Repeat repeat -> repeat.min() == 0 || isNullable(repeat.body());
            case Expr.Call(Rule rule) -> nullable.contains(rule);
        };
    }

    /** Adds the rules with which a text of an expression can begin. */
    private void first(Expr expr, Set<Rule> into) {
        switch (expr) {
            case Expr.Chars _, Expr.Text _, Expr.Token _, Expr.Later _ -> {}
            case Expr.Sequence(List<Expr> parts) -> {
                for (Expr part : parts) {
                    first(part, into);
                    if (!isNullable(part)) {
                        return;
                    }
                }
            }
            case Expr.Choice(List<Expr> alternatives) -> alternatives.forEach(part -> first(part, into));
            case Expr.Repeat repeat -> {
                if (repeat.max() != 0) {
                    first(repeat.body(), into);
                }
            }
            case Expr.Call(Rule rule) -> into.add(rule);
        }
    }

    /** Ranks the rules, without recursion, since a stranger's grammar may be deeply nested. */
    private void rank() {
        Map<Rule, Set<Rule>> firsts = new LinkedHashMap<>();
        Map<Rule, Integer> waiting = new HashMap<>();
        for (Rule rule : rules) {
            Set<Rule> first = new LinkedHashSet<>();
            first(rule.body(), first);
            firsts.put(rule, first);
            first.forEach(called -> waiting.merge(called, 1, Integer::sum));
        }
        List<Rule> ready = new ArrayList<>();
        for (Rule rule : rules) {
            if (!waiting.containsKey(rule)) {
                ready.add(rule);
            }
        }
        for (int i = 0; i < ready.size(); i++) {
            ranks.put(ready.get(i), i);
            for (Rule called : firsts.get(ready.get(i))) {
                if (waiting.merge(called, -1, Integer::sum) == 0) {
                    ready.add(called);
                }
            }
        }
        if (ready.size() < rules.size()) {
            Rule looping = rules.stream()
                    .filter(rule -> !ranks.containsKey(rule))
                    .findFirst()
                    .orElseThrow();
            throw new GrammarException(
                    GrammarException.Reason.LEFT_RECURSION,
                    "left recursion: " + looping.name() + " can begin with itself, or with a rule that does; "
                            + "let each alternative begin with something else");
        }
    }
}
