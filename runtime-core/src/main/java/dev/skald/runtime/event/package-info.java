/** What a program can hear of a model's work: when it was opened, prompts, generations and batches, with counts and times. */
package dev.skald.runtime.event;
