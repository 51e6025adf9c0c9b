package dev.skald.runtime.jinja;

/**
 * The value of a name, an attribute or an item that does not exist. It prints as nothing, has no elements and is false.
 * Any other use is an error.
 *
 * @param holder the value whose attribute or item is missing
 * @param name the name or key that is missing
 */
record Undefined(Reason reason, Object holder, Object name) {
    enum Reason {
        VARIABLE,
        MEMBER,
        FORBIDDEN,
        OTHER
    }

    static Undefined variable(String name) {
        return new Undefined(Reason.VARIABLE, null, name);
    }

    static Undefined member(Object holder, Object name) {
        return new Undefined(Reason.MEMBER, holder, name);
    }

    /** Returns the value of a method that would change a list or a dict. */
    static Undefined forbidden(Object holder, String name) {
        return new Undefined(Reason.FORBIDDEN, holder, name);
    }

    /** Returns an undefined value for another reason, which is its message. */
    static Undefined because(String message) {
        return new Undefined(Reason.OTHER, null, message);
    }

    TemplateError error() {
        return TemplateError.evaluation(
                switch (reason) {
                    case VARIABLE -> "'" + name + "' is undefined";
                    case MEMBER ->
                        Values.typeName(holder)
                                + (name instanceof String s ? " has no attribute '" + s + "'" : " has no such element");
                    case FORBIDDEN ->
                        "'" + name + "' would change a " + Values.typeName(holder) + ", which a template must not";
                    case OTHER -> name.toString();
                });
    }

    /** All undefined values are equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
