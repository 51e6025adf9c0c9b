/** What a block is in the order of kernels: descriptions of codes, scales and their places. */
package dev.skald.kernels.pack;
