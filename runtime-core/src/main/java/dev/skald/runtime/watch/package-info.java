/** Tells listeners and the JDK's flight recorder of a model's work. */
package dev.skald.runtime.watch;
