package dev.skald.runtime.jinja;

import static dev.skald.runtime.jinja.Arguments.integer;
import static dev.skald.runtime.jinja.Arguments.none;
import static dev.skald.runtime.jinja.Arguments.or;
import static dev.skald.runtime.jinja.Arguments.truth;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Filters for sequences. They are lazy where Python's are. */
final class SequenceFilters {
    static final Map<String, Builtin> TABLE = Builtin.table(
            new Builtin("length value", (a, in) -> Values.length(a[0], in)),
            new Builtin("count value", (a, in) -> Values.length(a[0], in)),
            new Builtin("list value", (a, in) -> Values.list(a[0], in)),
            new Builtin("first seq", (a, in) -> {
                Iterator<?> elements = Values.iterator(a[0], in);
                return elements.hasNext() ? elements.next() : Undefined.because("there is no first element");
            }),
            new Builtin("last seq", (a, in) -> {
                if (a[0] instanceof Lazy) {
                    throw TemplateError.evaluation("'last' needs a list, not a generator: put 'list' before it");
                }
                List<Object> elements = Values.list(a[0], in);
                return elements.isEmpty() ? Undefined.because("there is no last element") : elements.getLast();
            }),
            new Builtin("reverse value", (a, in) -> {
                if (Values.isText(a[0])) {
                    return Attributes.slice(a[0], new Slicing(null, null, -1L), in);
                }
                List<Object> reversed = Values.list(a[0], in).reversed();
                return a[0] instanceof Lazy ? reversed : lazy(reversed.iterator(), in);
            }),
            new Builtin(
                    "sort value reverse? case_sensitive? attribute?",
                    (a, in) -> sort(a[0], keys(a[3], truth(a[2], false), in), truth(a[1], false), in)),
            new Builtin("dictsort value case_sensitive? by? reverse?", (a, in) -> dictSort(a, in)),
            lazy("unique value case_sensitive? attribute?", (a, in) -> unique(a, in)),
            new Builtin("min value case_sensitive? attribute?", (a, in) -> extreme(a, -1, in)),
            new Builtin("max value case_sensitive? attribute?", (a, in) -> extreme(a, 1, in)),
            new Builtin("sum iterable attribute? start?", (a, in) -> {
                Object sum = or(a[2], 0L);
                AttributePath path = AttributePath.of(a[1], in);
                for (Object element : Values.list(a[0], in)) {
                    sum = Operators.calculate(Expr.Operator.ADD, sum, path.from(element, in), in);
                }
                return sum;
            }),
            lazy("map value *", (a, in) -> map(a, in)),
            lazy("select value *", (a, in) -> select(a, false, true, in)),
            lazy("reject value *", (a, in) -> select(a, false, false, in)),
            lazy("selectattr value *", (a, in) -> select(a, true, true, in)),
            lazy("rejectattr value *", (a, in) -> select(a, true, false, in)),
            lazy("batch value linecount fill_with?", (a, in) -> batch(a, in)),
            lazy("slice value slices fill_with?", (a, in) -> slice(a, in)),
            new Builtin("groupby value attribute default? case_sensitive?", (a, in) -> groupBy(a, in)));

    /** A filter that starts when its first value is requested. */
    @FunctionalInterface
    private interface LazyBody {
        Lazy.Source begin(Object[] arguments, Interpreter in);
    }

    private SequenceFilters() {}

    private static Builtin lazy(String signature, LazyBody body) {
        return new Builtin(signature, (a, in) -> new Lazy(in.budget(), () -> body.begin(a, in)));
    }

    private static Lazy lazy(Iterator<?> elements, Interpreter in) {
        return new Lazy(in.budget(), () -> () -> elements.hasNext() ? elements.next() : Lazy.end());
    }

    /** Returns a function from an element to its sort key. */
    private static UnaryOperator<Object> key(Object attribute, boolean caseSensitive, Object fallback, Interpreter in) {
        AttributePath path = AttributePath.of(attribute, in);
        return element -> {
            Object key = path.from(element, fallback, in);
            return caseSensitive || !Values.isText(key) ? key : StringMethods.lower(key.toString(), in);
        };
    }

