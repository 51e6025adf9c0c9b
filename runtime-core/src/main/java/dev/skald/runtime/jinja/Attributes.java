package dev.skald.runtime.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Evaluates {@code value.name} and {@code value[key]}. As in jinja2, each falls back to the other if it finds nothing.
 */
final class Attributes {
    private static final Map<String, Builtin> DICT_METHODS = Builtin.table(
            new Builtin("items _", (a, in) -> DictView.items((Map<?, ?>) a[0])),
            new Builtin("keys _", (a, in) -> DictView.keys((Map<?, ?>) a[0])),
            new Builtin("values _", (a, in) -> DictView.values((Map<?, ?>) a[0])),
            new Builtin("get _ _ _?", (a, in) -> {
                Object value = Dicts.get((Map<?, ?>) a[0], a[1], in);
                return value == Arguments.ABSENT ? Arguments.or(a[2], null) : value;
            }),
            new Builtin("copy _", (a, in) -> {
                in.budget().spend(((Map<?, ?>) a[0]).size());
                return new LinkedHashMap<>((Map<?, ?>) a[0]);
            }));

    private static final Map<String, Builtin> TUPLE_METHODS = Builtin.table(
            new Builtin("count _ _", (a, in) -> {
                long count = 0;
                for (Object element : (List<?>) a[0]) {
                    in.budget().step();
                    count += Values.equal(element, a[1], in) ? 1 : 0;
                }
                return count;
            }),
            new Builtin("index _ _", (a, in) -> {
                long index = 0;
                for (Object element : (List<?>) a[0]) {
                    in.budget().step();
                    if (Values.equal(element, a[1], in)) {
                        return index;
                    }
                    index++;
                }
                throw TemplateError.evaluation("the value is not in the list");
            }));

    private static final Builtin LIST_COPY = new Builtin("copy _", (a, in) -> Values.list(a[0], in));

    private static final Set<String> CHANGING_LISTS =
            Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
    private static final Set<String> CHANGING_DICTS = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private Attributes() {}

    /** Returns {@code value.name}. Methods take precedence over the keys of a dict. */
    static Object attribute(Object value, String name, Interpreter in) {
        if (value instanceof Map<?, ?> dict) {
            Object method = method(value, name, in);
            if (method != Arguments.ABSENT) {
                return method;
            }
            Object found = dict.get(name);
            return found != null || dict.containsKey(name) ? found : Undefined.member(value, name);
        }
        Values.defined(value);
        Object method = method(value, name, in);
        return method != Arguments.ABSENT ? method : Undefined.member(value, name);
    }

    /** Returns {@code value[key]}. The keys of a dict take precedence over its methods. */
    static Object item(Object value, Object key, Interpreter in) {
        Values.defined(value);
        Object item = Arguments.ABSENT;
        if (value instanceof Map<?, ?> dict) {
            item = Dicts.isKey(key) ? Dicts.get(dict, key, in) : Arguments.ABSENT;
        } else if (Numbers.isInteger(key)) {
            long index = Arguments.integer(key);
            if (value instanceof List<?> list) {
                long at = index < 0 ? index + list.size() : index;
                item = at >= 0 && at < list.size() ? list.get((int) at) : Arguments.ABSENT;
            } else if (Values.isText(value)) {
                String text = value.toString();
                int length = Text.length(text, in);
                long at = index < 0 ? index + length : index;
                item = at >= 0 && at < length
                        ? like(value, Character.toString(text.codePointAt(Text.offset(text, (int) at))))
                        : Arguments.ABSENT;
            }
        }
        if (item == Arguments.ABSENT && Values.isText(key)) {
            item = method(value, key.toString(), in);
        }
        return item == Arguments.ABSENT ? Undefined.member(value, key) : item;
    }

    static Object slice(Object value, Slicing slicing, Interpreter in) {
        return switch (value) {
            case String text -> Text.slice(text, slicing, in);
            case Markup(String text) -> new Markup(Text.slice(text, slicing, in));
            case Tuple tuple -> Tuple.copyOf(slicing.of(tuple, in));
            case Range range -> range.slice(slicing);
            case List<?> list -> slicing.of(list, in);
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw TemplateError.evaluation("a " + Values.typeName(value) + " has no slices");
        };
    }

    /** Returns the text as markup if the original value is markup. */
    static Object like(Object original, String text) {
        return original instanceof Markup ? new Markup(text) : text;
    }

    /** Returns an attribute or a method of a value, but no key of a dict; or {@link Arguments#ABSENT}. */
    private static Object method(Object value, String name, Interpreter in) {
        return switch (value) {
            case String _ -> bound(StringMethods.get(name), value);
            case Map<?, ?> _ ->
                CHANGING_DICTS.contains(name) ? Undefined.forbidden(value, name) : bound(DICT_METHODS.get(name), value);
            case Tuple tuple -> {
                int index = tuple.names().indexOf(name);
                yield index >= 0 ? tuple.get(index) : bound(TUPLE_METHODS.get(name), value);
            }
            case Range _ -> bound(TUPLE_METHODS.get(name), value);
            case List<?> _ ->
                CHANGING_LISTS.contains(name)
                        ? Undefined.forbidden(value, name)
                        : bound(name.equals("copy") ? LIST_COPY : TUPLE_METHODS.get(name), value);
            case Attributed attributed -> attributed.attribute(name, in);
            case Markup(String text) -> {
                Builtin method = StringMethods.get(name);
                yield method == null ? Arguments.ABSENT : new MarkupMethod(method, text);
            }
            case null, default -> Arguments.ABSENT;
        };
    }

    private static Object bound(Builtin method, Object self) {
        return method == null ? Arguments.ABSENT : method.of(self);
    }

    /** A method of markup. It escapes the texts that it inserts, and its result is markup. */
    private record MarkupMethod(Builtin method, String text) implements Callable {
        private static final Set<String> ESCAPING = Set.of("replace", "format", "join", "ljust", "rjust", "center");

        @Override
        public Object call(Arguments arguments, Interpreter in) {
            return marked(method.call(
                    (ESCAPING.contains(method.name()) ? escaped(arguments, in) : arguments).after(text), in));
        }

        private Arguments escaped(Arguments arguments, Interpreter in) {
            List<Object> positional = new ArrayList<>();
            for (Object value : arguments.positional()) {
                boolean searched = method.name().equals("replace") && positional.isEmpty();
                positional.add(searched ? value : escaped(value, in));
            }
            Map<String, Object> named = new LinkedHashMap<>();
            arguments.named().forEach((name, value) -> named.put(name, escaped(value, in)));
            return new Arguments(positional, named);
        }

        private Object escaped(Object value, Interpreter in) {
            if (method.name().equals("join")) {
                List<Object> parts = new ArrayList<>();
                Values.list(value, in).forEach(part -> parts.add(Markup.escape(part, in)));
                return parts;
            }
            return Values.isText(value) ? Markup.escape(value, in) : value;
        }

        private static Object marked(Object result) {
            return switch (result) {
                case String text -> new Markup(text);
                case Tuple tuple ->
                    Tuple.copyOf(tuple.stream().map(MarkupMethod::marked).toList());
                case List<?> list ->
                    new ArrayList<>(list.stream().map(MarkupMethod::marked).toList());
                case null, default -> result;
            };
        }
    }
}
