/** What architectures are built of: layers with the weights of a file, and passes of batches through them. Not exported. */
package dev.skald.runtime.layer;
