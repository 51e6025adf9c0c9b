/** Reports a model's work to listeners and to the JDK's flight recorder. */
package dev.skald.runtime.watch;
