package dev.skald.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.bench.ModelShape;
import dev.skald.bench.SyntheticModel;
import dev.skald.runtime.quantize.Mixture;
import dev.skald.tiny.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {
    @TempDir
    static Path folder;

    static Path model;
    static Path answering;

    @FunctionalInterface
    private interface Program {
        void main(String[] args) throws Exception;
    }

    @BeforeAll
    static void makeModel() throws IOException {
        model = folder.resolve("tiny.gguf");
        new SyntheticModel(ModelShape.named("tiny"), Mixture.Q8_0, false).write(model, 1, written -> {});
        answering = Files.write(folder.resolve("answering.gguf"), TinyModel.gguf());
    }

    @Test
    void completePromptPrintsPromptAndContinuation() throws Exception {
        String out = run(CompletePrompt::main, "Hei");
        assertTrue(out.startsWith("Hei") && out.strip().length() > 3, out);
    }

    @Test
    void streamTokensEndsAtTheLine() throws Exception {
        String out = run(StreamTokens::main, "Hei");
        assertTrue(out.startsWith("Hei"), out);
        assertEquals(1, out.lines().count(), out);
    }

    @Test
    void manyThreadsAnswersEveryPrompt() throws Exception {
        String out = run(ManyThreads::main);
        for (String prompt : List.of("The sun", "A little dog", "One day, Lily", "Tom and his mom")) {
            assertTrue(out.contains(prompt), out);
        }
    }

    @Test
    void searchSentencesPrintsTheNearestThree() throws Exception {
        Path encoder = folder.resolve("encoder.gguf");
        new SyntheticModel(ModelShape.named("tiny-encoder"), Mixture.Q8_0, false).replace(encoder, 1, written -> {});
        String[] lines = runOn(encoder, SearchSentences::main, "Når er det lyst om natta?")
                .split("\\R");
        assertEquals(4, lines.length);
        assertEquals("> Når er det lyst om natta?", lines[0]);
        String[] cosines = {lines[1].substring(0, 5), lines[2].substring(0, 5), lines[3].substring(0, 5)};
        assertTrue(
                cosines[0].compareTo(cosines[1]) >= 0 && cosines[1].compareTo(cosines[2]) >= 0,
                String.join("\n", lines));
    }

    @Test
    void withoutLetterHasNone() throws Exception {
        String out = run(WithoutLetter::main, "Skald");
        assertTrue(out.startsWith("Skald") && out.strip().length() > 5, out);
        assertFalse(out.contains("e"), out);
    }

    @Test
    void chatWithModelAnswersEachQuestionAndTheChangedOne() throws Exception {
        String out = runOn(answering, ChatWithModel::main);
        assertTrue(out.contains("> Hva er hovedstaden i Norge?\nOslo"), out);
        assertTrue(out.contains("> Hva er hovedstaden i Danmark?"), out);
        assertEquals(8, out.lines().count(), out);
    }

    @Test
    void callFunctionRunsWhatTheModelAsksFor() throws Exception {
        String out = runOn(answering, CallFunction::main, "Hvordan er været i Tromsø?", "What is 17 + 25?");
        assertTrue(out.contains("name=weather, arguments={city=Tromsø}"), out);
        assertTrue(out.contains("assistant: Været i Tromsø: -3 grader og snø."), out);
        assertTrue(out.contains("name=add, arguments={a=17, b=25}"), out);
        assertTrue(out.endsWith("assistant: 17 + 25 = 42\n"), out);
    }

    @Test
    void fillRecordPrintsOne() throws Exception {
        String out = runOn(answering, FillRecord::main);
        assertEquals("Kari, 41 years, Bergen\n", out);
    }

    @Test
    void classifyTextNamesALabelAndTheProbabilityOfEach() throws Exception {
        List<String> lines = run(ClassifyText::main, "Hei").lines().toList();
        assertTrue(List.of("positive", "negative", "neutral").contains(lines.getFirst()), lines.toString());
        double sum = lines.stream()
                .skip(1)
                .mapToDouble(line -> Double.parseDouble(line.split("\\s+")[1]))
                .sum();
        // Each is rounded.
        assertEquals(100, sum, 1.5, lines.toString());
    }

    @Test
    void translateSentencesTakesALineForEach() throws Exception {
        String out = run(TranslateSentences::main, "It snows.", "Hello!");
        assertEquals(2, out.lines().count(), out);
        assertTrue(out.startsWith("It snows. -> "), out);
    }

    @Test
    void severalAnswersAreThree() throws Exception {
        String out = runOn(answering, SeveralAnswers::main);
        for (String number : List.of("1: ", "2: ", "3: ")) {
            assertTrue(out.contains(number), out);
        }
    }

    static Stream<Path> programs() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/java/dev/skald/examples"))) {
            return files.toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void everyProgramIsShorterThanSixtyLines(Path source) throws IOException {
        assertTrue(Files.readAllLines(source).size() < 60, source.toString());
    }

    private static String run(Program program, String... prompt) throws Exception {
        return runOn(model, program, prompt);
    }

    private static String runOn(Path model, Program program, String... prompt) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            program.main(Stream.concat(Stream.of(model.toString()), Stream.of(prompt))
                    .toArray(String[]::new));
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
