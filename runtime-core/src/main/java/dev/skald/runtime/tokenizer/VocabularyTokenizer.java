package dev.skald.runtime.tokenizer;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.runtime.error.UnsupportedModelException;
import java.lang.System.Logger.Level;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** A tokenizer of a vocabulary: finds special tokens, and leaves the text between them to an encoder. */
final class VocabularyTokenizer implements Tokenizer {
    private static final System.Logger LOG = System.getLogger(VocabularyTokenizer.class.getName());

    private static final BitSet NONE = new BitSet(0);

    private static final String MODEL = "tokenizer.ggml.model";
    private static final String PRE = "tokenizer.ggml.pre";
    private static final String MERGES = "tokenizer.ggml.merges";
    private static final String SPACE_PREFIX = "tokenizer.ggml.add_space_prefix";
    private static final String TEMPLATE = "tokenizer.chat_template";
    private static final String LOWERCASE = "tokenizer.ggml.normalizer.lowercase";
    private static final String STRIP_ACCENTS = "tokenizer.ggml.normalizer.strip_accents";
    private static final String CHARACTER_MAP = "tokenizer.ggml.precompiled_charsmap";
    private static final String COLLAPSE_SPACES = "tokenizer.ggml.remove_extra_whitespaces";

    private final Vocabulary vocabulary;
    private final SpecialIds ids;
    private final SpecialTokens specials;
    private final FragmentEncoder encoder;
    private final Optional<String> preTokenizer;

    private VocabularyTokenizer(
            Vocabulary vocabulary,
            SpecialIds ids,
            GgufMetadata metadata,
            FragmentEncoder encoder,
            Optional<String> preTokenizer) {
        this.vocabulary = vocabulary;
        this.ids = ids;
        this.specials = specials(metadata, vocabulary);
        this.encoder = encoder;
        this.preTokenizer = preTokenizer;
    }

    static VocabularyTokenizer of(GgufMetadata metadata, Optional<String> preTokenizer) {
        String file = metadata.path() + ": ";
        try {
            return read(metadata, preTokenizer);
        } catch (GgufFormatException e) {
            throw e.getMessage().startsWith(file) ? e : new GgufFormatException(file + e.getMessage());
        } catch (UnsupportedModelException e) {
            throw new UnsupportedModelException(file + e.getMessage());
        }
    }

    private static VocabularyTokenizer read(GgufMetadata metadata, Optional<String> preTokenizer) {
        String model = metadata.getString(MODEL);
        return switch (model) {
            case "llama" -> {
                preTokenizer.ifPresent(VocabularyTokenizer::checkUnused);
                yield sentencePiece(metadata);
            }
            case "gpt2" -> bytePair(metadata, preTokenizer.orElseGet(() -> preTokenizer(metadata)));
            case PreTokenizers.GEMMA4 -> {
                preTokenizer.ifPresent(VocabularyTokenizer::checkUnused);
                yield bytePair(metadata, PreTokenizers.GEMMA4);
            }
            case "rwkv" -> {
                preTokenizer.ifPresent(VocabularyTokenizer::checkUnused);
                yield longestMatch(metadata);
            }
            case "bert" -> {
                preTokenizer.ifPresent(VocabularyTokenizer::checkUnused);
                yield wordPiece(metadata);
            }
            case "t5" -> {
                preTokenizer.ifPresent(VocabularyTokenizer::checkUnused);
                yield unigram(metadata);
            }
            default ->
                throw new UnsupportedModelException("tokenizer \"" + model + "\" (" + MODEL
                        + ") is not supported; supported are \"llama\" (SentencePiece with scores), \"gpt2\""
                        + " (byte-level BPE), \"gemma4\" (BPE over characters), \"rwkv\" (longest match), \"bert\""
                        + " (WordPiece) and \"t5\" (SentencePiece unigram): use a model with one of these");
        };
    }

    private static void checkUnused(String preTokenizer) {
        PreTokenizers.named(preTokenizer);
        LOG.log(
                Level.WARNING,
                "The pre-tokenizer \"{0}\" changes nothing: this kind of vocabulary does without",
                preTokenizer);
    }

