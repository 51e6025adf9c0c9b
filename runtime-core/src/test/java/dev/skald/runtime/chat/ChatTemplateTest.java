package dev.skald.runtime.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Golden;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ChatTemplateTest {
    private static final String ALL = "{{ messages | tojson }}|{{ tools | tojson }}|{{ add_generation_prompt }}";

    /** Real templates, with messages and tools of ours. */
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource
    void golden(String template, GoldenConversations.Case golden) {
        String source =
                new String(Golden.bytes("golden/chat/templates/" + template + ".jinja"), StandardCharsets.UTF_8);
        assertEquals(golden.output(), ChatTemplate.compile(source).render(golden.messages(), golden.options()));
    }

    static Stream<Arguments> golden() {
        return Stream.of(
                        "meta-llama-Llama-3.2-3B-Instruct",
                        "Qwen-Qwen2.5-7B-Instruct",
                        "Qwen-Qwen3-0.6B",
                        "mistralai-Mistral-Nemo-Instruct-2407",
                        "NousResearch-Hermes-3-Llama-3.1-8B-tool_use",
                        "openai-gpt-oss-120b",
                        "Apertus-8B-Instruct",
                        "unsloth-mistral-Devstral-Small-2507")
                .flatMap(name -> GoldenConversations.of(name).stream()
                        .filter(golden -> !golden.conversation().equals("no_tools_var"))
                        .map(golden -> Arguments.of(name, Named.of(golden.toString(), golden))));
    }

    @Test
    void messagesAsTemplatesSeeThem() {
        ToolCall call = ToolCall.of("id1", "weather", "{\"city\": \"Tromsø\", \"days\": 2}");
        List<Message> messages = List.of(
                Message.system("a"),
                Message.user("b"),
                new Message.Assistant("c", Optional.of("d"), List.of(call)),
                Message.tool(call, "e"),
                Message.assistant("f"));
        assertEquals(
                "[{\"role\": \"system\", \"content\": \"a\"}, {\"role\": \"user\", \"content\": \"b\"}, "
                        + "{\"role\": \"assistant\", \"content\": \"c\", \"reasoning_content\": \"d\", \"tool_calls\": "
                        + "[{\"id\": \"id1\", \"type\": \"function\", \"function\": {\"name\": \"weather\", "
                        + "\"arguments\": {\"city\": \"Tromsø\", \"days\": 2}}}]}, "
                        + "{\"role\": \"tool\", \"tool_call_id\": \"id1\", \"name\": \"weather\", \"content\": \"e\"}, "
                        + "{\"role\": \"assistant\", \"content\": \"f\"}]|null|True",
                ChatTemplate.compile(ALL).render(messages));
        assertEquals("{\"city\": \"Tromsø\", \"days\": 2}", call.argumentsJson());
    }

    @Test
    void toolsAsTemplatesSeeThem() {
        ToolDefinition tool = ToolDefinition.of("f", "does f", "{\"type\": \"object\", \"properties\": {}}");
        ChatTemplateOptions options = ChatTemplateOptions.builder()
                .tools(List.of(tool))
                .addGenerationPrompt(false)
                .build();
        assertEquals(
                "[]|[{\"type\": \"function\", \"function\": {\"name\": \"f\", \"description\": \"does f\", "
                        + "\"parameters\": {\"type\": \"object\", \"properties\": {}}}}]|False",
                ChatTemplate.compile(ALL).render(List.of(), options));
    }

    @Test
    void variables() {
        Map<String, Object> document = new HashMap<>();
        document.put("n", 1);
        document.put("x", null);
        document.put("f", 1.1f);
        List<Object> documents = new ArrayList<>(List.of(document));
        ChatTemplateOptions options = ChatTemplateOptions.builder()
                .variable("documents", documents)
                .variable("enable_thinking", true)
                .bosToken("<s>")
                .eosToken("</s>")
                .build();
        documents.clear();
        assertEquals(
                "<s>1None1.1True</s>",
                ChatTemplate.compile("{{ bos_token }}{% for d in documents %}{{ d.n }}{{ d.x }}{{ d.f }}{% endfor %}"
                                + "{{ enable_thinking }}{{ eos_token }}")
                        .render(List.of(), options));
        assertEquals(
                "|None", ChatTemplate.compile("{{ bos_token }}|{{ documents }}").render(List.of()));
    }

    @Test
    void wrongVariables() {
        ChatTemplateOptions.Builder options = ChatTemplateOptions.builder();
        assertTrue(assertThrows(IllegalArgumentException.class, () -> options.variable("x", new Object()))
                .getMessage()
                .contains("java.lang.Object"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> options.variable("x", Map.of(1, 2)))
                .getMessage()
                .contains("the key 1"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> options.variable("messages", List.of()))
                .getMessage()
                .contains("'messages'"));
        List<Object> inItself = new ArrayList<>();
        inItself.add(inItself);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> options.variable("x", inItself))
                .getMessage()
                .contains("more than 100 deep"));
    }

    @Test
    void wrongJson() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ToolDefinition.of("f", "", "{\"a\": }"))
                .getMessage()
                .startsWith("schema of f: this is not JSON, at character 7"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ToolCall.of("", "f", "[1]"))
                .getMessage()
                .contains("must be a JSON object, not [1]"));
    }

    @Test
    void theClockIsTheCallers() {
        ChatTemplateOptions options = ChatTemplateOptions.builder()
                .clock(Clock.fixed(Instant.parse("2026-05-16T23:30:00Z"), ZoneId.of("Europe/Oslo")))
                .build();
        assertEquals(
                "17 May 2026 01:30",
                ChatTemplate.compile("{{ strftime_now('%d %b %Y %H:%M') }}").render(List.of(), options));
    }

    @Test
    void textOfMessagesIsNeverInterpreted() {
        String text = "{{ 7 * 7 }}{% raw %}{# x #}{{ raise_exception('no') }}\\n%s{0}";
        assertEquals(
                "[" + text + "]",
                ChatTemplate.compile("{% for m in messages %}[{{ m.content }}]{% endfor %}")
                        .render(List.of(Message.user(text))));
    }

    @Test
    void whatATemplateRaises() {
        ChatTemplate template = ChatTemplate.compile("a\n{{ raise_exception('No ' + messages[0].role + '.') }}");
        ChatTemplateException e =
                assertThrows(ChatTemplateException.class, () -> template.render(List.of(Message.system("x"))));
        assertTrue(e.raisedByTemplate());
        assertEquals("No system.", e.reason());
        assertEquals(2, e.line());
        assertEquals("the chat template refuses this conversation: No system.", e.getMessage());
    }

    @Test
    void whatATemplateGetsWrong() {
        ChatTemplate template = ChatTemplate.compile("a\nb\n{{ messages[0].nothing.more }}");
        ChatTemplateException e =
                assertThrows(ChatTemplateException.class, () -> template.render(List.of(Message.user("x"))));
        assertFalse(e.raisedByTemplate());
        assertEquals(3, e.line());
        assertEquals("dict has no attribute 'nothing'", e.reason());
        assertTrue(
                e.getMessage().startsWith("chat template, line 3: dict has no attribute 'nothing'. "), e.getMessage());
        assertTrue(e.getMessage().contains("chatml"), e.getMessage());
    }

    @Test
    void whatIsNoTemplate() {
        ChatTemplateException e =
                assertThrows(ChatTemplateException.class, () -> ChatTemplate.compile("\n{% if x %}\n{% endfor %}"));
        assertEquals(3, e.line());
        assertEquals("there is no tag 'endfor' in the block 'if' of line 2", e.reason());
        assertTrue(e.getMessage().contains("normistral"), e.getMessage());
    }

    @Test
    void whatNeverEnds() {
        ChatTemplate template = ChatTemplate.compile("{% for a in range(99999) %}{{ 'a' * 99999 }}{% endfor %}");
        ChatTemplateException e = assertThrows(ChatTemplateException.class, () -> template.render(List.of()));
        assertEquals("the template makes more than 67108864 characters of text", e.reason());
        assertTrue(e.getMessage().contains("Do not trust the file"), e.getMessage());
    }

    @Test
    void threadsShareATemplate() {
        ChatTemplate template = ChatTemplates.named("llama3");
        List<Message> messages = List.of(Message.user("Hei"));
        ChatTemplateOptions options = ChatTemplateOptions.builder()
                .clock(Clock.fixed(Instant.EPOCH, ZoneId.of("UTC")))
                .build();
        String[] texts = new String[1000];
        Arrays.parallelSetAll(texts, i -> template.render(messages, options));
        assertEquals(1, Stream.of(texts).distinct().count());
    }
}
