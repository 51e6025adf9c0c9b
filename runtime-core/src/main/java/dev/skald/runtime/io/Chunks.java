package dev.skald.runtime.io;

import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * A text as llama.cpp's tools read it: its tokens cut into chunks of one context each, what is left over dropped. Where the
 * vocabulary wants a token for the beginning of a text, it takes the place of each chunk's first.
 */
public final class Chunks {
    /** Below this there is no context to speak of. */
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

    /** The tokens of a text, with what the vocabulary puts around it. */
    public static int[] tokens(Tokenizer tokenizer, String text) {
        return tokenizer.encode(text, true, false);
    }

    /**
     * Cuts up a text.
     *
     * @param skip how many chunks at the beginning are left out
     * @param most how many chunks are wanted at most
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

    /** Some or all of a number of tokens that is known to be whole chunks. */
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

    /** The first of a chunk's positions whose logits count: the second half has seen something. */
    public int first() {
        return context / 2;
    }

    /** How many tokens of a chunk are counted: those that the positions from {@link #first} on predict. */
    public int counted() {
        return context - 1 - first();
    }

    /** A token as it stands in the text. */
    public int token(int chunk, int position) {
        return tokens[chunk * context + position];
    }

    /** The first tokens of a chunk as a model gets them. */
    public int[] input(int chunk, int length) {
        int[] input = Arrays.copyOfRange(tokens, chunk * context, chunk * context + length);
        if (bos >= 0) {
            input[0] = bos;
        }
        return input;
    }
}
