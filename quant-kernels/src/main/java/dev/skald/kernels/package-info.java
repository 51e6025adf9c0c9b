/** The choice of kernels, and the threads that run them. Formats, products and attention have their own packages. */
package dev.skald.kernels;
