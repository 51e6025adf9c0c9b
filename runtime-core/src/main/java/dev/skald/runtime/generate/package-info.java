/**
 * Text from a model: what a caller asks for, and what comes.
 *
 * <p>A {@link dev.skald.runtime.generate.Session} keeps what a model has read of a text, and a {@link
 * dev.skald.runtime.generate.Generation} are the tokens that it goes on with. Both are interfaces, so that a program's tests can
 * do without a model.
 */
package dev.skald.runtime.generate;
