/**
 * The Jinja of chat templates: {@link dev.skald.runtime.jinja.Template} compiles and renders one. Not exported.
 *
 * <p>It behaves as Python's jinja2 does in the setup of Hugging Face (an immutable sandbox, trimmed blocks, loop
 * controls), because authors test their templates there. Templates come from strangers: they can only reach the
 * variables that they are given, and {@link dev.skald.runtime.jinja.Limits} stop a rendering that takes too long.
 *
 * <p>{@code Lexer} splits a template into tokens, {@code Parser} builds a tree of {@code Stmt} and {@code Expr}, and
 * {@code Interpreter} and {@code Evaluator} walk the tree. Values are Java objects: null is None; Boolean; Long and
 * BigInteger are int; Double; String; List, with its subclasses {@code Tuple} and {@code Range}; Map. They are never
 * changed.
 */
package dev.skald.runtime.jinja;
