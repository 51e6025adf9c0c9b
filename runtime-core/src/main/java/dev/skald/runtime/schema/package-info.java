/** JSON schemas as grammars. */
package dev.skald.runtime.schema;
