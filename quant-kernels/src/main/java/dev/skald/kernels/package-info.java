/** Which kernels there are, and the threads that run them; formats, products and attention are packages of their own. */
package dev.skald.kernels;
