package dev.skald.bench.encoders;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Texts to embed. */
final class Sentences {
    private Sentences() {}

    /** Sentences of some words each, in English and Norwegian, always the same. */
    static List<String> of(int count, int fewestWords, int mostWords) {
        List<String> words = List.of(
                ("the old ferry crosses a fjord before dawn while nobody watches prices of fish fell again last winter"
                                + " researchers measured how fast snow melts in open fields and under spruce forests the"
                                + " library keeps every newspaper that was printed in this town ferjen går over fjorden"
                                + " før det blir lyst og prisen på laks falt igjen i vinter forskere målte hvor fort snøen"
                                + " smelter biblioteket tar vare på alle aviser som er trykt her i byen")
                        .split(" "));
        Random random = new Random(1);
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder sentence = new StringBuilder();
            int length = random.nextInt(fewestWords, mostWords + 1);
            for (int w = 0; w < length; w++) {
                sentence.append(w == 0 ? "" : " ").append(words.get(random.nextInt(words.size())));
            }
            sentences.add(sentence.append('.').toString());
        }
        return sentences;
    }
}
