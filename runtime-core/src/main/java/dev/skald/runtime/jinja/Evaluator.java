package dev.skald.runtime.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluates expressions. */
final class Evaluator {
    private final Interpreter in;

    Evaluator(Interpreter in) {
        this.in = in;
    }

    Object evaluate(Expr expression, Scope scope) {
        in.budget().enter();
        in.budget().step();
        try {
            Object value = value(expression, scope);
            in.budget().leave();
            return value;
        } catch (TemplateError e) {
            throw e.at(expression.line());
        }
    }

    private Object value(Expr expression, Scope scope) {
        return switch (expression) {
            case Expr.Literal literal -> literal.value();
            case Expr.Name name -> scope.get(name.name(), in.budget());
            case Expr.Attribute attribute ->
                Attributes.attribute(evaluate(attribute.target(), scope), attribute.name(), in);
            case Expr.Item item -> Attributes.item(evaluate(item.target(), scope), evaluate(item.key(), scope), in);
            case Expr.Compare compare -> compare(compare, scope);
            case Expr.Test test ->
                Tests.apply(test.name(), evaluate(test.target(), scope), arguments(test.arguments(), scope), in);
            case Expr.Filter filter -> filter(filter, evaluate(filter.target(), scope), scope);
            case Expr.Call call -> call(call, scope, null);
            case Expr.Not not -> !truth(not.operand(), scope);
            case Expr.And and -> {
                Object left = evaluate(and.left(), scope);
                yield Values.truth(left) ? evaluate(and.right(), scope) : left;
            }
            case Expr.Or or -> {
                Object left = evaluate(or.left(), scope);
                yield Values.truth(left) ? left : evaluate(or.right(), scope);
            }
            case Expr.Conditional choice -> {
                if (truth(choice.test(), scope)) {
                    yield evaluate(choice.then(), scope);
                }
                yield choice.otherwise() != null
                        ? evaluate(choice.otherwise(), scope)
                        : Undefined.because("the condition is false and there is no 'else'");
            }
            case Expr.Arithmetic sum ->
                Operators.calculate(sum.operator(), evaluate(sum.left(), scope), evaluate(sum.right(), scope), in);
            case Expr.Concat concat -> concat(concat.parts(), scope);
            case Expr.Negate negate -> Operators.negate(evaluate(negate.operand(), scope));
            case Expr.Plus plus -> Operators.plus(evaluate(plus.operand(), scope));
            case Expr.ListOf list -> values(list.items(), scope);
            case Expr.TupleOf tuple -> Tuple.copyOf(values(tuple.items(), scope));
            case Expr.DictOf dict -> dict(dict, scope);
            case Expr.Slice slice ->
                Attributes.slice(
                        evaluate(slice.target(), scope),
                        new Slicing(
                                bound(slice.start(), scope), bound(slice.stop(), scope), bound(slice.step(), scope)),
                        in);
        };
    }

    private boolean truth(Expr expression, Scope scope) {
        return Values.truth(evaluate(expression, scope));
    }

    private boolean compare(Expr.Compare compare, Scope scope) {
        Object left = evaluate(compare.left(), scope);
        for (int i = 0; i < compare.rights().size(); i++) {
            Object right = evaluate(compare.rights().get(i), scope);
            if (!Operators.compare(compare.comparisons().get(i), left, right, in)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private String concat(List<Expr> parts, Scope scope) {
        List<String> texts = new ArrayList<>(parts.size());
        for (Expr part : parts) {
            texts.add(Printer.text(evaluate(part, scope), in));
        }
        return Text.join("", texts, in);
    }

    private List<Object> values(List<Expr> items, Scope scope) {
        List<Object> values = new ArrayList<>(items.size());
        for (Expr item : items) {
            values.add(evaluate(item, scope));
        }
        return values;
    }

    private Map<Object, Object> dict(Expr.DictOf dict, Scope scope) {
        Map<Object, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < dict.keys().size(); i++) {
            Object key = evaluate(dict.keys().get(i), scope);
            Dicts.put(values, key, evaluate(dict.values().get(i), scope), in);
        }
        return values;
    }

    private Long bound(Expr expression, Scope scope) {
        Object value = expression == null ? null : evaluate(expression, scope);
        return value == null ? null : (Long) Arguments.whole(value);
    }

    /** Applies a filter to the value of its target. */
    Object filter(Expr.Filter filter, Object target, Scope scope) {
        return Filters.apply(filter.name(), target, arguments(filter.arguments(), scope), in);
    }

    /** Evaluates a call. {@code caller} is the macro that a call block adds to the arguments, or null. */
    Object call(Expr.Call call, Scope scope, Macro caller) {
        Object target = evaluate(call.target(), scope);
        Arguments arguments = arguments(call.arguments(), scope);
        if (caller != null) {
            Map<String, Object> named = new LinkedHashMap<>(arguments.named());
            named.put("caller", caller);
            arguments = new Arguments(arguments.positional(), named);
        }
        if (!(target instanceof Callable callable)) {
            Values.defined(target);
            throw TemplateError.evaluation("a " + Values.typeName(target) + " cannot be called");
        }
        return callable.call(arguments, in);
    }

    private Arguments arguments(Expr.Arguments arguments, Scope scope) {
        if (arguments == Expr.Arguments.NONE) {
            return Arguments.NONE;
        }
        List<Object> positional = values(arguments.positional(), scope);
        if (arguments.rest() != null) {
            positional.addAll(Values.list(evaluate(arguments.rest(), scope), in));
        }
        if (arguments.named().isEmpty() && arguments.namedRest() == null) {
            return new Arguments(positional, Map.of());
        }
        Map<String, Object> named = new LinkedHashMap<>();
        for (Expr.Named argument : arguments.named()) {
            name(named, argument.name(), evaluate(argument.value(), scope));
        }
        if (arguments.namedRest() != null) {
            if (!(evaluate(arguments.namedRest(), scope) instanceof Map<?, ?> more)) {
                throw TemplateError.evaluation("'**' needs a dict");
            }
            for (Map.Entry<?, ?> entry : more.entrySet()) {
                in.budget().step();
                name(named, Arguments.text(entry.getKey()), entry.getValue());
            }
        }
        return new Arguments(positional, named);
    }

    private static void name(Map<String, Object> named, String name, Object value) {
        if (named.containsKey(name)) {
            throw TemplateError.evaluation("the argument '" + name + "' is given twice");
        }
        named.put(name, value);
    }
}
