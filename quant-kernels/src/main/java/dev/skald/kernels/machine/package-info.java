/** Machine code that Java writes: an assembler, memory to run it from, the kernels, and the only place that calls them. */
package dev.skald.kernels.machine;
