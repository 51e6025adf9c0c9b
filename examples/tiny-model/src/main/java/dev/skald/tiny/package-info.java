/** Skald Tiny, the model that ships with Skald. */
package dev.skald.tiny;
