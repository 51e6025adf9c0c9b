package dev.skald.bench.jmh;

import dev.skald.runtime.tokenizer.TokenDecoder;
import dev.skald.runtime.tokenizer.TokenKind;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A made-up vocabulary of any size, with the kinds of tokens that large ones have: all bytes, then words with and without a space
 * before them, letters beyond ASCII, numbers, and pieces of programs. It cannot encode text. Its last token ends a text.
 */
final class RandomVocabulary implements Tokenizer {
    private static final String LETTERS = "eeeeeettttaaaooiinnsshhrrddlluuccmmffggppbbvvkkwwyyxjqz";
    private static final String FAR = "æøåéüñабвгдежзиклмнопрстالمنسيहिन的一是不了人我在有";
    private static final String CODE = "\"\\{}[]():;,.<>/=+-*&|!?'`~@#$%^_\n\t ";

    private final byte[][] pieces;

    RandomVocabulary(int size) {
        SplittableRandom random = new SplittableRandom(size);
        Set<String> words = new LinkedHashSet<>();
        while (words.size() < size - 257) {
            words.add(word(random));
        }
        List<byte[]> all = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            all.add(new byte[] {(byte) b});
        }
        words.forEach(word -> all.add(word.getBytes(StandardCharsets.UTF_8)));
        all.add("</s>".getBytes(StandardCharsets.UTF_8));
        pieces = all.toArray(byte[][]::new);
    }

    private static String word(SplittableRandom random) {
        int kind = random.nextInt(100);
        String from = kind < 60 ? LETTERS : kind < 85 ? FAR : kind < 88 ? "0123456789" : CODE;
        StringBuilder word = new StringBuilder(random.nextInt(10) < 5 ? " " : "");
        int length = 2 + random.nextInt(kind < 60 ? 8 : 4);
        for (int i = 0; i < length; i++) {
            word.append(from.charAt(random.nextInt(from.length())));
        }
        return word.toString();
    }

    @Override
    public int vocabularySize() {
        return pieces.length;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        return new int[0];
    }

    @Override
    public int[] encode(String text, boolean addSpecial, BitSet literal) {
        return new int[0];
    }

    @Override
    public int[] pair(int[] first, int[] second) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String decode(int[] ids, boolean showSpecial) {
        throw new UnsupportedOperationException();
    }

    @Override
    public TokenDecoder newDecoder(boolean showSpecial) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] bytes(int id) {
        return pieces[id].clone();
    }

    @Override
    public String piece(int id) {
        return new String(pieces[id], StandardCharsets.UTF_8);
    }

    @Override
    public TokenKind kind(int id) {
        return isEnd(id) ? TokenKind.CONTROL : TokenKind.NORMAL;
    }

    @Override
    public OptionalInt bos() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt eos() {
        return OptionalInt.of(pieces.length - 1);
    }

    @Override
    public OptionalInt eot() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt eom() {
        return OptionalInt.empty();
    }

    @Override
    public boolean isMark(int id) {
        return false;
    }

    @Override
    public OptionalInt separator() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt unknown() {
        return OptionalInt.empty();
    }

    @Override
    public boolean addsBos() {
        return false;
    }

    @Override
    public boolean addsEos() {
        return false;
    }

    @Override
    public Set<Integer> endTokens() {
        return Set.of(pieces.length - 1);
    }

    @Override
    public boolean isEnd(int id) {
        return id == pieces.length - 1;
    }

    @Override
    public Optional<String> preTokenizer() {
        return Optional.empty();
    }

    @Override
    public String description() {
        return "made up, " + pieces.length + " tokens";
    }
}
