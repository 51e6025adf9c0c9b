package dev.skald.runtime.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A built-in function: its parameters and its body. */
final class Builtin implements Callable {
    /** The body of a function. It receives the arguments in the order of the parameters. */
    @FunctionalInterface
    interface Body {
        Object apply(Object[] arguments, Interpreter in);
    }

    private final String name;
    private final String[] parameters;
    private final int required;
    private final boolean open;
    private final Body body;

    /**
     * Creates a function from its signature.
     *
     * @param signature the name and the parameters, separated by spaces. {@code x?} is optional; its default is {@link
     *     Arguments#ABSENT}; {@code _} can only be given by position; a {@code *} at the end collects a list of further
     *     arguments and a map of named ones
     */
    Builtin(String signature, Body body) {
        String[] words = signature.split(" ");
        this.name = words[0];
        this.open = words[words.length - 1].equals("*");
        this.parameters = Arrays.copyOfRange(words, 1, open ? words.length - 1 : words.length);
        int optional = 0;
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i].endsWith("?")) {
                parameters[i] = parameters[i].substring(0, parameters[i].length() - 1);
                optional++;
            }
        }
        this.required = parameters.length - optional;
        this.body = body;
    }

    static Map<String, Builtin> table(Builtin... functions) {
        Map<String, Builtin> table = new LinkedHashMap<>();
        for (Builtin function : functions) {
            table.put(function.name, function);
        }
        return table;
    }

    String name() {
        return name;
    }

    @Override
    public Object call(Arguments arguments, Interpreter in) {
        return body.apply(bind(arguments), in);
    }

    /** Returns this function as a method of a value. */
    Callable of(Object self) {
        return new Method(this, self);
    }

    private record Method(Builtin method, Object self) implements Callable {
        @Override
        public Object call(Arguments arguments, Interpreter in) {
            return method.call(arguments.after(self), in);
        }

        @Override
        public String toString() {
            return "<built-in method " + method.name + ">";
        }
    }

    private Object[] bind(Arguments arguments) {
        List<Object> positional = arguments.positional();
        if (positional.size() > parameters.length && !open) {
            throw TemplateError.evaluation(
                    "'" + name + "' takes at most " + parameters.length + " arguments, not " + positional.size());
        }
        Object[] bound = new Object[parameters.length + (open ? 2 : 0)];
        Arrays.fill(bound, Arguments.ABSENT);
        for (int i = 0; i < Math.min(parameters.length, positional.size()); i++) {
            bound[i] = positional.get(i);
        }
        Map<String, Object> others = new LinkedHashMap<>();
        arguments.named().forEach((key, value) -> {
            int index = Arrays.asList(parameters).indexOf(key);
            if (index >= 0 && !key.equals("_") && bound[index] == Arguments.ABSENT) {
                bound[index] = value;
            } else if (open && index < 0) {
                others.put(key, value);
            } else {
                throw TemplateError.evaluation(
                        "'" + name + "' " + (index < 0 ? "has no parameter '" : "gets two values for '") + key + "'");
            }
        });
        if (open) {
            int extra = Math.min(parameters.length, positional.size());
            bound[parameters.length] = new ArrayList<>(positional.subList(extra, positional.size()));
            bound[parameters.length + 1] = others;
        }
        for (int i = 0; i < required; i++) {
            if (bound[i] == Arguments.ABSENT) {
                throw TemplateError.evaluation("'" + name + "' needs " + required + " arguments");
            }
        }
        return bound;
    }

    /** Returns the text that Python prints, without the address. */
    @Override
    public String toString() {
        return "<function " + name + ">";
    }
}
