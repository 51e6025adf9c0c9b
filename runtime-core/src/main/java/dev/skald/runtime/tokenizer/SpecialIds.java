package dev.skald.runtime.tokenizer;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufValueType;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The tokens that begin and end texts and turns: those that the file names, and those that llama.cpp recognizes by their text,
 * because many files name too few.
 *
 * @param ending tokens to add after a text
 * @param between tokens to add between two texts that belong together, after the ending of the first
 * @param ends all tokens that end a generation
 * @param fill the tokens around a text that is filled in, if the model does that
 */
record SpecialIds(
        OptionalInt bos,
        OptionalInt eos,
        OptionalInt eot,
        OptionalInt eom,
        OptionalInt unknown,
        OptionalInt separator,
        boolean addsBos,
        boolean addsEos,
        OptionalInt ending,
        OptionalInt between,
        SortedSet<Integer> ends,
        Optional<FillTokens> fill) {

    /** Whether a text begins with BOS: if the file says so, unless it says otherwise, or in any case. */
    enum Bos {
        IF_SAID,
        USUALLY,
        ALWAYS
    }

    private static final System.Logger LOG = System.getLogger(SpecialIds.class.getName());

    private static final String PREFIX = "tokenizer.ggml.";
    private static final String ENDS = "eos_token_ids";
    private static final String ADD_SEPARATOR = "add_sep_token";

    /** The defaults for each kind of tokenizer. */
    enum Defaults {
        /** SentencePiece: 0 unknown, 1 begin, 2 end. */
        SENTENCE_PIECE(1, 2, 0, -1),
        BYTE_PAIR(-1, -1, -1, -1),
        /** BERT: text begins with 101 and ends with the separator 102; 100 is unknown. */
        WORD_PIECE(101, -1, 100, 102),
        /** T5: text ends with 1; 2 is unknown. */
        UNIGRAM(-1, 1, 2, -1);

        private final int bos;
        private final int eos;
        private final int unknown;
        private final int separator;

        Defaults(int bos, int eos, int unknown, int separator) {
            this.bos = bos;
            this.eos = eos;
            this.unknown = unknown;
            this.separator = separator;
        }
    }

    private static final long NONE = -1;
    private static final long NONE_UNSIGNED = 0xFFFF_FFFFL;

    private static final String PART_END = "<|end|>";

    /** The end of a turn; if a vocabulary has several, the first of these is {@link #eot()}. */
    private static final List<String> EOT = List.of(
            "<|eot_id|>",
            "<|im_end|>",
            PART_END,
            "<end_of_turn>",
            "<|endoftext|>",
            "<|end_of_text|>",
            "<EOT>",
            "_<EOT>",
            "[EOT]",
            "<｜end▁of▁sentence｜>",
            "<end_of_utterance>");

    private static final String EOM = "<|eom_id|>";

    private static final List<String> OTHER_ENDS = List.of(
            "[EOS]",
            "<|return|>",
            "<|call|>",
            "<|calls|>",
            "<|flush|>",
            "<eos>",
            "<turn|>",
            "<|tool_response>",
            "[e~[");

    /**
     * SentencePiece's end of a text. Elsewhere in a vocabulary it may be an HTML tag, as in Gemma, or ordinary text, as in
     * Qwen; then the file decides.
     */
    private static final String SENTENCE_END = "</s>";

    private static final int USUAL_SENTENCE_END = 2;

    /** Marks within a message of gpt-oss, with which a text could begin another message. */
    private static final List<String> MESSAGE_PARTS =
            List.of("<|start|>", "<|channel|>", "<|message|>", "<|constrain|>");

    // Tokens of code models, by llama.cpp's names for their ids.
    private static final Named FILL_PREFIX = new Named(
            "fim_pre_token_id",
            "<|fim_prefix|>",
            "<fim-prefix>",
            "<fim_prefix>",
            "<｜fim▁begin｜>",
            "<PRE>",
            "▁<PRE>",
            "<|code_prefix|>",
            "<|prefix|>");
    private static final Named FILL_SUFFIX = new Named(
            "fim_suf_token_id",
            "<|fim_suffix|>",
            "<fim-suffix>",
            "<fim_suffix>",
            "<｜fim▁hole｜>",
            "<SUF>",
            "▁<SUF>",
            "<|code_suffix|>",
            "<|suffix|>");
    private static final Named FILL_MIDDLE = new Named(
            "fim_mid_token_id",
            "<|fim_middle|>",
            "<fim-middle>",
            "<fim_middle>",
            "<｜fim▁end｜>",
            "<MID>",
            "▁<MID>",
            "<|code_middle|>",
            "<|middle|>");
    private static final Named FILL_PAD =
            new Named("fim_pad_token_id", "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]");
    private static final Named FILL_REPOSITORY =
            new Named("fim_rep_token_id", "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>");
    private static final Named FILL_FILE = new Named("fim_sep_token_id", "<|file_sep|>");

    /** Ends of files in code models, after which nothing sensible follows. */
    private static final List<Named> CODE_ENDS = List.of(FILL_PAD, FILL_REPOSITORY, FILL_FILE);

    private static final List<Named> CODE_PARTS = List.of(FILL_PREFIX, FILL_SUFFIX, FILL_MIDDLE);

    /**
     * A token with one purpose.
     *
     * @param key of its id in a file
     * @param pieces by which it is known where the file does not say
     */
    private record Named(String key, List<String> pieces) {
        Named(String key, String... pieces) {
            this(key, List.of(pieces));
        }

        OptionalInt id(GgufMetadata metadata, Vocabulary vocabulary) {
            int known = pieces.stream()
                    .mapToInt(vocabulary::id)
                    .filter(id -> id >= 0)
                    .findFirst()
                    .orElse(-1);
            return SpecialIds.id(metadata, vocabulary, key, known);
        }
    }

    /** Pieces that are control tokens whatever kind the file gives them. */
    static final Set<String> CONTROL_PIECES = controlPieces();

    /**
     * Whether a token is a control token although the file gives it another kind.
     *
     * @param kind the kind in the file; empty if it has no kinds
     */
    static boolean isControl(int id, String piece, Optional<TokenKind> kind) {
        if (piece.equals(SENTENCE_END)) {
            return kind.isEmpty() || id == USUAL_SENTENCE_END;
        }
        // Converters now mark such a user-defined token as a control token, but older ones did not.
        return kind.isPresent() && kind.get() == TokenKind.USER_DEFINED && isMark(piece);
    }

    private static boolean isMark(String piece) {
        return piece.length() > 4
                && (piece.startsWith("<|") && piece.endsWith("|>") || piece.startsWith("<｜") && piece.endsWith("｜>"));
    }

    private static Set<String> controlPieces() {
        Set<String> pieces = new HashSet<>(EOT);
        pieces.add(EOM);
        pieces.addAll(OTHER_ENDS);
        CODE_ENDS.forEach(named -> pieces.addAll(named.pieces));
        CODE_PARTS.forEach(named -> pieces.addAll(named.pieces));
        pieces.addAll(MESSAGE_PARTS);
        return Set.copyOf(pieces);
    }

    /**
     * Reads what a file says.
     *
     * @param begins whether text begins with BOS if the file does not say
     */
    static SpecialIds read(GgufMetadata metadata, Vocabulary vocabulary, Defaults defaults, Bos begins) {
        // BERT's token for classifiers is the beginning of its texts.
        OptionalInt cls = id(metadata, vocabulary, "cls_token_id", defaults.bos);
        OptionalInt bos = id(
                metadata, vocabulary, "bos_token_id", defaults == Defaults.WORD_PIECE ? cls.orElse(-1) : defaults.bos);
        OptionalInt eos = id(metadata, vocabulary, "eos_token_id", defaults.eos);
        OptionalInt unknown = id(metadata, vocabulary, "unknown_token_id", defaults.unknown);
        // This is GGUF's spelling.
        OptionalInt separator = id(metadata, vocabulary, "seperator_token_id", defaults.separator);
        int namedEot = EOT.stream()
                .filter(piece -> !piece.equals(PART_END) || !endIsOfPart(vocabulary))
                .mapToInt(vocabulary::id)
                .filter(i -> i >= 0)
                .findFirst()
                .orElse(-1);
        boolean addsEos = adds(metadata, "add_eos_token", "eos_token_id", eos, defaults == Defaults.UNIGRAM);
        OptionalInt ending = addsEos ? eos : OptionalInt.empty();
        OptionalInt between = metadata.getBoolean(PREFIX + ADD_SEPARATOR, false) ? separator : OptionalInt.empty();
        if (defaults == Defaults.WORD_PIECE) {
            ending = separator;
            between = OptionalInt.empty();
        }
        OptionalInt eot = id(metadata, vocabulary, "eot_token_id", namedEot);
        OptionalInt eom = id(metadata, vocabulary, "eom_token_id", vocabulary.id(EOM));
        return new SpecialIds(
                bos,
                eos,
                eot,
                eom,
                unknown,
                separator,
                begins == Bos.ALWAYS && bos.isPresent()
                        || adds(metadata, "add_bos_token", "bos_token_id", bos, begins != Bos.IF_SAID),
                addsEos,
                ending,
                between,
                ends(metadata, vocabulary, List.of(eos, eot, eom)),
                fill(metadata, vocabulary));
    }

    private static Optional<FillTokens> fill(GgufMetadata metadata, Vocabulary vocabulary) {
        OptionalInt prefix = FILL_PREFIX.id(metadata, vocabulary);
        OptionalInt suffix = FILL_SUFFIX.id(metadata, vocabulary);
        OptionalInt middle = FILL_MIDDLE.id(metadata, vocabulary);
        if (prefix.isEmpty() || suffix.isEmpty() || middle.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new FillTokens(
                prefix.getAsInt(),
                suffix.getAsInt(),
                middle.getAsInt(),
                FILL_REPOSITORY.id(metadata, vocabulary),
                FILL_FILE.id(metadata, vocabulary)));
    }

    /**
     * Returns the id of a key; the fallback if the file has none, says that there is none, or has an id outside the vocabulary.
     */
    private static OptionalInt id(GgufMetadata metadata, Vocabulary vocabulary, String name, int fallback) {
        OptionalInt usual =
                fallback >= 0 && fallback < vocabulary.size() ? OptionalInt.of(fallback) : OptionalInt.empty();
        if (!metadata.contains(PREFIX + name)) {
            return usual;
        }
        long id = metadata.getLong(PREFIX + name);
        return isToken(metadata, vocabulary, name, id) ? OptionalInt.of((int) id) : usual;
    }

    /**
     * Whether an id is in the vocabulary. llama.cpp writes -1, which is 4294967295, for none; other invalid ids are reported
     * and ignored.
     */
    private static boolean isToken(GgufMetadata metadata, Vocabulary vocabulary, String name, long id) {
        if (id >= 0 && id < vocabulary.size()) {
            return true;
        }
        if (id != NONE && id != NONE_UNSIGNED) {
            LOG.log(
                    Level.WARNING,
                    metadata.path() + ": " + PREFIX + name + " = " + id
                            + " is ignored, because the vocabulary has only " + vocabulary.size() + " tokens");
        }
        return false;
    }

    private static boolean adds(GgufMetadata metadata, String flag, String name, OptionalInt id, boolean fallback) {
        boolean adds = metadata.getBoolean(PREFIX + flag, fallback && id.isPresent());
        if (adds && id.isEmpty()) {
            throw new GgufFormatException(PREFIX + flag + " = true, but there is no " + PREFIX + name);
        }
        return adds;
    }

    /** Adds the ids of the key in which Ollama lists all end tokens; llama.cpp does not read it. */
    private static int[] endsOfOllama(GgufMetadata metadata) {
        if (!metadata.contains(PREFIX + ENDS)) {
            return new int[0];
        }
        return metadata.type(PREFIX + ENDS) == GgufValueType.ARRAY
                ? metadata.getInts(PREFIX + ENDS)
                : new int[] {metadata.getInt(PREFIX + ENDS)};
    }

    private static SortedSet<Integer> ends(GgufMetadata metadata, Vocabulary vocabulary, List<OptionalInt> known) {
        SortedSet<Integer> ends = new TreeSet<>();
        known.forEach(id -> id.ifPresent(ends::add));
        for (Named named : CODE_ENDS) {
            id(metadata, vocabulary, named.key, -1).ifPresent(ends::add);
            named.pieces.stream().map(vocabulary::id).filter(id -> id >= 0).forEach(ends::add);
        }
        for (int id : endsOfOllama(metadata)) {
            if (isToken(metadata, vocabulary, ENDS, id)) {
                ends.add(id);
            }
        }
        for (List<String> pieces : List.of(EOT, List.of(EOM), OTHER_ENDS)) {
            pieces.stream().map(vocabulary::id).filter(id -> id >= 0).forEach(ends::add);
        }
        int sentenceEnd = vocabulary.id(SENTENCE_END);
        if (sentenceEnd >= 0 && vocabulary.kind(sentenceEnd) == TokenKind.CONTROL) {
            ends.add(sentenceEnd);
        }
        if (endIsOfPart(vocabulary)) {
            ends.remove(vocabulary.id(PART_END));
        }
        return Collections.unmodifiableSortedSet(ends);
    }

    /**
     * If messages end with {@code <|return|>} or {@code <|call|>}, then {@code <|end|>} only ends one of several parts of a
     * reply.
     */
    private static boolean endIsOfPart(Vocabulary vocabulary) {
        boolean calls = vocabulary.id("<|call|>") >= 0 || vocabulary.id("<|calls|>") >= 0;
        boolean returns = vocabulary.id("<|return|>") >= 0 || vocabulary.id("<|flush|>") >= 0;
        return calls && returns;
    }
}
