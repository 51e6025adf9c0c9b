/**
 * From logits to a token: a {@link dev.skald.runtime.sampling.Sampler} is a chain of small
 * {@link dev.skald.runtime.sampling.SamplerStep steps}, each in its own class, over one reused set of
 * {@link dev.skald.runtime.sampling.Candidates}.
 *
 * <p>Names, order and defaults are llama.cpp's, so that a setting found elsewhere means the same here. Everything that
 * orders candidates orders them by logit, highest first, and equal logits by token id, lowest first; so a result never
 * depends on the order in which candidates happen to stand.
 *
 * <p>{@link dev.skald.runtime.sampling.StopStrings} ends a text at a stop string without ever showing a part of it.
 */
package dev.skald.runtime.sampling;
