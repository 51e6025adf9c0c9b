package dev.skald.runtime.conversation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Golden;
import dev.skald.runtime.chat.ChatTemplate;
import dev.skald.runtime.chat.ChatTemplates;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.chat.ToolCallForm;
import dev.skald.runtime.chat.ToolDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls in the forms that models write, cut into pieces in any way. */
class ToolCallReaderTest {
    private static final List<ToolDefinition> TOOLS = List.of(
            ToolDefinition.of(
                    "weather",
                    "",
                    "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}, \"days\": {\"type\":"
                            + " \"integer\"}, \"hourly\": {\"type\": \"boolean\"}}}"),
            ToolDefinition.of("time", "", "{}"));

    private record Read(String text, List<ToolCall> calls) {}

    private static Read read(ToolCallForm form, List<String> pieces) {
        ToolCallReader reader = new ToolCallReader(form, TOOLS);
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
                        "[TOOL_CALLS]" + "a".repeat(999)),
                // As Qwen3-Coder's template writes them.
                answer(
                        "a call",
                        ToolCallForm.QWEN_XML,
                        "Jeg ser etter.\n\n<tool_call>\n<function=weather>\n<parameter=city>\nTromsø\n</parameter>\n"
                                + "<parameter=days>\n2\n</parameter>\n<parameter=hourly>\nFalse\n</parameter>\n"
                                + "</function>\n</tool_call>",
                        "Jeg ser etter.\n\n",
                        ToolCall.of("", "weather", "{\"city\": \"Tromsø\", \"days\": 2, \"hourly\": false}")),
                answer(
                        "two calls, text that looks like a number, JSON, no end",
                        ToolCallForm.QWEN_XML,
                        "<tool_call>\n<function=weather>\n<parameter=city>\n42\n</parameter>\n</function>\n</tool_call>\n"
                                + "<tool_call>\n<function=time>\n<parameter=zones>\n[\"CET\", 1]\n</parameter>\n"
                                + "<parameter=none>\nNone\n</parameter>\n<parameter=lines>\na\n\nb\n</parameter>\n</function>",
                        "",
                        weather("42"),
                        ToolCall.of("", "time", "{\"zones\": [\"CET\", 1], \"none\": null, \"lines\": \"a\\n\\nb\"}")),
                answer(
                        "no parameters",
                        ToolCallForm.QWEN_XML,
                        "<tool_call><function=time></function></tool_call>",
                        "",
                        time),
                answer(
                        "broken",
                        ToolCallForm.QWEN_XML,
                        "<tool_call><function=time><parameter=a></function></tool_call>",
                        "<tool_call><function=time><parameter=a></function></tool_call>"),
                // As Gemma 4's template writes them, and FunctionGemma's card.
                answer(
                        "a call",
                        ToolCallForm.GEMMA,
                        "<|tool_call>call:weather{city:<|\"|>Tromsø<|\"|>,days:2,hourly:false}<tool_call|>",
                        "",
                        ToolCall.of("", "weather", "{\"city\": \"Tromsø\", \"days\": 2, \"hourly\": false}")),
                answer(
                        "nested",
                        ToolCallForm.GEMMA,
                        "Vent. <|tool_call>call:time{a:{<|\"|>b c<|\"|>:[1,<|\"|>},{<|\"|>,[]]},d:null,e:-1.5}<tool_call|>"
                                + "<|tool_call>call:time{}<tool_call|>",
                        "Vent. ",
                        ToolCall.of("", "time", "{\"a\": {\"b c\": [1, \"},{\", []]}, \"d\": null, \"e\": -1.5}"),
                        time),
                answer(
                        "FunctionGemma",
                        ToolCallForm.GEMMA,
                        "<start_function_call>call:weather{city:<escape>Oslo<escape>}<end_function_call>",
                        "",
                        weather("Oslo")),
                answer(
                        "broken",
                        ToolCallForm.GEMMA,
                        "<|tool_call>call:time{a<tool_call|>",
                        "<|tool_call>call:time{a<tool_call|>"),
                answer("half", ToolCallForm.GEMMA, "a <|tool_", "a <|tool_"),
                // As OpenAI's guide to harmony writes them.
                answer(
                        "thought and a call",
                        ToolCallForm.HARMONY,
                        "<|channel|>analysis<|message|>Need to use function weather.<|end|><|start|>assistant<|channel|>commentary"
                                + " to=functions.weather <|constrain|>json<|message|>{\"city\":\"Oslo\"}<|call|>",
                        "",
                        weather("Oslo")),
                answer(
                        "the recipient first, no mark at the end",
                        ToolCallForm.HARMONY,
                        " to=functions.weather<|channel|>commentary json<|message|>{\"city\": \"Oslo\"}",
                        "",
                        weather("Oslo")),
                answer(
                        "a preamble and two calls",
                        ToolCallForm.HARMONY,
                        "<|channel|>commentary<|message|>Jeg ser etter.<|end|><|start|>assistant to=functions.time<|channel|>"
                                + "commentary<|message|>{}<|call|><|start|>assistant<|channel|>commentary to=functions.weather"
                                + "<|message|>{\"city\": \"Oslo\"}<|call|>",
                        "Jeg ser etter.",
                        time,
                        weather("Oslo")),
                answer(
                        "thought and text",
                        ToolCallForm.HARMONY,
                        "<|channel|>analysis<|message|>Hm <b><|end|><|start|>assistant<|channel|>final<|message|>Det er < 3.<|return|>",
                        "Det er < 3."),
                answer("text without a head", ToolCallForm.HARMONY, "Det er sol.", "Det er sol."),
                answer(
                        "a call that is no JSON",
                        ToolCallForm.HARMONY,
                        "<|channel|>commentary to=functions.time<|message|>nå<|call|>",
                        "nå"));
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
        ToolCallReader reader = new ToolCallReader(ToolCallForm.HERMES, TOOLS);
        assertEquals("", reader.append("<tool_call>{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}"));
        assertEquals(List.of(), reader.calls());
        assertEquals("", reader.append("</tool_call>\n"));
        assertEquals(List.of(weather("Oslo")), reader.calls());
    }

    @Test
    void textIsNotHeldBackWithoutReason() {
        ToolCallReader reader = new ToolCallReader(ToolCallForm.MISTRAL, TOOLS);
        assertEquals("Det er ", reader.append("Det er ["));
        assertEquals("[1] ", reader.append("1] "));
    }

    /** No text makes the reader throw an exception, and no text without a call is lost. */
    @ParameterizedTest
    @EnumSource
    void anyPiecesInAnyOrder(ToolCallForm form) {
        List<String> parts = new ArrayList<>(new ToolCallReader(form, TOOLS).marks());
        parts.addAll(List.of("{", "}", "[", "]", "\"", "\\", ":", ",", ";", " ", "\n", "name", "arguments", "weather"));
        parts.addAll(List.of("{\"name\": \"weather\", \"arguments\": {}}", "null", "1e999999999", "{}", "ø", "\uD83D"));
        parts.addAll(List.of(
                "<function=time>", "<parameter=a>", "</parameter>", "</function>", "call:time{", "to=functions.time"));
        SplittableRandom random = new SplittableRandom(form.ordinal());
        for (int round = 0; round < 3000; round++) {
            List<String> pieces = new ArrayList<>();
            int count = random.nextInt(12);
            for (int i = 0; i < count; i++) {
                pieces.add(parts.get(random.nextInt(parts.size())));
            }
            Read read = read(form, pieces);
            assertEquals(read, read(form, List.of(String.join("", pieces))), () -> pieces.toString());
            // The headers of harmony are not shown.
            if (read.calls.isEmpty() && form != ToolCallForm.HARMONY) {
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

    /** Every template with a place for tools, and no other. A template without a known form writes calls of another form. */
    @Test
    void theFormFollowsFromTheTemplate() throws IOException {
        Map<String, ToolCallForm> forms = new TreeMap<>();
        try (Stream<Path> files = Files.list(Golden.path("golden/chat/templates"))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".jinja", "");
                ToolCallForm.of(ChatTemplate.compile(Files.readString(file))).ifPresent(form -> forms.put(name, form));
            }
        }
        Map<String, ToolCallForm> expected = new TreeMap<>();
        List.of(
                        "Bielik-11B-v3.0-Instruct",
                        "MiMo-VL",
                        "NousResearch-Hermes-3-Llama-3.1-8B-tool_use",
                        "Qwen-QwQ-32B",
                        "Qwen-Qwen2.5-7B-Instruct",
                        "Qwen-Qwen3-0.6B",
                        "Reka-Edge",
                        "ibm-granite-granite-4.0")
                .forEach(name -> expected.put(name, ToolCallForm.HERMES));
        List.of(
                        "meta-llama-Llama-3.1-8B-Instruct",
                        "meta-llama-Llama-3.2-3B-Instruct",
                        "meta-llama-Llama-3.3-70B-Instruct")
                .forEach(name -> expected.put(name, ToolCallForm.LLAMA3));
        List.of(
                        "embedded-Mistral-Nemo-Instruct-2407-mistralai-v3-tekken-template-modified-to-have-system-prompt-at-start",
                        "mistralai-Mistral-Nemo-Instruct-2407",
                        "unsloth-mistral-Devstral-Small-2507")
                .forEach(name -> expected.put(name, ToolCallForm.MISTRAL));
        List.of("NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "Qwen3-Coder", "StepFun3.5-Flash")
                .forEach(name -> expected.put(name, ToolCallForm.QWEN_XML));
        expected.put("google-gemma-4-31B-it-interleaved", ToolCallForm.GEMMA);
        expected.put("openai-gpt-oss-120b", ToolCallForm.HARMONY);
        assertEquals(expected.toString().replace(", ", "\n"), forms.toString().replace(", ", "\n"));
    }

    @Test
    void piecesOfACallWhileItComes() {
        ToolCallReader reader = new ToolCallReader(ToolCallForm.HERMES, TOOLS);
        reader.append("<tool_call>\n{\"name\": \"weather\", \"argu");
        assertEquals(List.of(), reader.takeDeltas());
        reader.append("ments\": {\"ci");
        assertEquals(List.of(new ToolCallDelta(0, "", "weather", "{\"ci")), reader.takeDeltas());
        reader.append("ty\": \"}\"}");
        assertEquals(List.of(new ToolCallDelta(0, "", "", "ty\": \"}\"}")), reader.takeDeltas());
        reader.append("}\n</tool_call>\n<tool_call>{\"arguments\": {}, \"name\": \"time\"}</tool_call>");
        assertEquals(List.of(new ToolCallDelta(1, "", "time", "{}")), reader.takeDeltas());
        assertEquals(2, reader.calls().size());
    }

    /** In every form, the pieces of a call make up the call, wherever it is cut. */
    @ParameterizedTest
    @MethodSource("answers")
    void piecesAreTheCalls(ToolCallForm form, String answer, Read expected) {
        for (int size = 1; size <= answer.length() && size < 40; size += 3) {
            ToolCallReader reader = new ToolCallReader(form, TOOLS);
            List<ToolCallDelta> deltas = new ArrayList<>();
            for (int i = 0; i < answer.length(); i += size) {
                reader.append(answer.substring(i, Math.min(answer.length(), i + size)));
                deltas.addAll(reader.takeDeltas());
            }
            reader.flush();
            deltas.addAll(reader.takeDeltas());
            List<ToolCall> joined = new ArrayList<>();
            for (int index = 0; index < expected.calls.size(); index++) {
                int call = index;
                List<ToolCallDelta> own =
                        deltas.stream().filter(delta -> delta.index() == call).toList();
                String arguments = String.join(
                        "", own.stream().map(ToolCallDelta::arguments).toList());
                joined.add(ToolCall.of(
                        expected.calls.get(call).id(), own.getFirst().name(), arguments));
            }
            assertEquals(expected.calls, joined);
        }
    }

    @Test
    void theFormsOfTheTemplatesThatComeAlong() {
        assertEquals(Optional.of(ToolCallForm.HERMES), ToolCallForm.of(ChatTemplates.named("chatml")));
        assertEquals(Optional.of(ToolCallForm.LLAMA3), ToolCallForm.of(ChatTemplates.named("llama3")));
        assertTrue(ToolCallForm.of(ChatTemplate.compile("{{ messages }}")).isEmpty());
    }
}
