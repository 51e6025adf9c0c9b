/** What architectures are built of: batches, weights from a file. Not exported. */
package dev.skald.runtime.layer;
