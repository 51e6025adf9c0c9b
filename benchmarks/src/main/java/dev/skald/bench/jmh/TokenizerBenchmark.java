package dev.skald.bench.jmh;

import dev.skald.bench.ModelShape;
import dev.skald.bench.SyntheticModel;
import dev.skald.gguf.GgufFile;
import dev.skald.runtime.quantize.Mixture;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Converts text to tokens and back, with vocabularies of real sizes: 128,256 byte pairs, and 32,000 pieces with scores. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1)
public class TokenizerBenchmark {
    private static final String PARAGRAPH = """
            Den 17. mai 1814 ble Grunnloven vedtatt på Eidsvoll; 112 menn hadde møtt fram, og de fleste kom med hest. Én av \
            dem skrev hjem: «Her er trangt, men maten er god.» Siden har dagen vært feiret med flagg, korps og is.
            It's often said that nobody's in a hurry up north. We've checked: at 21:45 the last ferry leaves, and they'll \
            wait for you (if you wave).\tPrice: 1,250.00 NOK.

            for (int i = 0; i < 10; i++) { total += values[i]; }  // naïve, æøå, 東京, 🙂
            """;

    private static final int PARAGRAPHS = 50;

    /** Counts bytes of text, which JMH shows per second. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Text {
        /** In units of 10^6. */
        public double megabytes;
    }

    /** The model whose kind of vocabulary is used. */
    @Param({"nb-llama-3.2-1b", "llama-2-13b"})
    public String vocabulary;

    private final String text = PARAGRAPH.repeat(PARAGRAPHS);
    private final double megabytes = text.getBytes(StandardCharsets.UTF_8).length / 1e6;
    private Tokenizer tokenizer;
    private int[] tokens;

    /** Makes the tokenizer, and checks that decoding returns the text. */
    @Setup
    public void prepare() throws IOException {
        Path file = Files.createTempFile("skald-vocabulary", ".gguf");
        try {
            new SyntheticModel(ModelShape.named(vocabulary), Mixture.Q8_0, false).writeVocabulary(file);
            try (GgufFile gguf = GgufFile.open(file)) {
                tokenizer = Tokenizer.of(gguf.metadata());
            }
        } finally {
            Files.delete(file);
        }
        tokens = tokenizer.encode(text);
        check();
    }

    /** Encodes the text. */
    @Benchmark
    public int[] encode(Text counted) {
        counted.megabytes += megabytes;
        tokens = tokenizer.encode(text);
        return tokens;
    }

    /** Decodes the tokens. */
    @Benchmark
    public String decode(Text counted) {
        counted.megabytes += megabytes;
        return tokenizer.decode(tokens);
    }

    private void check() {
        String back = tokenizer.decode(tokens);
        if (!back.strip().equals(text.strip()) || tokens.length >= text.length()) {
            throw new IllegalStateException(tokens.length + " tokens of " + text.length() + " characters decode to: "
                    + back.substring(0, Math.min(200, back.length())));
        }
    }

    /** Checks the last tokens. */
    @TearDown
    public void finish() {
        check();
    }
}
