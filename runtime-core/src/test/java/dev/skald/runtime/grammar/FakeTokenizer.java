package dev.skald.runtime.grammar;

import dev.skald.runtime.tokenizer.TokenDecoder;
import dev.skald.runtime.tokenizer.TokenKind;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A vocabulary of a few tokens. It cannot encode text.
 *
 * @param pieces bytes by id; the other ids are tokens without text
 * @param end the token that ends a text, and the last one
 */
record FakeTokenizer(Map<Integer, byte[]> pieces, int end) implements Tokenizer {
    @Override
    public int vocabularySize() {
        return end + 1;
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
    public String decode(int[] ids, boolean showSpecial) {
        throw new UnsupportedOperationException();
    }

    @Override
    public TokenDecoder newDecoder(boolean showSpecial) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] bytes(int id) {
        return pieces.getOrDefault(id, new byte[0]);
    }

    @Override
    public String piece(int id) {
        return "" + id;
    }

    @Override
    public TokenKind kind(int id) {
        return id == end ? TokenKind.CONTROL : TokenKind.NORMAL;
    }

    @Override
    public boolean isMark(int id) {
        return id == end;
    }

    @Override
    public OptionalInt bos() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt eos() {
        return OptionalInt.of(end);
    }

    @Override
    public OptionalInt eot() {
        return OptionalInt.empty();
    }

    @Override
    public int[] pair(int[] first, int[] second) {
        throw new UnsupportedOperationException();
    }

    @Override
    public OptionalInt separator() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt eom() {
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
        return Set.of(end);
    }

    @Override
    public boolean isEnd(int id) {
        return id == end;
    }

    @Override
    public Optional<String> preTokenizer() {
        return Optional.empty();
    }

    @Override
    public String description() {
        return "a fake";
    }
}
