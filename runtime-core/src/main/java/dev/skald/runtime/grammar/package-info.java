/** What a text may be: grammars, patterns and JSON schemas that hold a generation. */
package dev.skald.runtime.grammar;
