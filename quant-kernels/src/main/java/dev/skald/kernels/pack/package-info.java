/** The order in which kernels read weights: descriptions of codes, scales and their places. */
package dev.skald.kernels.pack;
