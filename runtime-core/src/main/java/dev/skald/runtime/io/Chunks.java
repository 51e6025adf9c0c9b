package dev.skald.runtime.io;

import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * A text as llama.cpp's tools read it: its tokens, cut into chunks of one context each; the rest is dropped. If the vocabulary
 * begins texts with a token, that token replaces the first of each chunk.
 */
public final class Chunks {
    /** A smaller context would be of no use. */
    public static final int LEAST_CONTEXT = 8;

    private final int[] tokens;
    private final int context;
    private final int count;
    private final int bos;

    private Chunks(int[] tokens, int context, int count, int bos) {
        this.tokens = tokens;
        this.context = context;
        this.count = count;
        this.bos = bos;
    }

    /** Returns the tokens of a text, with those that the vocabulary adds. */
    public static int[] tokens(Tokenizer tokenizer, String text) {
        return tokenizer.encode(text, true, false);
    }

    /**
     * Cuts up a text.
     *
     * @param skip how many chunks at the beginning to leave out
     * @param most the greatest number of chunks
     * @throws IllegalArgumentException if what is not skipped has fewer tokens than two contexts
     */
    public static Chunks of(Tokenizer tokenizer, int[] tokens, int context, int skip, int most) {
        long left = tokens.length - (long) skip * context;
        if (left < 2L * context) {
            throw new IllegalArgumentException("the text has " + tokens.length + " tokens"
                    + (skip == 0 ? "" : ", " + Math.max(0, left) + " of them after the " + skip + " chunks left out")
                    + ", and two contexts of " + context + " need " + 2L * context
                    + ": give a longer text, or a shorter context");
        }
        int[] rest = skip == 0 ? tokens : Arrays.copyOfRange(tokens, skip * context, tokens.length);
        return new Chunks(rest, context, Math.min(most, rest.length / context), bos(tokenizer));
    }

    /** Creates chunks of some or all tokens, which are known to be whole chunks. */
    public static Chunks whole(Tokenizer tokenizer, int[] tokens, int context, int most) {
        return new Chunks(tokens, context, Math.min(most, tokens.length / context), bos(tokenizer));
    }

    private static int bos(Tokenizer tokenizer) {
        return tokenizer.addsBos() ? tokenizer.bos().orElse(-1) : -1;
    }

    public int count() {
        return count;
    }

    public int context() {
        return context;
    }

    /** Returns the first position in a chunk whose logits count; the positions before it are context. */
    public int first() {
        return context / 2;
    }

    /** Returns how many tokens of a chunk count: those that the positions from {@link #first} on predict. */
    public int counted() {
        return context - 1 - first();
    }

    /** Returns a token as it is in the text. */
    public int token(int chunk, int position) {
        return tokens[chunk * context + position];
    }

    /** Returns the first tokens of a chunk as a model reads them. */
    public int[] input(int chunk, int length) {
        int[] input = Arrays.copyOfRange(tokens, chunk * context, chunk * context + length);
        if (bos >= 0) {
            input[0] = bos;
        }
        return input;
    }
}
