package dev.skald.runtime.jinja;

/**
 * What a name, an attribute or an item is that does not exist: empty when printed or looped over, false, and an error
 * when anything else is done with it.
 *
 * @param holder whose attribute or item it is
 * @param name what was asked for
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

    /** A method that would change a list or a dict. */
    static Undefined forbidden(Object holder, String name) {
        return new Undefined(Reason.FORBIDDEN, holder, name);
    }

    /** For any other reason, which is the message. */
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

    /** All are equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
