/** How Skald's modules write files without destroying any, and open those that they need as a whole. */
package dev.skald.gguf.io;
