/** Exceptions of Skald. */
package dev.skald.runtime.error;
