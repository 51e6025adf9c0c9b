package dev.skald.runtime.event;

import java.time.Duration;

/**
 * Some rows were computed together.
 *
 * @param callers the number of sessions, embedders and rerankers that the rows belong to
 * @param singleTokens the number of rows that are the next token of a text
 * @param promptTokens the number of rows of prompts
 * @param time the duration of the computation, without the time that callers waited for it
 */
public record BatchComputed(int callers, int singleTokens, int promptTokens, Duration time) {}
