/**
 * Generating text: sessions, generations and their options.
 *
 * <p>A {@link dev.skald.runtime.generate.Session} keeps what a model has read, and a {@link
 * dev.skald.runtime.generate.Generation} produces the tokens that follow. Both are interfaces, so that tests of a
 * program can replace them.
 */
package dev.skald.runtime.generate;
