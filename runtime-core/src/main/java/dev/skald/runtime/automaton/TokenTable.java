package dev.skald.runtime.automaton;

import dev.skald.runtime.tokenizer.TokenKind;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The tokens of a model, prepared for grammars: their texts as trees. It is immutable. */
public final class TokenTable {
    private static final int MAX_AUTOMATA = 16;
    private static final boolean[] NO_SLICES = {};
    /** If fewer than one of so many tokens must be looked at, a walk is fast. */
    private static final int MIN_SHARE = 16;
    /** One of so many tokens is looked at to guess how many are allowed. */
    private static final int SAMPLED = 509;

    private final Tokenizer tokenizer;
    private final int words;
    /** The bytes of each text token; null for the other tokens. */
    private final byte[][] texts;

    private final long[] ends;
    /** Tokens that are valid texts by themselves, except for those that end a text. */
    private final long[] whole;

    private final List<Slice> slices = new ArrayList<>();
    /** For each kind of character, the tokens of the slices that contain one. */
    private final long[][] containing = new long[Slice.KINDS][];
    /** The tokens of the slices by their length in characters. */
    private final long[][] ofLength = new long[Dfa.NEAR + 1][];

    /** The tokens of all slices. */
    private final TokenGrams grams;

    /** Tokens that are not plain text. */
    private final TokenTrie rest;
    /** Tokens that are longer than {@link Dfa#NEAR} bytes. */
    private final TokenTrie far;

