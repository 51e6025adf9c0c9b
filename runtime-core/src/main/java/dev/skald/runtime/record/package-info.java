/** Converts Java records and enums to JSON schemas, and JSON back to objects: answers of a model as objects. */
package dev.skald.runtime.record;
