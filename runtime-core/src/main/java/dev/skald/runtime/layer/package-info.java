/** What architectures are built of: batches, the KV cache, weights from a file. Not exported. */
package dev.skald.runtime.layer;
