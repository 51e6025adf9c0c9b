/** Java's records and enums as JSON schemas, and back from JSON: answers of a model as objects. */
package dev.skald.runtime.record;