    private static VocabularyTokenizer sentencePiece(GgufMetadata metadata) {
        Vocabulary vocabulary = Vocabulary.read(metadata, SpecialIds.CONTROL_PIECES, SpmEncoder::bytes);
        SpecialIds ids =
                SpecialIds.read(metadata, vocabulary, SpecialIds.Defaults.SENTENCE_PIECE, SpecialIds.Bos.USUALLY);
        SpmEncoder encoder = new SpmEncoder(
                vocabulary,
                metadata.getBoolean(SPACE_PREFIX, true),
                metadata.getBoolean(COLLAPSE_SPACES, false),
                ids.unknown().orElse(-1));
        return new VocabularyTokenizer(vocabulary, ids, metadata, encoder, Optional.empty());
    }

    private static VocabularyTokenizer bytePair(GgufMetadata metadata, String name) {
        PreTokenizer preTokenizer = PreTokenizers.named(name);
        boolean characters = preTokenizer.has(PreTokenizer.Trait.WRITES_CHARACTERS);
        Vocabulary vocabulary = Vocabulary.read(
                metadata, SpecialIds.CONTROL_PIECES, characters ? SpmEncoder::bytes : BpeEncoder::bytes);
        SpecialIds ids = SpecialIds.read(metadata, vocabulary, SpecialIds.Defaults.BYTE_PAIR, addsBos(preTokenizer));
        MergeList merges = new MergeList(vocabulary, metadata.getStrings(MERGES), MERGES);
        int unknown = ids.unknown().orElse(-1);
        FragmentEncoder encoder = characters
                ? new CharacterBpeEncoder(vocabulary, preTokenizer, merges, unknown)
                : new BpeEncoder(vocabulary, preTokenizer, merges, unknown);
        return new VocabularyTokenizer(vocabulary, ids, metadata, encoder, Optional.of(preTokenizer.name()));
    }

    private static SpecialIds.Bos addsBos(PreTokenizer preTokenizer) {
        if (preTokenizer.has(PreTokenizer.Trait.NEEDS_BOS)) {
            return SpecialIds.Bos.ALWAYS;
        }
        return preTokenizer.has(PreTokenizer.Trait.ADDS_BOS) ? SpecialIds.Bos.USUALLY : SpecialIds.Bos.IF_SAID;
    }

    private static VocabularyTokenizer longestMatch(GgufMetadata metadata) {
        Vocabulary vocabulary = Vocabulary.read(metadata, SpecialIds.CONTROL_PIECES, RwkvEncoder::bytes);
        SpecialIds ids = SpecialIds.read(metadata, vocabulary, SpecialIds.Defaults.BYTE_PAIR, SpecialIds.Bos.IF_SAID);
        RwkvEncoder encoder = new RwkvEncoder(vocabulary, ids.unknown().orElse(-1));
        return new VocabularyTokenizer(vocabulary, ids, metadata, encoder, Optional.empty());
    }

    private static VocabularyTokenizer wordPiece(GgufMetadata metadata) {
        Vocabulary vocabulary = Vocabulary.read(metadata, SpecialIds.CONTROL_PIECES, SpmEncoder::bytes);
        SpecialIds ids = SpecialIds.read(metadata, vocabulary, SpecialIds.Defaults.WORD_PIECE, SpecialIds.Bos.USUALLY);
        boolean lowercase = metadata.getBoolean(LOWERCASE, true);
        WordPieceEncoder encoder = new WordPieceEncoder(
                vocabulary,
                lowercase,
                metadata.getBoolean(STRIP_ACCENTS, lowercase),
                ids.unknown().orElse(-1));
        return new VocabularyTokenizer(vocabulary, ids, metadata, encoder, Optional.empty());
    }

