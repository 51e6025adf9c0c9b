/**
 * The Jinja of chat templates: {@link dev.skald.runtime.jinja.Template} compiles and renders one. Not exported.
 *
 * <p>Behaves as Python's jinja2 does the way Hugging Face sets it up (an immutable sandbox, trimmed blocks, loop
 * controls), because that is what a template's author tried it with. A template is the text of a stranger: it reaches
 * nothing but the variables it is given, and {@link dev.skald.runtime.jinja.Limits} end what would not end by itself.
 *
 * <p>The way of a template: {@code Lexer} to tokens, {@code Parser} to a tree of {@code Stmt} and {@code Expr}, which
 * {@code Interpreter} and {@code Evaluator} walk. Values are Java's: null is None; Boolean; Long and BigInteger are int;
 * Double; String; List, and its kinds {@code Tuple} and {@code Range}; Map. None is ever changed.
 */
package dev.skald.runtime.jinja;
