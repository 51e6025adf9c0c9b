/** What several packages share: texts cut into chunks, and how saved sessions are recognised. */
package dev.skald.runtime.io;
