/** What this processor and JVM can do, and the basic loops on vectors or in plain Java. */
package dev.skald.kernels.platform;
