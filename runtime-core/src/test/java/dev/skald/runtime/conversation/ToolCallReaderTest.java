package dev.skald.runtime.conversation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Golden;
import dev.skald.runtime.chat.ChatTemplate;
import dev.skald.runtime.chat.ChatTemplates;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallForm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls in the forms in which models write them, however an answer is cut into pieces. */
class ToolCallReaderTest {
    private static final Set<String> NAMES = Set.of("weather", "time");

    private record Read(String text, List<ToolCall> calls) {}

    private static Read read(ToolCallForm form, List<String> pieces) {
        ToolCallReader reader = new ToolCallReader(form, NAMES);
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(reader.append(piece)));
        text.append(reader.flush());
        return new Read(text.toString(), reader.calls());
    }

    private static ToolCall weather(String city) {
        return ToolCall.of("", "weather", "{\"city\": \"" + city + "\"}");
    }

    private static Arguments answer(String name, ToolCallForm form, String answer, String text, ToolCall... calls) {
        return Arguments.argumentSet(form + " " + name, form, answer, new Read(text, List.of(calls)));
    }

    static Stream<Arguments> answers() {
        ToolCall time = ToolCall.of("", "time", "{}");
        String oslo = "{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}";
        String bodo = "{\"name\": \"weather\", \"arguments\": {\"city\": \"Bodø\"}}";
        String llama = "{\"name\": \"weather\", \"parameters\": {\"city\": \"Oslo\"}}";
        return Stream.of(
                answer("text only", ToolCallForm.HERMES, "Det blir <b>sol</b>. ", "Det blir <b>sol</b>. "),
                answer("a call", ToolCallForm.HERMES, "<tool_call>\n" + oslo + "\n</tool_call>", "", weather("Oslo")),
                answer(
                        "text and two calls",
                        ToolCallForm.HERMES,
                        "Jeg ser etter.\n<tool_call>" + oslo + "</tool_call>\n<tool_call>\n" + bodo + "</tool_call>\n",
                        "Jeg ser etter.\n",
                        weather("Oslo"),
                        weather("Bodø")),
                answer(
                        "text behind a call",
                        ToolCallForm.HERMES,
                        "<tool_call>" + oslo + "</tool_call> Da så.",
                        "Da så.",
                        weather("Oslo")),
                answer("no end", ToolCallForm.HERMES, "<tool_call>\n" + oslo, "", weather("Oslo")),
                answer(
                        "arguments as a text",
                        ToolCallForm.HERMES,
                        "<tool_call>{\"name\": \"weather\", \"arguments\": \"{\\\"city\\\": \\\"Oslo\\\"}\"}</tool_call>",
                        "",
                        weather("Oslo")),
                answer(
                        "broken JSON",
                        ToolCallForm.HERMES,
                        "<tool_call>{\"name\": weather}</tool_call>!",
                        "<tool_call>{\"name\": weather}</tool_call>!"),
                answer(
                        "no name",
                        ToolCallForm.HERMES,
                        "<tool_call>{\"arguments\": {}}</tool_call>",
                        "<tool_call>{\"arguments\": {}}</tool_call>"),
                answer("half a mark", ToolCallForm.HERMES, "a <tool_ca", "a <tool_ca"),
                answer("half a call", ToolCallForm.HERMES, "a <tool_call>{\"na", "a <tool_call>{\"na"),
                answer("a call", ToolCallForm.LLAMA3, llama, "", weather("Oslo")),
                answer("a call with a tag", ToolCallForm.LLAMA3, "<|python_tag|>" + llama + "\n", "", weather("Oslo")),
                answer(
                        "several calls",
                        ToolCallForm.LLAMA3,
                        "\n" + llama + "; {\"name\": \"time\", \"parameters\": {}}",
                        "",
                        weather("Oslo"),
                        time),
                answer("text", ToolCallForm.LLAMA3, "Oslo {er} fin.", "Oslo {er} fin."),
                answer("text behind a call", ToolCallForm.LLAMA3, llama + " Takk.", "Takk.", weather("Oslo")),
                answer(
                        "braces in strings",
                        ToolCallForm.LLAMA3,
                        "{\"name\": \"weather\", \"parameters\": {\"city\": \"a}\\\"{b\\\\\"}}",
                        "",
                        ToolCall.of("", "weather", "{\"city\": \"a}\\\"{b\\\\\"}")),
                answer(
                        "JSON that is no call",
                        ToolCallForm.LLAMA3,
                        "{\"name\": \"Ola\", \"parameters\": {}} og mer",
                        "{\"name\": \"Ola\", \"parameters\": {}} og mer"),
                answer("half a call", ToolCallForm.LLAMA3, " {\"name\": ", " {\"name\": "),
                answer("half a tag", ToolCallForm.LLAMA3, "<|pyth", "<|pyth"),
                answer("code behind a tag", ToolCallForm.LLAMA3, "<|python_tag|>print(1)", "<|python_tag|>print(1)"),
                answer("nothing", ToolCallForm.LLAMA3, "", ""),
                answer(
                        "calls with ids",
                        ToolCallForm.MISTRAL,
                        "[TOOL_CALLS] [{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}, \"id\": \"abc123456\"},"
                                + " {\"name\": \"time\", \"arguments\": {}}]",
                        "",
                        ToolCall.of("abc123456", "weather", "{\"city\": \"Oslo\"}"),
                        time),
                answer(
                        "calls by name",
                        ToolCallForm.MISTRAL,
                        "[TOOL_CALLS]weather[ARGS]{\"city\": \"Oslo\"}[TOOL_CALLS]time[CALL_ID]abc123456[ARGS]{}",
                        "",
                        weather("Oslo"),
                        ToolCall.of("abc123456", "time", "{}")),
                answer(
                        "text before",
                        ToolCallForm.MISTRAL,
                        "Vent [litt] [TOOL_CALLS][" + oslo + "]",
                        "Vent [litt] ",
                        weather("Oslo")),
                answer("broken", ToolCallForm.MISTRAL, "[TOOL_CALLS] [{}] hm", "[TOOL_CALLS] [{}] hm"),
                answer("half", ToolCallForm.MISTRAL, "[TOOL_CALLS] [{\"name\"", "[TOOL_CALLS] [{\"name\""),
                answer(
                        "no call",
                        ToolCallForm.MISTRAL,
                        "[TOOL_CALLS]" + "a".repeat(999),
                        "[TOOL_CALLS]" + "a".repeat(999)));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void whole(ToolCallForm form, String answer, Read expected) {
        assertEquals(expected, read(form, List.of(answer)));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void characterByCharacter(ToolCallForm form, String answer, Read expected) {
        assertEquals(expected, read(form, List.of(answer.split(""))));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void inTwoPieces(ToolCallForm form, String answer, Read expected) {
        for (int i = 0; i <= answer.length(); i++) {
            assertEquals(expected, read(form, List.of(answer.substring(0, i), answer.substring(i))), "cut at " + i);
        }
    }

    @Test
    void aCallIsThereAsSoonAsItIsComplete() {
        ToolCallReader reader = new ToolCallReader(ToolCallForm.HERMES, NAMES);
        assertEquals("", reader.append("<tool_call>{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}"));
        assertEquals(List.of(), reader.calls());
        assertEquals("", reader.append("</tool_call>\n"));
        assertEquals(List.of(weather("Oslo")), reader.calls());
    }

    @Test
    void textIsNotHeldBackWithoutReason() {
        ToolCallReader reader = new ToolCallReader(ToolCallForm.MISTRAL, NAMES);
        assertEquals("Det er ", reader.append("Det er ["));
        assertEquals("[1] ", reader.append("1] "));
    }

    /** Whatever comes: nothing is thrown, and without a call nothing is lost. */
    @ParameterizedTest
    @CsvSource({"HERMES", "LLAMA3", "MISTRAL"})
    void anyPiecesInAnyOrder(ToolCallForm form) {
        List<String> parts = new ArrayList<>(ToolCallReader.MARKS);
        parts.addAll(List.of("{", "}", "[", "]", "\"", "\\", ":", ",", ";", " ", "\n", "name", "arguments", "weather"));
        parts.addAll(List.of("{\"name\": \"weather\", \"arguments\": {}}", "null", "1e999999999", "{}", "ø", "\uD83D"));
        SplittableRandom random = new SplittableRandom(form.ordinal());
        for (int round = 0; round < 3000; round++) {
            List<String> pieces = new ArrayList<>();
            int count = random.nextInt(12);
            for (int i = 0; i < count; i++) {
                pieces.add(parts.get(random.nextInt(parts.size())));
            }
            Read read = read(form, pieces);
            assertEquals(read, read(form, List.of(String.join("", pieces))), () -> pieces.toString());
            if (read.calls.isEmpty()) {
                assertEquals(String.join("", pieces), read.text);
            }
        }
    }

    @Test
    void deepNestingIsText() {
        String deep = "<tool_call>{\"name\": \"weather\", \"arguments\": {\"a\": " + "[".repeat(50_000)
                + "]".repeat(50_000) + "}}</tool_call>";
        assertEquals(new Read(deep, List.of()), read(ToolCallForm.HERMES, List.of(deep)));
    }

    @ParameterizedTest
    @CsvSource({
        "Qwen-Qwen2.5-7B-Instruct, HERMES",
        "NousResearch-Hermes-3-Llama-3.1-8B-tool_use, HERMES",
        "meta-llama-Llama-3.2-3B-Instruct, LLAMA3",
        "mistralai-Mistral-Nemo-Instruct-2407, MISTRAL",
        "unsloth-mistral-Devstral-Small-2507, MISTRAL"
    })
    void theFormFollowsFromTheTemplate(String template, ToolCallForm form) {
        byte[] source = Golden.bytes("golden/chat/templates/" + template + ".jinja");
        assertEquals(
                Optional.of(form), ToolCallForm.of(ChatTemplate.compile(new String(source, StandardCharsets.UTF_8))));
    }

    @Test
    void theFormsOfTheTemplatesThatComeAlong() {
        assertEquals(Optional.of(ToolCallForm.HERMES), ToolCallForm.of(ChatTemplates.named("chatml")));
        assertEquals(Optional.of(ToolCallForm.LLAMA3), ToolCallForm.of(ChatTemplates.named("llama3")));
        assertTrue(ToolCallForm.of(ChatTemplate.compile("{{ messages }}")).isEmpty());
    }
}
