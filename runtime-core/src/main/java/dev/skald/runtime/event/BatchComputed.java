package dev.skald.runtime.event;

import java.time.Duration;

/**
 * Rows were computed together.
 *
 * @param callers how many sessions, embedders or rerankers they belong to
 * @param singleTokens rows that are the next tokens of texts
 * @param promptTokens rows of prompts
 * @param time of the computation, without the time that callers waited for it
 */
public record BatchComputed(int callers, int singleTokens, int promptTokens, Duration time) {}
