/** Texts cut into chunks, and how a saved session begins: what several packages read. Not exported. */
package dev.skald.runtime.io;
