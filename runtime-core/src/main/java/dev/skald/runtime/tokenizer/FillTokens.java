package dev.skald.runtime.tokenizer;

import java.util.OptionalInt;

/**
 * The tokens around which a code model fills in a text (Bavarian et al. 2022, "Efficient Training of Language Models to Fill in the
 * Middle"): it reads {@code prefix}, what stands before the gap, {@code suffix}, what stands behind it, {@code middle}, and writes
 * what belongs between them.
 *
 * @param prefix the token before the text in front of the gap
 * @param suffix the token before the text behind the gap
 * @param middle the token after which the model writes
 * @param repository the token before the name of a repository, if the model knows several files
 * @param file the token before the name of each of its files
 */
public record FillTokens(int prefix, int suffix, int middle, OptionalInt repository, OptionalInt file) {}
