package dev.skald.runtime.tokenizer;

import java.text.Normalizer;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts text into the words within which BPE merges, in steps: each one cuts further what the step before left whole.
 *
 * @param name as in {@code tokenizer.ggml.pre}
 */
record PreTokenizer(String name, List<Step> steps, Set<Trait> traits) {
    /** Further properties that the name of a pre-tokenizer implies. */
    enum Trait {
        /** A word that is a token becomes that token, whatever the merges say. */
        WHOLE_WORDS_FIRST,
        /** A word of line breaks that is a token becomes that token, whatever the merges say. */
        WHOLE_BREAKS_FIRST,
        /** Text begins with BOS if the file does not say. */
        ADDS_BOS,
        /** Text begins with BOS whatever the file says: files of Gemma 4 say that it does not, but the model needs it. */
        NEEDS_BOS,
        /** Letters and their accents are composed first (Unicode's NFC). */
        COMPOSES,
        /** The vocabulary is written in characters, with {@link SpmEncoder#SPACE_MARK} for a space, and not in bytes. */
        WRITES_CHARACTERS
    }

    /** No language puts so many accents on a letter; composing more would take quadratic time. */
    private static final int ACCENTS = 30;

    private static final Pattern TOO_MANY_ACCENTS = Pattern.compile("\\p{M}{" + ACCENTS + "}");

    /**
     * A pattern, and how it cuts text: each match is a word, and so is the text between matches; or each match is a number,
     * which is cut into groups of three from its right end.
     */
    record Step(Pattern pattern, boolean thousands) {
        /** As in llama.cpp, what precedes a number stays with its first digits, for the next steps to cut. */
        static Step thousands(String digits) {
            return new Step(compile(digits), true);
        }

        static Step regex(String regex) {
            return new Step(compile(regex), false);
        }

        private static Pattern compile(String regex) {
            // With this flag, \s is all of Unicode's white space; \p{L}, \p{N} and the like are general categories in
            // any case.
            return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
        }

        /** Cuts each of the words that end at {@code ends}. */
        private IntList cut(String text, IntList ends) {
            IntList cut = new IntList(ends.size());
            Matcher matcher = pattern.matcher(text);
            int begin = 0;
            for (int i = 0; i < ends.size(); i++) {
                int end = ends.get(i);
                // A region is a text of its own: the pattern sees nothing outside it.
                matcher.region(begin, end);
                int last = begin;
                while (matcher.find()) {
                    if (thousands) {
                        addThousands(text, matcher.start(), matcher.end(), cut);
                    } else {
                        if (matcher.start() > last) {
                            cut.add(matcher.start());
                        }
                        cut.add(matcher.end());
                    }
                    last = matcher.end();
                }
                if (last < end) {
                    cut.add(end);
                }
                begin = end;
            }
            return cut;
        }

        private static void addThousands(String text, int begin, int end, IntList cut) {
            int at = begin;
            for (int left = text.codePointCount(begin, end); left > 0; ) {
                int group = left % 3 == 0 ? 3 : left % 3;
                at = text.offsetByCodePoints(at, group);
                cut.add(at);
                left -= group;
            }
        }
    }

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    /** Returns the text that is to be cut. */
    String normalized(String text) {
        if (!has(Trait.COMPOSES) || isPlain(text)) {
            return text;
        }
        StringBuilder composed = new StringBuilder(text.length());
        Matcher accents = TOO_MANY_ACCENTS.matcher(text);
        int begin = 0;
        while (accents.find()) {
            composed.append(composed(text.substring(begin, accents.end())));
            begin = accents.end();
        }
        return composed.append(composed(text.substring(begin))).toString();
    }

    private static String composed(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    /** Whether there is nothing to compose: NFC changes no character below U+0300. */
    private static boolean isPlain(String text) {
        return text.chars().allMatch(c -> c < 0x300);
    }

    /** Returns where the words of a text end, ascending; the last one at its length, none if it is empty. */
    int[] split(String text) {
        IntList ends = new IntList(0);
        if (!text.isEmpty()) {
            ends.add(text.length());
        }
        for (Step step : steps) {
            ends = step.cut(text, ends);
        }
        return ends.toArray();
    }
}
