package dev.skald.runtime.event;

import java.time.Duration;

/**
 * A prompt was computed.
 *
 * @param cachedTokens tokens of the text that were there already
 * @param promptTokens tokens that were computed
 * @param time from the request of the first token until its logits were there, with the time that others were computed
 */
public record PromptRead(int cachedTokens, int promptTokens, Duration time) {}
