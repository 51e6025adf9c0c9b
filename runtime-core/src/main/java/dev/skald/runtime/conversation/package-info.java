/** How a conversation is written, cut to the context and read. */
package dev.skald.runtime.conversation;
