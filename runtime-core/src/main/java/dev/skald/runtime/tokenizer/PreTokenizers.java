package dev.skald.runtime.tokenizer;

import static dev.skald.runtime.tokenizer.PreTokenizer.Step.regex;
import static dev.skald.runtime.tokenizer.PreTokenizer.Step.thousands;
import static dev.skald.runtime.tokenizer.PreTokenizer.Trait.ADDS_BOS;
import static dev.skald.runtime.tokenizer.PreTokenizer.Trait.COMPOSES;
import static dev.skald.runtime.tokenizer.PreTokenizer.Trait.NEEDS_BOS;
import static dev.skald.runtime.tokenizer.PreTokenizer.Trait.WHOLE_BREAKS_FIRST;
import static dev.skald.runtime.tokenizer.PreTokenizer.Trait.WHOLE_WORDS_FIRST;
import static dev.skald.runtime.tokenizer.PreTokenizer.Trait.WRITES_CHARACTERS;

import dev.skald.runtime.error.UnsupportedModelException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * All pre-tokenizers, as data: the patterns for each name in {@code tokenizer.ggml.pre}. They are rewritten where {@code
 * java.util.regex} would recurse or try the same text repeatedly. The patterns are those of the models' makers; llama.cpp uses
 * the names, and approximates some patterns (docs/tokenizers.md).
 *
 * <p>{@code \p{L}} and the like are those of the JDK's Unicode version. llama.cpp has Unicode 15, and cuts younger characters
 * as symbols.
 *
 * <p>To add one, add a constant for a new pattern, and a row to the table.
 */
final class PreTokenizers {
    /** What llama.cpp uses if the file names none. */
    static final String DEFAULT = "default";
    /** For files with the tokenizer model of this name, which name no pre-tokenizer. */
    static final String GEMMA4 = "gemma4";

    private static final String CONTRACTION = "'(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])";
    private static final String BREAKS = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String SYMBOLS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
    private static final String WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";

    private static final String GPT2 =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final String LLAMA3 = CONTRACTION + "|" + WORD + "|\\p{N}{1,3}" + SYMBOLS + BREAKS;
    private static final String QWEN2 = CONTRACTION + "|" + WORD + "|\\p{N}" + SYMBOLS + BREAKS;
    private static final String QWEN35 =
            CONTRACTION + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*" + BREAKS;
    /** White space after white space needs no search for line breaks: the search from the first one has found none. */
    private static final String JAIS2 = CONTRACTION + "|" + WORD + "|\\p{N}{1,3}" + SYMBOLS
            + "|(?<![^\\S\\r\\n])\\s*[\\r\\n]+|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)"
            + "|\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s";

    private static final String CAPITAL = "\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}";
    private static final String SMALL = "\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}";

    /** Capital letters begin a word and small letters end it; letters of scripts without case, and accents, do both. */
    private static final String CASED =
            "(?:[^\\r\\n\\p{L}\\p{N}]?[" + CAPITAL + "]*[" + SMALL + "]+|[^\\r\\n\\p{L}\\p{N}]?[" + CAPITAL + "]+)";

    private static final String PATHS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*";
    private static final String TEKKEN = CASED + "|\\p{N}" + PATHS + BREAKS;
    private static final String GPT4O = CASED + "(?:" + CONTRACTION + ")?|\\p{N}{1,3}" + PATHS + BREAKS;
    private static final String YOUTU = CASED + "(?:" + CONTRACTION + ")?|\\p{N}" + PATHS + BREAKS;
    private static final String KIMI_K2 =
            "\\p{IsHan}+|(?:[^\\r\\n\\p{L}\\p{N}]?[" + CAPITAL + "&&[^\\p{IsHan}]]*[" + SMALL
                    + "&&[^\\p{IsHan}]]+|[^\\r\\n\\p{L}\\p{N}]?[" + CAPITAL + "&&[^\\p{IsHan}]]+)(?:" + CONTRACTION
                    + ")?|\\p{N}{1,3}" + SYMBOLS + BREAKS;