    /** Works as {@link #key}, and accepts several attributes separated by commas. */
    private static UnaryOperator<Object> keys(Object attribute, boolean caseSensitive, Interpreter in) {
        if (!Values.isText(attribute) || attribute.toString().indexOf(',') < 0) {
            return key(attribute, caseSensitive, null, in);
        }
        List<UnaryOperator<Object>> keys = new ArrayList<>();
        for (String part : attribute.toString().split(",", -1)) {
            keys.add(key(part, caseSensitive, null, in));
        }
        return element -> {
            List<Object> all = new ArrayList<>();
            keys.forEach(key -> all.add(key.apply(element)));
            return all;
        };
    }

    private record Keyed(Object key, Object value) {}

    private static List<Object> sort(Object values, UnaryOperator<Object> key, boolean reverse, Interpreter in) {
        List<Object> keyed = new ArrayList<>();
        for (Object value : Values.list(values, in)) {
            keyed.add(new Keyed(key.apply(value), value));
        }
        int wanted = reverse ? 1 : -1;
        List<Object> sorted = Values.sorted(keyed, (x, y) -> {
            in.budget().step();
            return Values.order(((Keyed) x).key(), ((Keyed) y).key(), in) == wanted;
        });
        sorted.replaceAll(element -> ((Keyed) element).value());
        return sorted;
    }

    private static List<Object> dictSort(Object[] a, Interpreter in) {
        if (!(a[0] instanceof Map<?, ?> dict)) {
            Values.defined(a[0]);
            throw TemplateError.evaluation("'dictsort' needs a dict, not a " + Values.typeName(a[0]));
        }
        Object by = or(a[2], "key");
        if (!"key".equals(by) && !"value".equals(by)) {
            throw TemplateError.evaluation("'dictsort' sorts by \"key\" or \"value\"");
        }
        UnaryOperator<Object> key = key(by.equals("key") ? 0L : 1L, truth(a[1], false), null, in);
        return sort(DictView.items(dict), key, truth(a[3], false), in);
    }

    private static Lazy.Source unique(Object[] a, Interpreter in) {
        UnaryOperator<Object> key = key(a[2], truth(a[1], false), null, in);
        Iterator<?> elements = Values.iterator(a[0], in);
        Map<Object, Object> seen = new HashMap<>();
        return () -> {
            while (elements.hasNext()) {
                in.budget().step();
                Object element = elements.next();
                Object value = key.apply(element);
                if (Dicts.get(seen, value, in) == Arguments.ABSENT) {
                    Dicts.put(seen, value, true, in);
                    return element;
                }
            }
            return Lazy.end();
        };
    }

    private static Object extreme(Object[] a, int wanted, Interpreter in) {
        UnaryOperator<Object> key = key(a[2], truth(a[1], false), null, in);
        List<Object> elements = Values.list(a[0], in);
        if (elements.isEmpty()) {
            return Undefined.because("there is no element to choose from");
        }
        Object best = elements.getFirst();
        for (Object element : elements.subList(1, elements.size())) {
            if (Values.order(key.apply(element), key.apply(best), in) == wanted) {
                best = element;
            }
        }
        return best;
    }

    /** Returns the arguments from this position on. */
    private static Arguments rest(Object[] a, int from) {
        List<Object> positional = new ArrayList<>((List<?>) a[1]);
        Map<String, Object> named = new HashMap<>();
        ((Map<?, ?>) a[2]).forEach((name, value) -> named.put(name.toString(), value));
        return new Arguments(positional.subList(Math.min(from, positional.size()), positional.size()), named);
    }