    private static VocabularyTokenizer unigram(GgufMetadata metadata) {
        Vocabulary vocabulary = Vocabulary.read(metadata, SpecialIds.CONTROL_PIECES, SpmEncoder::bytes);
        SpecialIds ids = SpecialIds.read(metadata, vocabulary, SpecialIds.Defaults.UNIGRAM, SpecialIds.Bos.IF_SAID);
        if (ids.unknown().isEmpty()) {
            throw new GgufFormatException(
                    "there is no token for unknown characters (tokenizer.ggml.unknown_token_id), without which a unigram"
                            + " vocabulary splits no text");
        }
        UnigramEncoder encoder = new UnigramEncoder(
                vocabulary,
                metadata.contains(CHARACTER_MAP)
                        ? CharacterMap.of(
                                CHARACTER_MAP, bytes(metadata.getInts(CHARACTER_MAP)), userDefined(vocabulary))
                        : CharacterMap.none(),
                metadata.getBoolean(SPACE_PREFIX, false),
                metadata.getBoolean(COLLAPSE_SPACES, false),
                ids.unknown().getAsInt());
        return new VocabularyTokenizer(vocabulary, ids, metadata, encoder, Optional.empty());
    }

    private static List<String> userDefined(Vocabulary vocabulary) {
        return IntStream.range(0, vocabulary.size())
                .filter(id -> vocabulary.kind(id) == TokenKind.USER_DEFINED)
                .mapToObj(vocabulary::piece)
                .toList();
    }

    private static byte[] bytes(int[] numbers) {
        byte[] bytes = new byte[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            bytes[i] = (byte) numbers[i];
        }
        return bytes;
    }

