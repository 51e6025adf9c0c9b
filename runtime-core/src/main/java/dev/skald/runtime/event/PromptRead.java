package dev.skald.runtime.event;

import java.time.Duration;

/**
 * A prompt has been computed.
 *
 * @param cachedTokens the number of tokens of the text that were already in the cache
 * @param promptTokens the number of tokens that were computed
 * @param time from the request of the first token until its logits were available, including work for others in between
 */
public record PromptRead(int cachedTokens, int promptTokens, Duration time) {}
