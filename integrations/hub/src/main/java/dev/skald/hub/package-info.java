/**
 * Finds models by name: {@link dev.skald.hub.Hub} looks them up on Hugging Face, downloads them and keeps them in the
 * cache that other tools use, too.
 */
package dev.skald.hub;