    private static String preTokenizer(GgufMetadata metadata) {
        String name = metadata.getString(PRE, "");
        if (name.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    metadata.path() + " names no pre-tokenizer (" + PRE + "); \"" + PreTokenizers.DEFAULT
                            + "\" is used, which may split text differently than in training. The option"
                            + " pre-tokenizer chooses another, such as llama-bpe, tekken, qwen2 or gpt-2");
            return PreTokenizers.DEFAULT;
        }
        return name;
    }

    /** Which tokens take white space beside them is in no file; llama.cpp knows it of these models. */
    private static SpecialTokens specials(GgufMetadata metadata, Vocabulary vocabulary) {
        String pre = metadata.getString(PRE, "");
        String name = metadata.getString("general.name", "").toLowerCase(Locale.ROOT);
        IntPredicate none = id -> false;
        IntPredicate left = none;
        IntPredicate right = none;
        if (pre.contains("jina-v2-de") || pre.contains("jina-v2-es") || pre.contains("jina-v2-code")) {
            left = id -> vocabulary.piece(id).equals("<mask>");
        } else if (name.contains("phi-3") || name.contains("phi3")) {
            Set<String> plain = Set.of("<unk>", "<s>", "<|endoftext|>");
            right = id -> !plain.contains(vocabulary.piece(id));
        }
        return new SpecialTokens(vocabulary, metadata.getString(TEMPLATE, ""), left, right);
    }

    @Override
    public int vocabularySize() {
        return vocabulary.size();
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        String sound = withoutLoneSurrogates(text);
        return encode(sound, specials.split(sound, parseSpecial, NONE), addSpecial);
    }

    @Override
    public int[] encode(String text, boolean addSpecial, BitSet literal) {
        String sound = withoutLoneSurrogates(text);
        return encode(sound, specials.split(sound, true, literal), addSpecial);
    }

    private int[] encode(String sound, List<SpecialTokens.Part> parts, boolean addSpecial) {
        IntList tokens = new IntList(sound.length() / 3 + 2);
        if (addSpecial && ids.addsBos() && !startsWith(parts, ids.bos().getAsInt())) {
            tokens.add(ids.bos().getAsInt());
        }
        boolean first = true;
        for (SpecialTokens.Part part : parts) {
            if (part.isText()) {
                encoder.encode(sound.substring(part.begin(), part.end()), first, tokens);
            } else {
                tokens.add(part.id());
            }
            first = !part.isText();
        }
        OptionalInt end = ids.ending();
        if (addSpecial && end.isPresent() && !endsWith(parts, end.getAsInt())) {
            tokens.add(end.getAsInt());
        }
        return tokens.toArray();
    }

    @Override
    public int[] pair(int[] first, int[] second) {
        IntList tokens = new IntList(first.length + second.length + 4);
        if (ids.addsBos()) {
            tokens.add(ids.bos().getAsInt());
        }
        add(first, tokens);
        ids.ending().ifPresent(tokens::add);
        ids.between().ifPresent(tokens::add);
        add(second, tokens);
        ids.ending().ifPresent(tokens::add);
        return tokens.toArray();
    }

    private static void add(int[] ids, IntList tokens) {
        for (int id : ids) {
            tokens.add(id);
        }
    }

    private static boolean startsWith(List<SpecialTokens.Part> parts, int id) {
        return !parts.isEmpty() && parts.getFirst().id() == id;
    }

    private static boolean endsWith(List<SpecialTokens.Part> parts, int id) {
        return !parts.isEmpty() && parts.getLast().id() == id;
    }

    private static String withoutLoneSurrogates(String text) {
        boolean lone = text.codePoints().anyMatch(VocabularyTokenizer::isSurrogate);
        if (!lone) {
            return text;
        }
        int[] sound = text.codePoints().map(c -> isSurrogate(c) ? 0xFFFD : c).toArray();
        return new String(sound, 0, sound.length);
    }

    /** Of a code point: only a surrogate without its partner is one by itself. */
    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    @Override
    public String decode(int[] tokens, boolean showSpecial) {
        int begin = 0;
        if (!showSpecial
                && ids.bos().isPresent()
                && tokens.length > 0
                && tokens[0] == ids.bos().getAsInt()) {
            begin = 1;
        }
        TokenDecoder decoder = newDecoder(showSpecial);
        StringBuilder text = new StringBuilder();
        for (int i = begin; i < tokens.length; i++) {
            text.append(decoder.append(tokens[i]));
        }
        text.append(decoder.flush());
        boolean prefixed = encoder.prefixesSpace()
                && begin < tokens.length
                && vocabulary.isText(tokens[begin])
                && vocabulary.piece(tokens[begin]).charAt(0) == SpmEncoder.SPACE_MARK;
        return prefixed ? text.substring(1) : text.toString();
    }

    @Override
    public TokenDecoder newDecoder(boolean showSpecial) {
        return new TokenDecoder(this, showSpecial);
    }

    @Override
    public byte[] bytes(int id) {
        return vocabulary.bytes(id);
    }

    @Override
    public String piece(int id) {
        return vocabulary.piece(id);
    }

    @Override
    public TokenKind kind(int id) {
        return vocabulary.kind(id);
    }

    @Override
    public boolean isMark(int id) {
        vocabulary.kind(id);
        return specials.isMark(id);
    }

    @Override
    public OptionalInt bos() {
        return ids.bos();
    }

    @Override
    public OptionalInt eos() {
        return ids.eos();
    }

    @Override
    public OptionalInt eot() {
        return ids.eot();
    }

    @Override
    public OptionalInt eom() {
        return ids.eom();
    }

    @Override
    public OptionalInt unknown() {
        return ids.unknown();
    }

    @Override
    public OptionalInt separator() {
        return ids.separator();
    }

    @Override
    public boolean addsBos() {
        return ids.addsBos();
    }

    @Override
    public boolean addsEos() {
        return ids.addsEos();
    }

    @Override
    public Set<Integer> endTokens() {
        return ids.ends();
    }

    @Override
    public boolean isEnd(int id) {
        return ids.ends().contains(id);
    }

    @Override
    public Optional<FillTokens> fill() {
        return ids.fill();
    }

    @Override
    public Optional<String> preTokenizer() {
        return preTokenizer;
    }

    @Override
    public String description() {
        return encoder.description() + ", " + vocabulary.size() + " tokens"
                + preTokenizer.map(name -> ", pre-tokenizer " + name).orElse("");
    }

    @Override
    public String toString() {
        return description();
    }
}
