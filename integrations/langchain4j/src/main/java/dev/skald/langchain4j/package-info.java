/**
 * Skald's models for LangChain4j: {@link dev.skald.langchain4j.SkaldChatModel}, {@link
 * dev.skald.langchain4j.SkaldStreamingChatModel}, {@link dev.skald.langchain4j.SkaldEmbeddingModel}, {@link
 * dev.skald.langchain4j.SkaldScoringModel} and {@link dev.skald.langchain4j.SkaldTokenCountEstimator}.
 *
 * <p>Each is built from a {@link dev.skald.runtime.Model} of the program, which any number of them may share and which the
 * program closes, or from the path of a file, which it then opens and closes itself. Any number of threads may use each of them.
 */
package dev.skald.langchain4j;