    private static Lazy.Source map(Object[] a, Interpreter in) {
        if (!Values.truth(a[0])) {
            return Lazy::end;
        }
        Map<?, ?> named = (Map<?, ?>) a[2];
        List<?> positional = (List<?>) a[1];
        Function<Object, Object> function;
        if (positional.isEmpty() && named.containsKey("attribute")) {
            AttributePath path = AttributePath.of(named.get("attribute"), in);
            Object fallback = named.get("default");
            function = element -> path.from(element, fallback, in);
        } else if (positional.isEmpty()) {
            throw TemplateError.evaluation("'map' needs the name of a filter, or an attribute");
        } else {
            String filter = Arguments.text(positional.getFirst());
            Arguments arguments = rest(a, 1);
            function = element -> Filters.apply(filter, element, arguments, in);
        }
        Iterator<?> elements = Values.iterator(a[0], in);
        return () -> elements.hasNext() ? function.apply(elements.next()) : Lazy.end();
    }

    private static Lazy.Source select(Object[] a, boolean byAttribute, boolean wanted, Interpreter in) {
        if (!Values.truth(a[0])) {
            return Lazy::end;
        }
        List<?> positional = (List<?>) a[1];
        if (byAttribute && positional.isEmpty()) {
            throw TemplateError.evaluation("'selectattr' and 'rejectattr' need an attribute");
        }
        int skipped = byAttribute ? 1 : 0;
        AttributePath path = byAttribute ? AttributePath.of(positional.getFirst(), in) : AttributePath.of(null, in);
        Predicate<Object> test = Values::truth;
        if (positional.size() > skipped) {
            String name = Arguments.text(positional.get(skipped));
            Arguments arguments = rest(a, skipped + 1);
            test = value -> Tests.apply(name, value, arguments, in);
        }
        Predicate<Object> condition = test;
        Iterator<?> elements = Values.iterator(a[0], in);
        return () -> {
            while (elements.hasNext()) {
                in.budget().step();
                Object element = elements.next();
                if (condition.test(path.from(element, in)) == wanted) {
                    return element;
                }
            }
            return Lazy.end();
        };
    }

    private static Lazy.Source batch(Object[] a, Interpreter in) {
        Iterator<?> elements = Values.iterator(a[0], in);
        int size = integer(a[1]);
        return () -> {
            List<Object> batch = new ArrayList<>();
            while (elements.hasNext() && (batch.isEmpty() || batch.size() != size)) {
                in.budget().step();
                batch.add(elements.next());
            }
            if (batch.isEmpty()) {
                return Lazy.end();
            }
            while (!none(a[2]) && batch.size() < size) {
                in.budget().step();
                batch.add(a[2]);
            }
            return batch;
        };
    }

    private static Lazy.Source slice(Object[] a, Interpreter in) {
        List<Object> elements = Values.list(a[0], in);
        int slices = integer(a[1]);
        if (slices == 0) {
            throw TemplateError.evaluation("'slice' cannot make 0 slices");
        }
        int[] next = {0, 0};
        return () -> {
            int number = next[0]++;
            if (number >= slices) {
                return Lazy.end();
            }
            boolean larger = number < elements.size() % slices;
            int end = next[1] + elements.size() / slices + (larger ? 1 : 0);
            in.budget().spend(end - next[1]);
            List<Object> slice = new ArrayList<>(elements.subList(next[1], end));
            if (!none(a[2]) && !larger) {
                slice.add(a[2]);
            }
            next[1] = end;
            return slice;
        };
    }

    private static Object groupBy(Object[] a, Interpreter in) {
        boolean caseSensitive = truth(a[3], false);
        Object fallback = or(a[2], null);
        UnaryOperator<Object> key = key(a[1], caseSensitive, fallback, in);
        List<Object> groups = new ArrayList<>();
        List<Object> group = List.of();
        Object current = null;
        for (Object element : sort(a[0], key, false, in)) {
            Object value = key.apply(element);
            if (group.isEmpty() || !Values.equal(current, value, in)) {
                group = new ArrayList<>();
                Object shown = AttributePath.of(a[1], in).from(element, fallback, in);
                groups.add(Tuple.named(List.of("grouper", "list"), shown, group));
                current = value;
            }
            group.add(element);
        }
        return groups;
    }
}
