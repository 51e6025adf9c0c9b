package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompleteTest {
    private static final int VOCABULARY = 512;

    @TempDir
    static Path folder;

    static String tiny;

    @BeforeAll
    static void makeModel() {
        tiny = folder.resolve("tiny.gguf").toString();
        Ran.skald("synth", "--shape", "tiny", "--type", "Q8_0", tiny).succeeded();
    }

    /** By hand: the merges begin with a space and each of {@code ernts…}, then {@code e} and each: "er" is 256 + 26 + 1. */
    @Test
    void aMinusIsStandardInput() {
        assertEquals(
                Ran.withInput("er\n", "tokenize", "-m", tiny).succeeded(),
                Ran.withInput("er\n", "tokenize", "-m", tiny, "-f", "-").succeeded());
    }

    @Test
    void tokenizePrintsIdsOnOneLine() {
        assertEquals(
                line("508 283 256 114"),
                Ran.skald("tokenize", "-m", tiny, "-p", "er er").succeeded());
        assertEquals(
                line("283"),
                Ran.skald("tokenize", "-m", tiny, "--no-bos", "-p", "er").succeeded());
    }

    @Test
    void tokenizeReadsStandardInput() {
        assertEquals(
                line("508 283 10"),
                Ran.withInput("er\n", "tokenize", "-m", tiny).succeeded());
    }

    @Test
    void tokenizeReadsAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("text"), "er");
        assertEquals(
                line("508 283"),
                Ran.skald("tokenize", "-m", tiny, "-f", file.toString()).succeeded());
    }

    @Test
    void tokenizeFindsSpecialTokensOnlyWhenAsked() {
        String text = "<|im_start|>";
        assertEquals(
                line("508 510"),
                Ran.skald("tokenize", "-m", tiny, "--special", "-p", text).succeeded());
        assertTrue(Ran.skald("tokenize", "-m", tiny, "-p", text).succeeded().split(" ").length > 5);
    }

    /** The tiny vocabulary has no token for å: its two bytes are two. */
    @Test
    void tokenizePrintsOnePieceALine() {
        assertEquals(
                line("er") + line("\\n") + line("\\xC3") + line("\\xA5"),
                Ran.skald("tokenize", "-m", tiny, "--text", "--no-bos", "-p", "er\nå")
                        .succeeded());
    }

    @Test
    void textThatIsNotUtf8IsAnError() throws IOException {
        Path file = Files.write(folder.resolve("latin1"), new byte[] {'b', 'l', (byte) 0xE5});
        Ran ran = Ran.skald("tokenize", "-m", tiny, "-f", file.toString());
        assertEquals(1, ran.code());
        assertEquals(line("skald: " + file + ": the text is not UTF-8 at byte 2"), ran.err());
    }

    @Test
    void completePrintsAsManyIdsAsAskedFor() {
        String ids = greedy("--tokens", "-n", "7").succeeded();
        assertEquals(7, ids.strip().split(" ").length, ids);
        assertTrue(ids.endsWith(System.lineSeparator()));
    }

    @Test
    void completeTellsTimesOnStandardError() {
        Ran ran = greedy("-n", "3");
        assertTrue(ran.err().matches("(?s).*skald: opened in .*generated 3 tokens.*\\R"), ran.err());
    }

    @Test
    void promptTokensTakeThePlaceOfText() {
        assertEquals(
                greedy("--tokens", "-n", "5").succeeded(),
                Ran.skald(command("--prompt-tokens", "508,283", "--temperature", "0", "--tokens", "-n", "5"))
                        .succeeded());
    }

    @Test
    void textAndPromptTokensTogetherAreWrongUsage() {
        assertEquals(2, greedy("--prompt-tokens", "1,2").code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--prompt-tokens x", "--prompt-tokens 1 --top-p 2", "--prompt-tokens 1 --threads 0"})
    void valuesOutOfRangeAreWrongUsage(String options) {
        Ran ran = Ran.skald(command(options.split(" ")));
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().matches("skald: [^\\n]+\\R"), ran.err());
    }

    @Test
    void aTokenThatIsNotInTheVocabularyIsAnError() {
        Ran ran = Ran.skald(command("--prompt-tokens", "512"));
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("512"), ran.err());
    }

    @Test
    void aSeedRepeatsAText() {
        String[] line = command("-p", "er", "-n", "20", "--seed", "7");
        assertEquals(Ran.skald(line).succeeded(), Ran.skald(line).succeeded());
    }

    @Test
    void aContextTooSmallIsAnErrorWithTheNumbers() {
        Ran ran = Ran.skald(command("--prompt-tokens", "1,2,3,4", "--context", "3"));
        assertEquals(1, ran.code());
        assertTrue(ran.err().matches("skald: [^\\n]*4[^\\n]*3[^\\n]*\\R"), ran.err());
    }

    /** The bytes that the command writes must agree with the choice that the greedy command makes from them. */
    @Test
    void logitsAreARowForEachToken() throws IOException {
        Path out = folder.resolve("logits.f32");
        assertEquals(
                "",
                Ran.skald("logits", "-m", tiny, "--prompt-tokens", "508,283", "-o", out.toString())
                        .succeeded());
        float[] logits = new float[2 * VOCABULARY];
        ByteBuffer.wrap(Files.readAllBytes(out))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(logits);
        assertEquals(logits.length * 4L, Files.size(out));
        int best = 0;
        for (int id = 0; id < VOCABULARY; id++) {
            best = logits[VOCABULARY + id] > logits[VOCABULARY + best] ? id : best;
        }
        assertEquals(line(String.valueOf(best)), greedy("--tokens", "-n", "1").succeeded());
    }

    @Test
    void logitsThatFailLeaveNoFile() {
        Path out = folder.resolve("none.f32");
        Ran ran = Ran.skald("logits", "-m", tiny, "--prompt-tokens", "512", "-o", out.toString());
        assertEquals(1, ran.code());
        assertFalse(Files.exists(out));
        assertFalse(Files.exists(folder.resolve("none.f32.part")));
    }

    /** The greedy choice is the most probable token, and the probabilities of the whole vocabulary add up to 1. */
    @Test
    void logprobsAreALineOfJsonForEachToken() throws IOException {
        String out = greedy("--logprobs", "512", "-n", "3").succeeded();
        String[] ids = greedy("--tokens", "-n", "3").succeeded().strip().split(" ");
        List<String> lines = out.lines().toList();
        assertEquals(3, lines.size(), out);
        for (int i = 0; i < 3; i++) {
            JsonNode line = new ObjectMapper().readTree(lines.get(i));
            assertEquals(ids[i], line.get("id").asText());
            assertEquals(line.get("logprob"), line.get("top").get(0).get("logprob"));
            double sum = 0;
            for (JsonNode one : line.get("top")) {
                sum += Math.exp(one.get("logprob").doubleValue());
            }
            assertEquals(512, line.get("top").size());
            assertEquals(1, sum, 1e-4);
        }
        assertEquals(2, greedy("--logprobs", "1", "--tokens").code());
        assertEquals(2, greedy("--logprobs", "-1").code());
    }

    @Test
    void storiesGoOnAsInLlamaCpp() {
        Path model = GoldenFiles.file("models/stories260K-F32.gguf");
        assertEquals(
                line("432 383 286 261 376 298 315 421 395 317 426 338 401 396 267 337 410 408 419 292"),
                Ran.skald(
                                "complete",
                                "-m",
                                model.toString(),
                                "-p",
                                "Once upon a time",
                                "--temperature",
                                "0",
                                "-n",
                                "20",
                                "--tokens")
                        .succeeded());
    }

    private static Ran greedy(String... more) {
        String[] all = new String[more.length + 4];
        System.arraycopy(new String[] {"-p", "er", "--temperature", "0"}, 0, all, 0, 4);
        System.arraycopy(more, 0, all, 4, more.length);
        return Ran.skald(command(all));
    }

    private static String[] command(String... options) {
        String[] line = new String[options.length + 3];
        System.arraycopy(new String[] {"complete", "-m", tiny}, 0, line, 0, 3);
        System.arraycopy(options, 0, line, 3, options.length);
        return line;
    }

    private static String line(String text) {
        return text + System.lineSeparator();
    }

    private static String[] complete(String... more) {
        List<String> all = new ArrayList<>(List.of("complete", "-m", tiny, "-p", "er", "-n", "12", "--tokens"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** Each leaves nothing but the most probable token. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--samplers top_k --top-k 1 --temp 9",
                "--samplers temp;typ_p --typical-p 0 --temp 0",
                "--mirostat 2 --mirostat-ent -50",
                "--top-n-sigma 0.0001",
                "--dynatemp-range 0.00001 --temp 0"
            })
    void samplersThatAreCertain(String options) {
        String greedy = Ran.skald(complete("--temperature", "0")).succeeded();
        assertEquals(greedy, Ran.skald(complete(options.split(" "))).succeeded());
    }

    @Test
    void aBiasForbidsAToken() {
        String first = Ran.skald(complete("--temp", "0")).succeeded().split(" ")[0];
        String other = Ran.skald(complete("--temp", "0", "-l", first + "-inf")).succeeded();
        assertFalse(List.of(other.strip().split(" ")).contains(first), other);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --samplers magic        | no sampler step "magic"
                    --samplers top_k,top_k  | top_k comes twice
                    --logit-bias 12         | not a token and a bias
                    --logit-bias 999+1      | the vocabulary has 512 tokens
                    --repeat-last-n -1      | 2147483647 for all
                    --mirostat 3            | --mirostat must be 0 to 2
                    --xtc-threshold 2       | --xtc-threshold=2.0
                    """)
    void settingsOfTheSamplerThatAreWrong(String options, String message) {
        Ran ran = Ran.skald(complete(options.split(" ")));
        assertTrue(ran.err().contains(message), ran.err());
        assertTrue(ran.code() != 0);
    }
}
