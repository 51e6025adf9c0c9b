package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.sampling.SamplerStep;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** A custom sampler step that excludes all tokens with the letter e, so the text is a lipogram. */
public final class WithoutLetter {
    private WithoutLetter() {}

    /**
     * Completes a prompt without the letter e.
     *
     * @param args a GGUF file and a prompt
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        String prompt = args.length > 1 ? args[1] : "A dog ran to a big";
        try (Model model = Model.open(file)) {
            SamplerStep step = ban(model.tokenizer(), 'e');
            System.out.println(prompt
                    + model.complete(prompt, options -> options.maxTokens(48).step(step)));
        }
    }

    private static SamplerStep ban(Tokenizer tokenizer, char letter) {
        int[] banned = IntStream.range(0, tokenizer.vocabularySize())
                .filter(id -> new String(tokenizer.bytes(id), StandardCharsets.UTF_8).indexOf(letter) >= 0)
                .filter(id -> !tokenizer.isEnd(id))
                .toArray();
        return (candidates, history) -> {
            for (int id : banned) {
                candidates.ban(id);
            }
        };
    }
}
