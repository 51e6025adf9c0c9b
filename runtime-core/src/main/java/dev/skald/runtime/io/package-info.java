/** Code that several packages share: texts cut into chunks, and recognizing saved sessions. */
package dev.skald.runtime.io;
