/** Measures Skald: models of real shapes with random weights, and benchmarks on them. */
package dev.skald.bench;
