/**
 * Models by name: {@link dev.skald.hub.Hub} finds them on Hugging Face, downloads them and keeps them in the cache that other
 * tools use too.
 */
package dev.skald.hub;
