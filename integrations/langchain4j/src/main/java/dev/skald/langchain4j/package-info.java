/**
 * Skald's models for LangChain4j: {@link dev.skald.langchain4j.SkaldChatModel}, {@link
 * dev.skald.langchain4j.SkaldStreamingChatModel}, {@link dev.skald.langchain4j.SkaldEmbeddingModel}, {@link
 * dev.skald.langchain4j.SkaldScoringModel} and {@link dev.skald.langchain4j.SkaldTokenCountEstimator}.
 *
 * <p>Each is built in one of two ways: from a {@link dev.skald.runtime.Model} of the program, which several of them may
 * share and the program closes; or from the path of a file, which the object opens and closes itself. Any number of
 * threads may use each of them.
 */
package dev.skald.langchain4j;
