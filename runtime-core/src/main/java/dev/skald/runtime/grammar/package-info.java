/** Grammars, patterns and JSON schemas that constrain a generation. */
package dev.skald.runtime.grammar;
