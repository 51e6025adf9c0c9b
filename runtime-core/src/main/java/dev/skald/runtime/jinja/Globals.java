package dev.skald.runtime.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template can call. */
final class Globals {
    static final Map<String, Builtin> TABLE = Builtin.table(
            new Builtin("range _ _? _?", (a, in) -> {
                boolean one = a[1] == Arguments.ABSENT;
                long step = a[2] == Arguments.ABSENT ? 1 : Arguments.whole(a[2]);
                if (step == 0) {
                    throw TemplateError.evaluation("the step of a range is 0");
                }
                return new Range(one ? 0 : Arguments.whole(a[0]), Arguments.whole(one ? a[0] : a[1]), step);
            }),
            new Builtin("namespace *", (a, in) -> {
                Namespace namespace = new Namespace();
                dict(a, in).forEach((name, value) -> namespace.attributes().put(Arguments.text(name), value));
                return namespace;
            }),
            new Builtin("dict *", Globals::dict),
            new Builtin("joiner sep?", (a, in) -> new Joiner(Arguments.or(a[0], ", "))),
            new Builtin("cycler *", (a, in) -> new Cycler((List<?>) a[0])),
            new Builtin("raise_exception message", (a, in) -> {
                throw TemplateError.raised(Printer.text(a[0], in));
            }),
            new Builtin("strftime_now format", (a, in) -> TimeFormat.format(Arguments.text(a[0]), in)));

    private Globals() {}

    /** Implements {@code dict(values, name=value)}. */
    private static Map<Object, Object> dict(Object[] a, Interpreter in) {
        List<?> positional = (List<?>) a[0];
        Map<Object, Object> dict = new LinkedHashMap<>();
        if (positional.size() > 1) {
            throw TemplateError.evaluation("a dict or a namespace is made of one value, not " + positional.size());
        }
        for (Object value : positional) {
            Object entries = value instanceof Map<?, ?> map ? DictView.items(map) : value;
            for (Object entry : Values.list(entries, in)) {
                List<Object> pair = Values.list(entry, in);
                if (pair.size() != 2) {
                    throw TemplateError.evaluation("a dict is made of pairs, not of " + pair.size() + " values");
                }
                Dicts.put(dict, pair.get(0), pair.get(1), in);
            }
        }
        dict.putAll((Map<?, ?>) a[1]);
        return dict;
    }

    /** A function that returns an empty text at the first call, and its separator at all others. */
    private static final class Joiner implements Callable {
        private final Object separator;
        private boolean used;

        Joiner(Object separator) {
            this.separator = separator;
        }

        @Override
        public Object call(Arguments arguments, Interpreter in) {
            boolean first = !used;
            used = true;
            return first ? "" : separator;
        }
    }

    /** A value that returns its items in turn, again and again. */
    private static final class Cycler implements Attributed {
        private final List<?> values;
        private int position;

        Cycler(List<?> values) {
            if (values.isEmpty()) {
                throw TemplateError.evaluation("'cycler' needs values");
            }
            this.values = values;
        }

        @Override
        public Object attribute(String name, Interpreter in) {
            return switch (name) {
                case "current" -> values.get(position);
                case "next" ->
                    (Callable) (arguments, _) -> {
                        Object current = values.get(position);
                        position = (position + 1) % values.size();
                        return current;
                    };
                case "reset" ->
                    (Callable) (arguments, _) -> {
                        position = 0;
                        return null;
                    };
                default -> Undefined.member(this, name);
            };
        }
    }
}
