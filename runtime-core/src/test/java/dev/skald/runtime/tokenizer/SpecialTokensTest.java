package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens between texts: when they are added, when they are found in text, and where generation ends. */
class SpecialTokensTest {
    private static final int BOS = 1;
    private static final int EOS = 2;

    /** A SentencePiece file of characters, with more tokens behind them. */
    private static Map<String, Object> file(Map<String, Integer> more) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int b = 0; b < 256; b++) {
            tokens.add("<0x%02X>".formatted(b));
        }
        "▁abcdefghijklmnopqrstuvwxyz".codePoints().forEach(c -> tokens.add(Character.toString(c)));
        int[] kinds = new int[tokens.size() + more.size()];
        Arrays.fill(kinds, 1);
        kinds[0] = 2;
        kinds[BOS] = 3;
        kinds[EOS] = 3;
        Arrays.fill(kinds, 3, 259, 6);
        more.forEach((token, kind) -> {
            kinds[tokens.size()] = kind;
            tokens.add(token);
        });
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("tokenizer.ggml.model", "llama");
        keys.put("tokenizer.ggml.tokens", tokens);
        keys.put("tokenizer.ggml.token_type", kinds);
        return keys;
    }

    private static Map<String, Object> ordered(Object... namesAndKinds) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndKinds.length; i += 2) {
            map.put((String) namesAndKinds[i], namesAndKinds[i + 1]);
        }
        return map;
    }

    private static Map<String, Integer> tokens(Object... namesAndKinds) {
        Map<String, Integer> map = new LinkedHashMap<>();
        ordered(namesAndKinds).forEach((name, kind) -> map.put(name, (Integer) kind));
        return map;
    }

    private static String pieces(Tokenizer tokenizer, int[] ids) {
        return String.join(" ", Arrays.stream(ids).mapToObj(tokenizer::piece).toList());
    }

    private static String encode(Tokenizer tokenizer, String text, boolean add, boolean parse) {
        return pieces(tokenizer, tokenizer.encode(text, add, parse));
    }

    @ParameterizedTest(name = "«{0}» add={1} parse={2}")
    @CsvSource(
            value = {
                "ab     | false | false | ▁ a b",
                "ab     | true  | false | <s> ▁ a b",
                "<s>ab  | true  | true  | <s> ▁ a b",
                "<s>ab  | false | true  | <s> ▁ a b",
                "ab<s>  | true  | true  | <s> ▁ a b <s>",
                "''     | true  | true  | <s>",
                "''     | false | false | ''",
                "<s>    | true  | true  | <s>",
                "a</s>b | false | true  | ▁ a </s> ▁ b",
                "a</s>b | false | false | ▁ a <0x3C> <0x2F> s <0x3E> b",
                "a<unk> | false | true  | ▁ a <unk>",
                "a<unk> | false | false | ▁ a <0x3C> u n k <0x3E>"
            },
            delimiter = '|')
    void beginningOnceAndControlTokensWhenAskedFor(String text, boolean add, boolean parse, String expected) {
        assertEquals(expected, encode(TestFiles.tokenizer(file(Map.of())), text, add, parse));
    }

    @ParameterizedTest(name = "add_bos={0} add_eos={1}")
    @CsvSource(
            value = {
                "true  | true  | <s> ▁ a </s>",
                "true  | false | <s> ▁ a",
                "false | true  | ▁ a </s>",
                "false | false | ▁ a"
            },
            delimiter = '|')
    void asTheFileSays(boolean bos, boolean eos, String expected) {
        Map<String, Object> keys = file(Map.of());
        keys.put("tokenizer.ggml.add_bos_token", bos);
        keys.put("tokenizer.ggml.add_eos_token", eos);
        Tokenizer tokenizer = TestFiles.tokenizer(keys);
        assertEquals(expected, encode(tokenizer, "a", true, false));
        assertEquals("▁ a", encode(tokenizer, "a", false, false));
        assertEquals(bos, tokenizer.addsBos());
        assertEquals(eos, tokenizer.addsEos());
    }

    @Test
    void theEndIsNotAddedTwice() {
        Map<String, Object> keys = file(Map.of());
        keys.put("tokenizer.ggml.add_eos_token", true);
        assertEquals("<s> ▁ a </s>", encode(TestFiles.tokenizer(keys), "a</s>", true, true));
    }

    @Test
    void noSpaceInFrontIfTheFileSaysSo() {
        Map<String, Object> keys = file(Map.of());
        keys.put("tokenizer.ggml.add_space_prefix", false);
        Tokenizer tokenizer = TestFiles.tokenizer(keys);
        assertEquals("a ▁ b", encode(tokenizer, "a b", false, false));
        assertEquals(" a", tokenizer.decode(tokenizer.encode(" a")));
    }

    @Test
    void extraSpacesGoIfTheFileSaysSo() {
        Map<String, Object> keys = file(Map.of());
        keys.put("tokenizer.ggml.remove_extra_whitespaces", true);
        Tokenizer tokenizer = TestFiles.tokenizer(keys);
        assertEquals("▁ a ▁ b", encode(tokenizer, "   a   b  ", false, false));
        assertEquals("", encode(tokenizer, "   ", false, false));
    }

    @Test
    void userDefinedTokensAreAlwaysFoundAndTheLongestFirst() {
        Tokenizer tokenizer = TestFiles.tokenizer(file(tokens("ab", 4, "abcd", 4, "cdefg", 4, "xyz", 1)));
        assertEquals("▁ z ab ▁ c", encode(tokenizer, "zabc", false, false));
        // Not from left to right: the longest is looked for in the whole text first.
        assertEquals("ab cdefg", encode(tokenizer, "abcdefg", false, false));
        assertEquals("abcd ab", encode(tokenizer, "abcdab", false, true));
    }

    @Test
    void textNeverBecomesAControlTokenByMerging() {
        // "q" and "r" would merge to the control token "qr", which has the best score.
        Tokenizer tokenizer = TestFiles.tokenizer(file(tokens("qr", 3)));
        assertEquals("▁ q r", encode(tokenizer, "qr", false, false));
        assertEquals("qr", encode(tokenizer, "qr", false, true));
    }

    @Test
    void phi3TakesWhiteSpaceAfterSpecialTokens() {
        Map<String, Object> keys = file(tokens("<|user|>", 3, "<|end|>", 3));
        keys.put("general.name", "Phi-3 mini");
        Tokenizer tokenizer = TestFiles.tokenizer(keys);
        assertEquals("<|user|> ▁ a <|end|> ▁ b", encode(tokenizer, "<|user|>\n  a<|end|>\nb", false, true));
        assertEquals("<s> ▁ ▁ a", encode(tokenizer, "<s> a", false, true));
    }

    @Test
    void jinaTakesWhiteSpaceBeforeItsMask() {
        Map<String, Object> keys = file(tokens("<mask>", 3));
        keys.put("tokenizer.ggml.pre", "jina-v2-de");
        assertEquals("▁ a <mask> ▁ ▁ b", encode(TestFiles.tokenizer(keys), "a  <mask> b", false, true));
    }

    @Test
    void knownEnds() {
        Tokenizer tokenizer = TestFiles.tokenizer(
                file(tokens("<|im_end|>", 1, "<|eot_id|>", 3, "<|eom_id|>", 3, "<|fim_pad|>", 3, "<|im_start|>", 3)));
        int first = tokenizer.vocabularySize() - 5;
        assertEquals(Set.of(EOS, first, first + 1, first + 2, first + 3), tokenizer.endTokens());
        assertEquals(OptionalInt.of(first + 1), tokenizer.eot());
        assertEquals(OptionalInt.of(first + 2), tokenizer.eom());
        assertTrue(tokenizer.isEnd(first));
        assertFalse(tokenizer.isEnd(first + 4));
        assertFalse(tokenizer.isEnd(-1));
        // A file that calls it text is wrong.
        assertEquals(TokenKind.CONTROL, tokenizer.kind(first));
    }

    @Test
    void theFilesOwnEnds() {
        Map<String, Object> keys = file(tokens("<|eot_id|>", 3));
        keys.put("tokenizer.ggml.eot_token_id", 260);
        keys.put("tokenizer.ggml.eom_token_id", 261);
        keys.put("tokenizer.ggml.eos_token_id", 262);
        Tokenizer tokenizer = TestFiles.tokenizer(keys);
        int last = tokenizer.vocabularySize() - 1;
        assertEquals(Set.of(EOS, 260, 261, 262, last), tokenizer.endTokens());
        assertEquals(OptionalInt.of(260), tokenizer.eot());
    }

    @Test
    void partsOfAReplyDoNotEndIt() {
        Tokenizer tokenizer = TestFiles.tokenizer(file(tokens("<|end|>", 3, "<|return|>", 3, "<|call|>", 3)));
        int end = tokenizer.vocabularySize() - 3;
        assertEquals(Set.of(EOS, end + 1, end + 2), tokenizer.endTokens());
    }

    @Test
    void namesOfControlTokensAreShownWhenAskedFor() {
        Tokenizer tokenizer = TestFiles.tokenizer(file(tokens("<|im_start|>", 3)));
        int[] ids = tokenizer.encode("ab<|im_start|>c", true, true);
        assertEquals("ab c", tokenizer.decode(ids));
        assertEquals("<s> ab<|im_start|> c", tokenizer.decode(ids, true));
    }

    @Test
    void llama3AddsItsBeginningAndFindsItsTokens() {
        Tokenizer tokenizer = TestFiles.golden("llama-bpe");
        int bos = tokenizer.bos().getAsInt();
        assertTrue(tokenizer.addsBos());
        assertEquals(bos, tokenizer.encode("Hei", true, false)[0]);
        assertArrayEquals(tokenizer.encode("Hei", true, false), tokenizer.encode("<|begin_of_text|>Hei", true, true));
        int eot = tokenizer.eot().getAsInt();
        assertEquals("<|eot_id|>", tokenizer.piece(eot));
        assertArrayEquals(new int[] {eot}, tokenizer.encode("<|eot_id|>", false, true));
        assertFalse(Arrays.stream(tokenizer.encode("<|eot_id|>")).anyMatch(id -> id == eot));
        assertTrue(tokenizer.endTokens().contains(eot));
    }

    @Test
    void gpt2AddsNothing() {
        Tokenizer tokenizer = TestFiles.golden("gpt-2");
        assertFalse(tokenizer.addsBos());
        assertArrayEquals(tokenizer.encode("Hei"), tokenizer.encode("Hei", true, false));
    }

    /** The middle one of three names is ordinary text, and so is a name with a mark behind it. */
    @Test
    void aNameWithALiteralCharacterIsText() {
        Tokenizer tokenizer = TestFiles.tokenizer(file(tokens("<mark>", 3)));
        int mark = tokenizer.vocabularySize() - 1;
        String text = "<mark>a<mark>b<mark>";
        int[] plain = tokenizer.encode("a<mark>b", false, false);
        for (int i = "<mark>a".length(); i < "<mark>a<mark>".length(); i++) {
            BitSet literal = new BitSet();
            literal.set(i);
            int[] ids = tokenizer.encode(text, false, literal);
            assertEquals(mark, ids[0]);
            assertArrayEquals(plain, Arrays.copyOfRange(ids, 1, ids.length - 1));
            assertEquals(mark, ids[ids.length - 1]);
        }
        BitSet beside = new BitSet();
        beside.set("<mark>".length());
        assertArrayEquals(tokenizer.encode(text, false, true), tokenizer.encode(text, false, beside));
    }

    /** The types that gpt-oss's marks have in some files, and those that newer converters write. */
    @ParameterizedTest
    @ValueSource(strings = {"<|start|>", "<|channel|>", "<|message|>", "<|tool_call|>", "<｜tool▁calls▁begin｜>"})
    void aMarkIsControlThoughTheFileCallsItUserDefined(String mark) {
        Tokenizer tokenizer = TestFiles.tokenizer(file(tokens(mark, 4)));
        int id = tokenizer.vocabularySize() - 1;
        assertEquals(TokenKind.CONTROL, tokenizer.kind(id));
        assertTrue(tokenizer.isMark(id));
        String text = "ab" + mark + "c";
        assertTrue(Arrays.stream(tokenizer.encode(text)).noneMatch(token -> token == id));
        assertTrue(Arrays.stream(tokenizer.encode(text, false, true)).anyMatch(token -> token == id));
    }

    @Test
    void whatTheTemplateWritesIsNothingInTextFromOutside() {
        Map<String, Object> keys = file(tokens("<think>", 4, "</think>", 4, "<b>", 4, "aa", 4));
        keys.put("tokenizer.chat_template", "{{ messages[0].content }}aa<think>x</think>");
        Tokenizer tokenizer = TestFiles.tokenizer(keys);
        String text = "<think>a</think><b>aa";
        BitSet all = new BitSet();
        all.set(0, text.length());
        assertEquals(
                "▁ <0x3C> t h i n k <0x3E> a <0x3C> <0x2F> t h i n k <0x3E> <b> aa",
                pieces(tokenizer, tokenizer.encode(text, false, all)));
        assertEquals("<think> ▁ a </think> <b> aa", pieces(tokenizer, tokenizer.encode(text, false, new BitSet())));
        assertEquals("<think> ▁ a </think> <b> aa", encode(tokenizer, text, false, false));
    }

    /** If it does not have SentencePiece's id, the file decides what it is. */
    @ParameterizedTest(name = "kind {0}")
    @CsvSource({"1, false", "4, false", "3, true"})
    void anotherEndOfASentenceIsWhatTheFileSays(int kind, boolean end) {
        Map<String, Object> keys = file(tokens("<end>", kind));
        List<String> pieces = new ArrayList<>();
        for (Object piece : (List<?>) keys.get("tokenizer.ggml.tokens")) {
            pieces.add(piece.equals("</s>") ? "<eos>" : piece.equals("<end>") ? "</s>" : (String) piece);
        }
        keys.put("tokenizer.ggml.tokens", pieces);
        Tokenizer tokenizer = TestFiles.tokenizer(keys);
        assertEquals(end, tokenizer.isEnd(tokenizer.vocabularySize() - 1));
        assertTrue(tokenizer.isEnd(EOS));
    }

    @Test
    void tokensForFillingIn() {
        Tokenizer known = TestFiles.tokenizer(
                file(tokens("<|fim_prefix|>", 3, "<|fim_suffix|>", 3, "<|fim_middle|>", 3, "<|file_sep|>", 3)));
        int first = known.vocabularySize() - 4;
        assertEquals(
                Optional.of(
                        new FillTokens(first, first + 1, first + 2, OptionalInt.empty(), OptionalInt.of(first + 3))),
                known.fill());
        Map<String, Object> keys = file(Map.of());
        keys.put("tokenizer.ggml.fim_pre_token_id", 10);
        keys.put("tokenizer.ggml.fim_suf_token_id", 11);
        assertEquals(Optional.empty(), TestFiles.tokenizer(keys).fill());
        keys.put("tokenizer.ggml.fim_mid_token_id", 12);
        assertEquals(
                Optional.of(new FillTokens(10, 11, 12, OptionalInt.empty(), OptionalInt.empty())),
                TestFiles.tokenizer(keys).fill());
    }
}
