package dev.skald.runtime.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro, together with the variables around its definition. */
final class Macro implements Callable, Attributed {
    private final Stmt.Signature signature;
    private final Scope definedIn;

    Macro(Stmt.Signature signature, Scope definedIn) {
        this.signature = signature;
        this.definedIn = definedIn;
    }

    @Override
    public Object call(Arguments arguments, Interpreter in) {
        in.budget().spend(signature.parameters().size());
        Scope scope = new Scope(definedIn);
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        List<String> parameters = signature.parameters();
        List<Object> positional = arguments.positional();
        int given = Math.min(parameters.size(), positional.size());
        for (int i = 0; i < parameters.size(); i++) {
            String name = parameters.get(i);
            if (i < given) {
                scope.set(name, positional.get(i));
            } else if (named.containsKey(name)) {
                scope.set(name, named.remove(name));
            } else {
                scope.set(name, missing(i, scope, in));
            }
        }
        special(named, positional.subList(given, positional.size()), scope);
        StringBuilder out = new StringBuilder();
        in.execute(signature.body(), scope, out);
        return out.toString();
    }

    /** Returns the value of a parameter that the call does not set. */
    private Object missing(int index, Scope scope, Interpreter in) {
        int withoutDefault =
                signature.parameters().size() - signature.defaults().size();
        return index < withoutDefault
                ? Undefined.because("the parameter '" + signature.parameters().get(index) + "' of '" + signature.name()
                        + "' was not given")
                : in.evaluate(signature.defaults().get(index - withoutDefault), scope);
    }

    /** Assigns the remaining arguments to the special names that the body uses, or rejects them. */
    private void special(Map<String, Object> named, List<Object> positional, Scope scope) {
        if (uses("caller") && !signature.parameters().contains("caller")) {
            Object caller = named.remove("caller");
            scope.set(
                    "caller",
                    caller == null ? Undefined.because("there is no caller: this is no 'call' block") : caller);
        }
        if (uses("kwargs")) {
            scope.set("kwargs", named);
        } else if (!named.isEmpty()) {
            throw TemplateError.evaluation("the macro '" + signature.name() + "' has no parameter '"
                    + named.keySet().iterator().next() + "'");
        }
        if (uses("varargs")) {
            scope.set("varargs", Tuple.copyOf(positional));
        } else if (!positional.isEmpty()) {
            throw TemplateError.evaluation("the macro '" + signature.name() + "' takes at most "
                    + signature.parameters().size() + " arguments");
        }
    }

    private boolean uses(String name) {
        return signature.uses().contains(name);
    }

    @Override
    public Object attribute(String name, Interpreter in) {
        return switch (name) {
            case "name" -> signature.name();
            case "arguments" -> Tuple.copyOf(signature.parameters());
            case "catch_kwargs" -> uses("kwargs");
            case "catch_varargs" -> uses("varargs");
            case "caller" -> uses("caller");
            default -> Undefined.member(this, name);
        };
    }

    /** Returns the text that Python prints. */
    @Override
    public String toString() {
        return "<Macro '" + signature.name() + "'>";
    }
}
