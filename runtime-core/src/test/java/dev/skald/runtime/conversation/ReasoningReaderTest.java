package dev.skald.runtime.conversation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.chat.ReasoningForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Thoughts and answers as models write them, cut into pieces in any way. The parts were worked out by hand. */
class ReasoningReaderTest {
    private static final ReasoningForm THINK = new ReasoningForm("<think>", "</think>");
    private static final ReasoningForm GEMMA = new ReasoningForm("<|channel>thought\n", "<channel|>");

    private record Read(String reasoning, String answer) {}

    private static Read read(ReasoningReader reader, List<String> pieces) {
        StringBuilder answer = new StringBuilder();
        StringBuilder thoughts = new StringBuilder();
        for (String piece : pieces) {
            answer.append(reader.append(piece));
            thoughts.append(reader.newThoughts());
        }
        answer.append(reader.flush());
        thoughts.append(reader.newThoughts());
        assertEquals(thoughts.toString().strip(), reader.thoughts());
        return new Read(reader.thoughts(), answer.toString());
    }

    private static Arguments answer(
            String name,
            ReasoningForm form,
            boolean open,
            boolean wrapped,
            String written,
            String reasoning,
            String answer) {
        return Arguments.argumentSet(name, form, open, wrapped, written, new Read(reasoning, answer));
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                answer("Qwen 3", THINK, false, false, "<think>\nHm. 2+2.\n</think>\n\n4", "Hm. 2+2.", "\n\n4"),
                answer("DeepSeek R1", THINK, true, false, "Hm.\n</think>\n4", "Hm.", "\n4"),
                answer("without thoughts", THINK, false, false, "\n4 < 5", "", "\n4 < 5"),
                answer("empty thoughts", THINK, false, false, "<think>\n\n</think>\n\nJa", "", "\n\nJa"),
                answer("cut short", THINK, false, false, "<think>Hm. </thi", "Hm. </thi", ""),
                answer(
                        "a mark in the answer",
                        THINK,
                        false,
                        false,
                        "Skriv <think> og </think>.",
                        "",
                        "Skriv <think> og </think>."),
                answer(
                        "marks behind thoughts",
                        THINK,
                        true,
                        false,
                        "a</think>b<think>c</think>d",
                        "a",
                        "b<think>c</think>d"),
                answer("half a mark", THINK, false, false, "<thin", "", "<thin"),
                answer(
                        "a mark in thoughts",
                        THINK,
                        true,
                        false,
                        "<think> er et merke</think>x",
                        "<think> er et merke",
                        "x"),
                answer("Gemma 4", GEMMA, false, false, "<|channel>thought\nHm<channel|>4", "Hm", "4"),
                answer("Granite 3", THINK, false, true, "<think>Hm</think>\n<response>4 < 5</response>", "Hm", "4 < 5"),
                answer("Granite 3 at once", THINK, false, true, "4 </respons", "", "4 </respons"),
                answer(
                        "gpt-oss",
                        ReasoningForm.CHANNELS,
                        false,
                        false,
                        "<|channel|>analysis<|message|>Hm. 2+2.<|end|><|start|>assistant<|channel|>final<|message|>4",
                        "Hm. 2+2.",
                        "4"),
                answer(
                        "gpt-oss with a preamble and two analyses",
                        ReasoningForm.CHANNELS,
                        false,
                        false,
                        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>b<|end|>"
                                + "<|start|>assistant<|channel|>analysis<|message|>c<|end|>"
                                + "<|start|>assistant<|channel|>final<|message|>d",
                        "ac",
                        "bd"),
                answer(
                        "gpt-oss calls",
                        ReasoningForm.CHANNELS,
                        false,
                        false,
                        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary to=functions.f "
                                + "<|constrain|>json<|message|>{}",
                        "a",
                        "<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}"),
                answer("gpt-oss without a header", ReasoningForm.CHANNELS, false, false, "Bare 4.", "", "Bare 4."),
                answer(
                        "gpt-oss cut short in a header",
                        ReasoningForm.CHANNELS,
                        false,
                        false,
                        "<|channel|>analysis<|message|>a<|end|><|start|>assis",
                        "a",
                        ""));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void partsThem(ReasoningForm form, boolean open, boolean wrapped, String written, Read expected) {
        assertEquals(expected, read(ReasoningReader.of(form, open, wrapped, "\n"), List.of(written)));
        assertEquals(expected, read(ReasoningReader.of(form, open, wrapped, "\n"), List.of(written.split(""))));
        Random random = new Random(written.hashCode());
        for (int n = 0; n < 50; n++) {
            List<String> pieces = new ArrayList<>();
            for (int at = 0; at < written.length(); ) {
                int end = Math.min(written.length(), at + 1 + random.nextInt(9));
                pieces.add(written.substring(at, end));
                at = end;
            }
            assertEquals(expected, read(ReasoningReader.of(form, open, wrapped, "\n"), pieces), pieces.toString());
        }
    }

    @Test
    void thinksFromTheBeginningMarkToTheEndMark() {
        ReasoningReader reader = ReasoningReader.of(THINK, false, false, "\n");
        assertFalse(reader.thinks());
        reader.append("<think>");
        assertTrue(reader.thinks());
        reader.append("a" + reader.ending());
        assertFalse(reader.thinks());
        ReasoningReader channels = ReasoningReader.of(ReasoningForm.CHANNELS, false, false, "");
        channels.append("<|channel|>analysis");
        assertFalse(channels.thinks());
        channels.append("<|message|>");
        assertTrue(channels.thinks());
        assertEquals("4", channels.append("a" + channels.ending() + "4"));
        assertFalse(channels.thinks());
    }
}