    private static final String DEEPSEEK3 = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
            + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*" + BREAKS;

    private static final String MINICPM5 = CONTRACTION + "|" + WORD + "|\\p{N}+" + SYMBOLS + BREAKS;
    private static final String LINES = "[^\\n]+|\\n+";

    private static final String BAILINGMOE =
            CONTRACTION + "|" + WORD + "|\\p{N}" + SYMBOLS + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";
    private static final String SEED_CODER = CONTRACTION + "|" + WORD + "|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+" + BREAKS;
    /** Words with single spaces between them stay together. Possessive, so that long texts do not overflow the stack. */
    private static final String EXAONE_MOE = CONTRACTION
            + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}(?:[\\p{L}\\p{M}]| \\p{L})*+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?"
            + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";

    private static final String BLOOM = " ?[^(\\s|.,!?\\u2026\\u3002\\uFF0C\\u3001\\u0964\\u06D4\\u060C)]+";

    /** The ranges include white space, which llama.cpp excludes. */
    private static final String CJK = "[\\u0800-\\u9FA5\\uAC00-\\uD7FF&&[^\\s]]+";

    private static final String CJK_KANA = "[\\u4E00-\\u9FA5\\u3040-\\u30FF]+";
    private static final String AFMOE_SCRIPTS =
            "[\\u4E00-\\u9FFF\\u3400-\\u4DBF\\u8C48-\\uFAFF\\u3040-\\u30FF\\uFF65-\\uFF9F\\u2F00-\\u2FDF\\u0E40-\\u0EFF"
                    + "\\u1780-\\u17FF\\u1000-\\u109F\\uAA60-\\uAA7F\\uA9E0-\\uA9FF\\uAC00-\\uD7AF\\u1100-\\u11FF]+";
    private static final String YOUTU_SCRIPTS = "[\\uAC00-\\uD7A3\\u3131-\\u318E]+"
            + "|[\\uFF01\\u2026\\u201C\\u201D\\u2018\\u2019\\u2014\\uFF1A\\uFF1B\\uFF0C\\u3001-\\u303F\\uFE30-\\uFE4F]+"
            + "|[\\u3105-\\u312F]+|" + CJK_KANA;

    private static final String DEEPSEEK_LETTERS = "\\s?[A-Za-z\\u00B5\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u01BA"
            + "\\u01BC-\\u01BF\\u01C4-\\u0293\\u0295-\\u02AF\\u0370-\\u0373\\u0376\\u0377\\u037B-\\u037D\\u037F\\u0386"
            + "\\u0388-\\u038A\\u038C\\u038E-\\u03A1\\u03A3-\\u03F5\\u03F7-\\u0481\\u048A-\\u052F\\u0531-\\u0556"
            + "\\u10A0-\\u10C5\\u13A0-\\u13F5\\u13F8-\\u13FD\\u1C90-\\u1CBA\\u1CBD-\\u1CBF\\u1D00-\\u1D2B\\u1D6B-\\u1D77"
            + "\\u1D79-\\u1D9A\\u1E00-\\u1F15\\u1F18-\\u1F1D\\u1F20-\\u1F45\\u1F48-\\u1F4D\\u1F50-\\u1F57\\u1F59\\u1F5B"
            + "\\u1F5D\\u1F5F-\\u1F7D\\u1F80-\\u1FB4\\u1FB6-\\u1FBC\\u1FBE\\u1FC2-\\u1FC4\\u1FC6-\\u1FCC\\u1FD0-\\u1FD3"
            + "\\u1FD6-\\u1FDB\\u1FE0-\\u1FEC\\u1FF2-\\u1FF4\\u1FF6-\\u1FFC\\u2102\\u2107\\u210A-\\u2113\\u2115"
            + "\\u2119-\\u211D\\u2124\\u2126\\u2128\\u212A-\\u212D\\u212F-\\u2134\\u2139\\u213C-\\u213F\\u2145-\\u2149"
            + "\\u214E\\u2183\\u2184\\u2C00-\\u2C7B\\u2C7E-\\u2CE4\\u2CEB-\\u2CEE\\u2CF2\\u2CF3\\uA640-\\uA66D"
            + "\\uA680-\\uA69B\\uA722-\\uA76F\\uA771-\\uA787\\uA78B-\\uA78E\\uAB70-\\uABBF\\uFB00-\\uFB06\\uFB13-\\uFB17"
            + "\\uFF21-\\uFF3A\\uFF41-\\uFF5A\\x{10400}-\\x{1044F}\\x{104B0}-\\x{104D3}\\x{104D8}-\\x{104FB}"
            + "\\x{10C80}-\\x{10CB2}\\x{10CC0}-\\x{10CF2}\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}]+";
    private static final String DEEPSEEK_MARKS =
            "\\s?[!-/:-~\\uFF01-\\uFF0F\\uFF1A-\\uFF5E\\u2018-\\u201F\\u3001\\u3002]+";
    /** The look-behind makes the search begin only where white space begins. */
    private static final String TRAILING_SPACE = "(?<!\\s)\\s++\\z";

    private static final String DIGIT = "\\p{N}";
    private static final String THREE_DIGITS = "[0-9][0-9][0-9]";

    private record Row(Supplier<List<PreTokenizer.Step>> steps, Set<PreTokenizer.Trait> traits) {}

    private static final Map<String, Row> TABLE = new HashMap<>();

    static {
        row(() -> List.of(regex("[\\p{P}$+<=>^~|]+"), regex(GPT2), regex("\\p{N}+"), regex(THREE_DIGITS)), DEFAULT);
        row(
                () -> List.of(regex(GPT2)),
                "gpt-2",
                "phi-2",
                "jina-es",
                "jina-de",
                "jina-v1-en",
                "jina-v2-es",
                "jina-v2-de",
                "jina-v2-code",
                "gigachat",
                "roberta-bpe",
                "modern-bert",
                "a.x-4.0",
                "mellum",
                "exaone4",
                "mpt",
                "olmo",
                "jais",
                "trillion",
                "granite-docling");
        row(
                () -> List.of(regex(DIGIT), regex(GPT2)),
                "starcoder",
                "refact",
                "command-r",
                "smollm",
                "codeshell",
                "exaone",
                "minerva-7b",
                "mellum2");
        row(
                Set.of(WHOLE_WORDS_FIRST, ADDS_BOS),
                () -> List.of(regex(LLAMA3)),
                "llama-bpe",
                "llama3",
                "llama-v3",
                "falcon3",
                "falcon-h1",
                "pixtral",
                "midm-2.0",
                "lfm2",
                "jina-v5-nano");
        row(() -> List.of(regex(LLAMA3)), "dbrx", "smaug-bpe", "chatglm-bpe", "glm4");
        row(() -> List.of(regex(JAIS2)), "jais-2");
        row(Set.of(COMPOSES), () -> List.of(regex(QWEN2)), "qwen2");
        row(
                () -> List.of(regex(QWEN2)),
                "deepseek-r1-qwen",
                "stablelm2",
                "megrez",
                "kormo",
                "openpangu",
                "f2llmv2",
                "hunyuan",
                "solar-open",
                "grok-2");
        row(() -> List.of(regex(LINES), regex(QWEN2)), "laguna");
        row(Set.of(COMPOSES), () -> List.of(regex(QWEN35)), "qwen35");
        row(Set.of(WHOLE_WORDS_FIRST), () -> List.of(regex("\\p{N}{1,3}"), regex(MINICPM5)), "minicpm5");
        row(Set.of(WHOLE_WORDS_FIRST, ADDS_BOS), () -> List.of(regex(TEKKEN)), "tekken");
        row(() -> List.of(regex(GPT4O)), "gpt-4o", "llama4", "kanana2", "minimax-m2", "talkie");
        row(Set.of(WHOLE_WORDS_FIRST), () -> List.of(regex(GPT4O)), "granite-embed-multi-97m");
        row(() -> List.of(thousands("\\p{N}+"), regex(GPT4O)), "tiny_aya", "cohere2moe");
        row(Set.of(WHOLE_WORDS_FIRST), () -> List.of(regex(YOUTU_SCRIPTS), regex(YOUTU)), "youtu");
        row(
                Set.of(WRITES_CHARACTERS, WHOLE_BREAKS_FIRST, NEEDS_BOS),
                () -> List.of(regex(LINES)),
                GEMMA4,
                "granite-embed-multi-311m");
        row(Set.of(WRITES_CHARACTERS), () -> List.of(regex(LINES)), "sarvam-moe");
        row(() -> List.of(regex(KIMI_K2)), "kimi-k2");
        row(
                () -> List.of(
                        regex("[\\r\\n]"),
                        regex(DEEPSEEK_LETTERS),
                        regex(DEEPSEEK_MARKS),
                        regex(TRAILING_SPACE),
                        regex(CJK),
                        regex("\\p{N}+")),
                "deepseek-llm");
        row(
                () -> List.of(regex("[\\r\\n]"), regex("\\s?\\p{L}+"), regex("\\s?\\p{P}+"), regex(CJK), regex(DIGIT)),
                "deepseek-coder");
        row(
                () -> List.of(regex("\\p{N}{1,3}"), regex(CJK_KANA), regex(DEEPSEEK3)),
                "deepseek-v3",
                "hunyuan-dense",
                "joyai-llm");
        row(() -> List.of(thousands("\\p{N}+"), regex(AFMOE_SCRIPTS), regex(DEEPSEEK3)), "afmoe");
        row(() -> List.of(regex("[\\p{P}$+<=>^~|`]+"), regex(GPT2), regex(THREE_DIGITS)), "falcon");
        row(() -> List.of(regex(BLOOM)), "bloom", "poro-chat", "gpt3-finnish");
        row(() -> List.of(regex(BLOOM), regex(DIGIT)), "viking");
        row(
                Set.of(ADDS_BOS),
                () -> List.of(
                        regex("<sentinel:[0-9]+>"),
                        regex("IMGIMG[A-I]{1,4}Z"),
                        regex("[\\t\\n]| {4}| {2}"),
                        regex(DIGIT),
                        regex("[\\p{P}!-/:-@\\[-`{-~]"),
                        regex(GPT2)),
                "chameleon");
        row(() -> List.of(regex("\\p{N}+"), thousands("[0-9]+")), "superbpe");
        row(() -> List.of(regex(BAILINGMOE)), "bailingmoe", "bailingmoe2", "llada-moe");
        row(() -> List.of(regex(SEED_CODER)), "seed-coder");
        row(() -> List.of(regex(EXAONE_MOE)), "exaone-moe");
    }

    private PreTokenizers() {}

    private static void row(Supplier<List<PreTokenizer.Step>> steps, String... names) {
        row(Set.of(), steps, names);
    }

    private static void row(Set<PreTokenizer.Trait> traits, Supplier<List<PreTokenizer.Step>> steps, String... names) {
        for (String name : names) {
            TABLE.put(name, new Row(steps, traits));
        }
    }

    /** Returns all names, in alphabetical order. */
    static SortedSet<String> names() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(TABLE.keySet()));
    }

    /**
     * Returns the pre-tokenizer of a name.
     *
     * @throws UnsupportedModelException if there is none
     */
    static PreTokenizer named(String name) {
        Row row = TABLE.get(name);
        if (row == null) {
            throw new UnsupportedModelException(
                    "pre-tokenizer \"" + name + "\" (tokenizer.ggml.pre) is not known; known are "
                            + String.join(", ", names())
                            + ". If one of these cuts text in the same way, choose it by the option pre-tokenizer");
        }
        return new PreTokenizer(name, row.steps().get(), row.traits());
    }
}
