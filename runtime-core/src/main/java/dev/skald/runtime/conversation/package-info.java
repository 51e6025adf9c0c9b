/** Writes a conversation in the model's form, shortens it to fit the context, and reads the answer. */
package dev.skald.runtime.conversation;
