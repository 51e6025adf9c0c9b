package dev.skald.runtime.jinja;

import java.util.List;

/** A statement in a template, with its line number. */
sealed interface Stmt {
    int line();

    /** Text between tags. */
    record Text(int line, String text) implements Stmt {}

    /** <code>{{ value }}</code>. */
    record Output(int line, Expr value) implements Stmt {}

    record If(int line, List<Branch> branches, List<Stmt> otherwise) implements Stmt {}

    /** A condition and the statements that it guards. */
    record Branch(Expr test, List<Stmt> body) {}

    /** {@code for target in values if test}; the test is null if absent. */
    record For(
            int line, Target target, Expr values, Expr test, boolean recursive, List<Stmt> body, List<Stmt> otherwise)
            implements Stmt {}

    record Break(int line) implements Stmt {}

    record Continue(int line) implements Stmt {}

    record Set(int line, Target target, Expr value) implements Stmt {}

    /** A block whose filtered text becomes the value of a variable. */
    record SetBlock(int line, Target target, List<Expr.Filter> filters, List<Stmt> body) implements Stmt {}

    record FilterBlock(int line, List<Expr.Filter> filters, List<Stmt> body) implements Stmt {}

    record With(int line, List<Target> targets, List<Expr> values, List<Stmt> body) implements Stmt {}

    record MacroDefinition(int line, Signature signature) implements Stmt {}

    /** A {@code call} block: a call that receives the block as its {@code caller}. */
    record CallBlock(int line, Expr.Call call, Signature caller) implements Stmt {}

    /** Statements in a scope of their own. */
    record Scoped(int line, List<Stmt> body) implements Stmt {}

    /**
     * A macro: its parameters, the last of which have defaults, and its body.
     *
     * @param uses which of {@code varargs}, {@code kwargs} and {@code caller} the body uses
     */
    record Signature(
            String name, List<String> parameters, List<Expr> defaults, java.util.Set<String> uses, List<Stmt> body) {}

    /** The target of an assignment. */
    sealed interface Target {
        record Variable(String name) implements Target {}

        /** {@code namespace.attribute}. */
        record Member(String namespace, String attribute) implements Target {}

        record Several(List<Target> targets) implements Target {}
    }
}
