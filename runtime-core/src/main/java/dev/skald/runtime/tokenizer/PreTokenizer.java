package dev.skald.runtime.tokenizer;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts text into the words inside which BPE merges: one step after another, each cutting further what the one before
 * left whole.
 *
 * @param name as in {@code tokenizer.ggml.pre}
 * @param wholeWordsFirst whether a word that is a token is that token, whatever the merges say
 * @param addsBos whether text begins with BOS where the file does not say
 */
record PreTokenizer(String name, List<Step> steps, boolean wholeWordsFirst, boolean addsBos) {

    /** Cuts one stretch of text. */
    @FunctionalInterface
    interface Step {
        /** Adds the ends of the words, the last of which is {@code end}. */
        void cut(String text, int begin, int end, IntList ends);
    }

    /** Where the words of a text end, ascending; the last one at its length, none if it is empty. */
    int[] split(String text) {
        IntList ends = new IntList(0);
        if (!text.isEmpty()) {
            ends.add(text.length());
        }
        for (Step step : steps) {
            IntList cut = new IntList(ends.size());
            int begin = 0;
            for (int i = 0; i < ends.size(); i++) {
                step.cut(text, begin, ends.get(i), cut);
                begin = ends.get(i);
            }
            ends = cut;
        }
        return ends.toArray();
    }

    /** Each match is a word, and so is what lies between matches. */
    static Step regex(String regex) {
        // With this flag \s is all of Unicode's white space; \p{L}, \p{N} and the like are general categories anyway.
        Pattern pattern = Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
        return (text, begin, end, ends) -> {
            // A region is a text of its own: nothing outside it is seen.
            Matcher matcher = pattern.matcher(text).region(begin, end);
            int last = begin;
            while (matcher.find()) {
                if (matcher.start() > last) {
                    ends.add(matcher.start());
                }
                if (matcher.end() > matcher.start()) {
                    ends.add(matcher.end());
                }
                last = matcher.end();
            }
            if (last < end) {
                ends.add(end);
            }
        };
    }

    /**
     * Cuts a row of digits into threes from its right end. What precedes the digits stays with the first of them, as in
     * llama.cpp, for the steps that follow to cut.
     */
    static Step thousands(String digit) {
        Pattern digits = Pattern.compile(digit + "+", Pattern.UNICODE_CHARACTER_CLASS);
        return (text, begin, end, ends) -> {
            Matcher matcher = digits.matcher(text).region(begin, end);
            int last = begin;
            while (matcher.find()) {
                int left = text.codePointCount(matcher.start(), matcher.end());
                last = matcher.start();
                while (left > 0) {
                    int group = left % 3 == 0 ? 3 : left % 3;
                    last = text.offsetByCodePoints(last, group);
                    ends.add(last);
                    left -= group;
                }
            }
            if (last < end) {
                ends.add(end);
            }
        };
    }
}
