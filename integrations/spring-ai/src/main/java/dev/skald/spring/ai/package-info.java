/**
 * Skald's models for Spring AI: {@link dev.skald.spring.ai.SkaldChatModel}, {@link
 * dev.skald.spring.ai.SkaldEmbeddingModel} and {@link dev.skald.spring.ai.SkaldReranker}. They run within this program.
 */
package dev.skald.spring.ai;
