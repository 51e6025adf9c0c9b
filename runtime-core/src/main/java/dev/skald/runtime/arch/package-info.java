/** Architectures: a class each; {@link dev.skald.runtime.arch.Architectures} lists them. Not exported. */
package dev.skald.runtime.arch;
