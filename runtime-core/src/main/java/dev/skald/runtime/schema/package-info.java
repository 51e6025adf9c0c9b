/** Compiles JSON schemas to grammars. */
package dev.skald.runtime.schema;
