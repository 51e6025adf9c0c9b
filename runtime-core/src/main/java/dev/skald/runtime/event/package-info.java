/**
 * The events of a model's work that a program can receive: opening, prompts, generations and batches, with counts and
 * times.
 */
package dev.skald.runtime.event;
