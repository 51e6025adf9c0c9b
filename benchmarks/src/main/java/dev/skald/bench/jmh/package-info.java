/** JMH benchmarks, each of which checks what it computes before and after it is timed. */
package dev.skald.bench.jmh;