    /** The automata that were used last. They are kept because their states remember the allowed tokens. */
    private final Map<Object, Automaton> automata = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Automaton> eldest) {
            return size() > MAX_AUTOMATA;
        }
    };

    /** The tables of the models in use. The values refer to the keys, but only softly. */
    private static final Map<Tokenizer, SoftReference<TokenTable>> TABLES = new WeakHashMap<>();

    /** Returns the tokens of a model. The first call takes some tenths of a second. */
    public static TokenTable of(Tokenizer tokenizer) {
        synchronized (TABLES) {
            SoftReference<TokenTable> known = TABLES.get(tokenizer);
            TokenTable table = known == null ? null : known.get();
            if (table == null) {
                table = new TokenTable(tokenizer);
                TABLES.put(tokenizer, new SoftReference<>(table));
            }
            return table;
        }
    }

    /** Returns the automaton of a grammar. Creates it unless it was used recently. */
    public Automaton automaton(Object grammar, Supplier<Rule> root) {
        synchronized (automata) {
            Automaton known = automata.get(grammar);
            if (known == null || known.isCrowded()) {
                known = new Automaton(root.get());
                automata.put(grammar, known);
            }
            return known;
        }
    }

    private TokenTable(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        int size = tokenizer.vocabularySize();
        words = (size + 63) / 64;
        texts = new byte[size][];
        ends = new long[words];
        whole = new long[words];
        Arrays.setAll(containing, _ -> new long[words]);
        Arrays.setAll(ofLength, _ -> new long[words]);
        int kinds = Slice.LENGTHS.length;
        List<List<TokenTrie.Entry>> entries = new ArrayList<>();
        for (int i = 0; i <= kinds + 1; i++) {
            entries.add(new ArrayList<>());
        }
        for (int id = 0; id < size; id++) {
            TokenKind kind = tokenizer.kind(id);
            if (tokenizer.isEnd(id)) {
                set(ends, id);
                continue;
            }
            byte[] bytes = tokenizer.bytes(id);
            // llama.cpp treats a token that begins with a zero byte as no text.
            if (kind == TokenKind.UNUSED || kind == TokenKind.UNKNOWN || bytes.length == 0 || bytes[0] == 0) {
                continue;
            }
            if (beginsWhole(bytes)) {
                set(whole, id);
            }
            if (kind != TokenKind.CONTROL) {
                texts[id] = bytes;
                int slice = slice(bytes);
                entries.get(slice).add(new TokenTrie.Entry(id, bytes));
                if (slice < kinds) {
                    set(
                            ofLength[
                                    new String(bytes, StandardCharsets.UTF_8)
                                            .codePoints()
                                            .toArray()
                                            .length],
                            id);
                    for (int all = Slice.kinds(bytes); all != 0; all &= all - 1) {
                        set(containing[Integer.numberOfTrailingZeros(all)], id);
                    }
                }
            }
        }
        for (int i = 0; i < kinds; i++) {
            TokenTrie trie = new TokenTrie(entries.get(i));
            long[] bits = new long[words];
            for (int id : trie.tokens()) {
                set(bits, id);
            }
            slices.add(new Slice(trie, bits, i == 0 ? 1 : Slice.LENGTHS[i - 1] + 1, Slice.LENGTHS[i]));
        }
        grams = new TokenGrams(
                entries.subList(0, kinds).stream().flatMap(List::stream).toList());
        rest = new TokenTrie(entries.get(kinds));
        far = new TokenTrie(entries.get(kinds + 1));
    }

    private static void set(long[] bits, int id) {
        bits[id >> 6] |= 1L << id;
    }

    /**
     * Returns the slice of a token. Tokens that are not plain text, and long tokens, have the two numbers after the
     * slices.
     */
    private static int slice(byte[] bytes) {
        int rest = bytes.length > Dfa.NEAR ? Slice.LENGTHS.length + 1 : Slice.LENGTHS.length;
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return rest;
        }
        if (!text.codePoints().allMatch(Slice::isPlain)) {
            return rest;
        }
        int characters = text.codePointCount(0, text.length());
        for (int slice = 0; slice < Slice.LENGTHS.length; slice++) {
            if (characters <= Slice.LENGTHS[slice]) {
                return slice;
            }
        }
        return rest;
    }

    /**
     * Returns whether llama.cpp accepts a token by itself: it must begin with a whole character, and no later character
     * may begin with a continuation byte.
     */
    private static boolean beginsWhole(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            int first = bytes[at] & 0xFF;
            int length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
            if (first >> 6 == 2 || at == 0 && length > bytes.length) {
                return false;
            }
            at += length;
        }
        return true;
    }

    /** Returns the model's tokenizer. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    int words() {
        return words;
    }

    /** Returns the tokens that end a text. */
    long[] ends() {
        return ends;
    }

    Slice slice(int index) {
        return slices.get(index);
    }

    /** Returns whether a token is a valid text by itself. */
    boolean isWhole(int id) {
        return id >= 0 && id < texts.length && (whole[id >> 6] >> id & 1) != 0;
    }

    /** Returns the bytes of a text token; null for any other token or id. */
    byte[] text(int id) {
        return id >= 0 && id < texts.length ? texts[id] : null;
    }

    /** Adds the text tokens that are allowed in a state. */
    void addAllowed(Automaton automaton, State state, long[] set) {
        State like = automaton.like(state);
        if (like.near == null) {
            like.near = compute(automaton, like);
            automaton.remembers(like.near);
        }
        if (state.far == null) {
            long[] bits = new long[words];
            far.walk(automaton, state, -1, bits);
            state.far = TokenMask.of(NO_SLICES, bits);
            automaton.remembers(state.far);
        }
        like.near.addTo(set, this);
        state.far.addTo(set, this);
    }

    private TokenMask compute(Automaton automaton, State state) {
        long[] bits = new long[words];
        boolean[] whole = new boolean[slices.size()];
        int[] some = new int[slices.size()];
        Slice.Freedom[] freedom = Slice.Freedom.of(automaton, state);
        long[] others = new long[words];
        int any = Slice.PLAIN;
        for (int i = 0; i < whole.length; i++) {
            Slice slice = slices.get(i);
            whole[i] = freedom[slice.maxCharacters()].any() == Slice.PLAIN;
            for (int n = slice.minCharacters(); !whole[i] && n <= slice.maxCharacters(); n++) {
                if (freedom[n].any() != any) {
                    any = freedom[n].any();
                    others = containing(Slice.PLAIN & ~any);
                }
                for (int w = 0; any != 0 && w < words; w++) {
                    bits[w] |= ofLength[n][w] & ~others[w];
                }
                some[i] |= freedom[n].some();
            }
        }
        if (!addByGrams(automaton, state, freedom, whole, bits)) {
            for (int i = 0; i < some.length; i++) {
                if (some[i] != 0) {
                    slices.get(i).trie().walk(automaton, state, some[i], bits);
                }
            }
        }
        rest.walk(automaton, state, -1, bits);
        for (Place place : state.places) {
            for (Node.TokenEdge edge : place.node().tokens) {
                addToken(edge, bits);
            }
        }
        return TokenMask.of(whole, bits);
    }

    /**
     * Adds tokens of the slices by their grams. Returns false, with nothing added, if a walk is faster.
     *
     * @param whole the slices that are not meant
     * @param bits the tokens that are known to be allowed
     */
    private boolean addByGrams(
            Automaton automaton, State state, Slice.Freedom[] freedom, boolean[] whole, long[] bits) {
        long[] open = new long[words];
        long[] others = new long[words];
        int kinds = Slice.PLAIN;
        int longest = 0;
        for (int i = 0; i < whole.length; i++) {
            for (int n = slices.get(i).minCharacters();
                    !whole[i] && n <= slices.get(i).maxCharacters();
                    n++) {
                if (freedom[n].some() == 0) {
                    continue;
                }
                if ((freedom[n].any() | freedom[n].some()) != kinds) {
                    kinds = freedom[n].any() | freedom[n].some();
                    others = containing(Slice.PLAIN & ~kinds);
                }
                for (int w = 0; w < words; w++) {
                    open[w] |= ofLength[n][w] & ~others[w] & ~bits[w];
                }
                longest = n;
            }
        }
        if (!mostAreAllowed(automaton, state, open)) {
            return false;
        }
        Optional<Reach> reach = Reach.of(automaton, state, longest);
        long[] doubtful = new long[words];
        if (reach.isEmpty() || !grams.remove(reach.get(), open, doubtful)) {
            return false;
        }
        for (int w = 0; w < words; w++) {
            for (long left = open[w] & doubtful[w]; left != 0; left &= left - 1) {
                int id = (w << 6) + Long.numberOfTrailingZeros(left);
                if (!automaton.allows(state, texts[id])) {
                    open[w] &= ~(1L << id);
                }
            }
            bits[w] |= open[w];
        }
        return true;
    }

    /** Guesses from some of the tokens whether a walk would take long: it leaves early what is not allowed. */
    private boolean mostAreAllowed(Automaton automaton, State state, long[] open) {
        int looked = 0;
        int allowed = 0;
        for (int id = 0; id < texts.length; id += SAMPLED) {
            if ((open[id >> 6] >> id & 1) != 0) {
                looked++;
                allowed += automaton.allows(state, texts[id]) ? 1 : 0;
            }
        }
        return looked * SAMPLED > texts.length / MIN_SHARE && allowed > looked / 4;
    }

    /** Returns the tokens of the slices that contain a character of some kinds. */
    private long[] containing(int kinds) {
        long[] all = new long[words];
        for (int left = kinds; left != 0; left &= left - 1) {
            long[] some = containing[Integer.numberOfTrailingZeros(left)];
            for (int i = 0; i < words; i++) {
                all[i] |= some[i];
            }
        }
        return all;
    }

    private void addToken(Node.TokenEdge edge, long[] bits) {
        int id = edge.id();
        boolean known = id < tokenizer.vocabularySize();
        boolean had = known && (bits[id >> 6] >> id & 1) != 0;
        if (edge.not()) {
            for (int i = 0; i < words; i++) {
                bits[i] |= whole[i];
            }
            if (known && !had) {
                bits[id >> 6] &= ~(1L << id);
            }
        } else if (known && !tokenizer.isEnd(id)) {
            set(bits, id);
        }
    }

    /**
     * Splits a forced text into tokens. Stops where a longer token could include both its end and the text that
     * follows.
     */
    int[] split(Automaton automaton, byte[] text, State behind) {
        int[] tokens = ownSplit(text);
        IdList kept = new IdList();
        int at = 0;
        for (int i = 0; i < tokens.length; i++) {
            if (goesOn(automaton, text, at, behind)) {
                break;
            }
            kept.add(tokens, i, i + 1);
            at += texts[tokens[i]].length;
        }
        return kept.toArray();
    }

    private boolean goesOn(Automaton automaton, byte[] text, int from, State behind) {
        return tries().anyMatch(trie -> trie.goesOn(automaton, text, from, behind));
    }

    /**
     * Splits a text as the tokenizer does if that gives the same bytes back; otherwise takes the longest tokens first.
     */
    private int[] ownSplit(byte[] text) {
        int[] own = tokenizer.encode(new String(text, StandardCharsets.UTF_8));
        ByteBuffer joined = ByteBuffer.allocate(text.length);
        for (int id : own) {
            byte[] bytes = text(id);
            if (bytes == null || bytes.length > joined.remaining()) {
                return longest(text);
            }
            joined.put(bytes);
        }
        return ByteBuffer.wrap(text).equals(joined.flip()) ? own : longest(text);
    }

    private Stream<TokenTrie> tries() {
        return Stream.concat(Stream.of(rest, far), slices.stream().map(Slice::trie));
    }

    private int[] longest(byte[] text) {
        IdList found = new IdList();
        int at = 0;
        while (at < text.length) {
            int from = at;
            OptionalInt best = tries().mapToInt(trie -> trie.longest(text, from))
                    .filter(id -> id >= 0)
                    .reduce((one, other) -> texts[other].length > texts[one].length ? other : one);
            if (best.isEmpty()) {
                return found.toArray();
            }
            found.add(new int[] {best.getAsInt()}, 0, 1);
            at += texts[best.getAsInt()].length;
        }
        return found.toArray();
    }
}
