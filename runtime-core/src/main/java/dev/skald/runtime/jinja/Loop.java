package dev.skald.runtime.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The value of {@code loop} inside a loop. It looks ahead only when it must, since the elements may be lazy. */
final class Loop implements Attributed, Callable {
    /** Runs the same body over other values, for a {@code recursive} loop. */
    @FunctionalInterface
    interface Recursion {
        String run(Object values, long depth);
    }

    private final Object values;
    private final Recursion recursion;
    private final long depth;
    private final Interpreter in;
    private Iterator<?> rest;
    private long index = -1;
    private Object previous;
    private Object current;
    /** The element after the current one, if it has been requested. */
    private Object ahead = Arguments.ABSENT;

    private Object lastChanged = Arguments.ABSENT;
    private long length = -1;

    /** @param recursion runs the body again; null if the loop is not recursive */
    Loop(Object values, Recursion recursion, long depth, Interpreter in) {
        this.values = values;
        this.recursion = recursion;
        this.depth = depth;
        this.in = in;
        this.rest = Values.iterator(values, in);
    }

    boolean hasNext() {
        return ahead != Arguments.ABSENT || rest.hasNext();
    }

    Object next() {
        Object next = ahead != Arguments.ABSENT ? ahead : rest.next();
        ahead = Arguments.ABSENT;
        index++;
        previous = current;
        current = next;
        return next;
    }

    private boolean isLast() {
        if (ahead == Arguments.ABSENT && rest.hasNext()) {
            ahead = rest.next();
        }
        return ahead == Arguments.ABSENT;
    }

    long length() {
        if (length < 0) {
            if (values instanceof Collection<?> || values instanceof Map<?, ?> || Values.isText(values)) {
                length = Values.length(values, in);
            } else {
                List<Object> all = new ArrayList<>();
                while (rest.hasNext()) {
                    in.budget().step();
                    all.add(rest.next());
                }
                rest = all.iterator();
                length = all.size() + index + 1 + (ahead != Arguments.ABSENT ? 1 : 0);
            }
        }
        return length;
    }

    @Override
    public Object attribute(String name, Interpreter in) {
        return switch (name) {
            case "index" -> index + 1;
            case "index0" -> index;
            case "first" -> index == 0;
            case "last" -> isLast();
            case "length" -> length();
            case "revindex" -> length() - index;
            case "revindex0" -> length() - index - 1;
            case "previtem" -> index == 0 ? Undefined.because("there is no previous element") : previous;
            case "nextitem" -> isLast() ? Undefined.because("there is no next element") : ahead;
            case "depth" -> depth + 1;
            case "depth0" -> depth;
            case "cycle" -> (Callable) (arguments, _) -> cycle(arguments.positional());
            case "changed" -> (Callable) (arguments, _) -> changed(Tuple.copyOf(arguments.positional()));
            default -> Undefined.member(this, name);
        };
    }

    private Object cycle(List<Object> choices) {
        if (choices.isEmpty()) {
            throw TemplateError.evaluation("'loop.cycle' needs values");
        }
        return choices.get((int) (index % choices.size()));
    }

    private boolean changed(Object now) {
        boolean changed = lastChanged == Arguments.ABSENT || !Values.equal(lastChanged, now, in);
        lastChanged = now;
        return changed;
    }

    @Override
    public Object call(Arguments arguments, Interpreter in) {
        if (recursion == null) {
            throw TemplateError.evaluation("only a loop that is marked 'recursive' can be called");
        }
        if (arguments.positional().size() != 1) {
            throw TemplateError.evaluation("'loop' needs one value to go through");
        }
        return recursion.run(arguments.positional().getFirst(), depth + 1);
    }

    /** Returns the text that Python prints. */
    @Override
    public String toString() {
        return "<LoopContext " + (index + 1) + "/" + length() + ">";
    }
}
