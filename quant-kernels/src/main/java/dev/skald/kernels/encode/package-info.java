/** Searches for the scales and codes that lose least. */
package dev.skald.kernels.encode;
