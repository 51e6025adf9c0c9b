/** The operations of a transformer layer other than matrix products. */
package dev.skald.kernels.ops;
