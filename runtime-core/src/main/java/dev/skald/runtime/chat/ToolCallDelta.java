package dev.skald.runtime.chat;

/**
 * What has come of a call while it is generated, as OpenAI's streaming interface has it. The pieces of one call, put together,
 * are the JSON of its arguments.
 *
 * @param index which call of the answer, from 0
 * @param id what the answer refers to, where the model gave one before the arguments; else empty
 * @param name the function's, in the first piece of each call; empty in the others
 * @param arguments more of the JSON of its arguments
 */
public record ToolCallDelta(int index, String id, String name, String arguments) {}
