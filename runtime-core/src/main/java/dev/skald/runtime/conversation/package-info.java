/** Writes a conversation in the model's form, cuts it to the context, and reads the answer. */
package dev.skald.runtime.conversation;
