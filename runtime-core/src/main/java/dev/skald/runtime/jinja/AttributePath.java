package dev.skald.runtime.jinja;

import java.util.ArrayList;
import java.util.List;

/** A path such as {@code a.b.0}, which filters follow within each element. */
record AttributePath(List<Object> parts) {
    static AttributePath of(Object attribute, Interpreter in) {
        List<Object> parts = new ArrayList<>();
        if (Values.isText(attribute)) {
            in.budget().spend(attribute.toString().length());
            for (String part : attribute.toString().split("\\.", -1)) {
                boolean index =
                        !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
                parts.add(index ? (Object) Long.valueOf(part) : part);
            }
        } else if (!Arguments.none(attribute)) {
            parts.add(attribute);
        }
        return new AttributePath(parts);
    }

    Object from(Object value, Interpreter in) {
        return from(value, null, in);
    }

    /** Returns the value at this path. Returns the default instead if nothing is there and the default is not None. */
    Object from(Object value, Object fallback, Interpreter in) {
        Object found = value;
        for (Object part : parts) {
            in.budget().step();
            found = Attributes.item(found, part, in);
            if (fallback != null && found instanceof Undefined) {
                found = fallback;
            }
        }
        return found;
    }
}
