package dev.skald.runtime.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Golden;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The built-in templates write what the models' makers write: their own templates, and their cards. */
class ChatTemplatesTest {
    private static final ChatTemplateOptions OPTIONS = ChatTemplateOptions.builder()
            .bosToken("<s>")
            .eosToken("</s>")
            .clock(Clock.fixed(Instant.parse("2026-01-15T12:00:00Z"), ZoneOffset.UTC))
            .build();

    private static final List<Message> TWO_TURNS = List.of(
            Message.system("Svar kort."),
            Message.user("Hei!"),
            Message.assistant("God dag."),
            Message.user("Hvem er du?"));

    private static final ToolDefinition WEATHER = ToolDefinition.of(
            "weather",
            "Tells the weather",
            "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}}");

    // Against other templates

    @ParameterizedTest
    @MethodSource
    void llama3(GoldenConversations.Case golden) {
        assertEquals(golden.output(), render("llama3", golden));
    }

    static List<GoldenConversations.Case> llama3() {
        return GoldenConversations.plain("meta-llama-Llama-3.2-3B-Instruct");
    }

    @ParameterizedTest
    @MethodSource
    void chatml(GoldenConversations.Case golden) {
        assertEquals(golden.output(), render("chatml", golden));
    }

    static List<GoldenConversations.Case> chatml() {
        return GoldenConversations.plain("embedded-teknium-OpenHermes-2.5-Mistral-7B");
    }

    /** Theirs writes the space before {@code [INST]} that SentencePiece puts there by itself. */
    @ParameterizedTest
    @MethodSource
    void mistral(GoldenConversations.Case golden) {
        assertEquals(golden.output().replace("> [INST]", ">[INST]"), render("mistral", golden));
    }

    static List<GoldenConversations.Case> mistral() {
        return GoldenConversations.plain(
                "embedded-mistralai-Mistral-7B-Instruct-v0.2-mistralai-v1-template-with-a-system-prompt");
    }

    private static String render(String template, GoldenConversations.Case golden) {
        Golden.path("golden/chat");
        return ChatTemplates.named(template).render(golden.messages(), golden.options());
    }

    // Against the cards of the Norwegian models

    @Test
    void llama2AsOnTheCard() {
        String form = codeBlock("cards/003_75e4fed56ae67a54.txt", "<s>[INST] <<SYS>>");
        String system = between(form, "<<SYS>>\n", "\n<</SYS>>");
        List<Message> messages = List.of(
                Message.system(system),
                Message.user("This is a test question"),
                Message.assistant("This is a answer"),
                Message.user("Another question"));
        String text = ChatTemplates.named("llama2").render(messages, OPTIONS);
        assertTrue(form.endsWith("This is a answer </s><s>\n"));
        assertEquals(form.strip() + "[INST] Another question[/INST]", text);
    }

    @Test
    void alpacaAsOnTheCard() {
        String form = codeBlock("cards/003_75e4fed56ae67a54.txt", "### Instruction:");
        List<Message> messages =
                List.of(Message.system("Summarize following text."), Message.user("Text to be summarized"));
        assertEquals(form, ChatTemplates.named("alpaca").render(messages, OPTIONS));
    }

    /** The card's line breaks have become spaces. */
    @Test
    void normistralAsOnTheCard() {
        String card = card("cards/004_8e7a71987f7173e3.txt");
        String form = between(card, "``` ", " ```").strip();
        List<Message> messages = List.of(
                Message.user(between(form, "<|im_start|> user ", "<|im_end|>")),
                Message.assistant(between(form, "<|im_start|> assistant ", "<|im_end|>")),
                Message.user(between(form.substring(form.lastIndexOf("<|im_start|> user")), " user ", "<|im_end|>")));
        String text = ChatTemplates.named("normistral").render(messages, OPTIONS);
        assertEquals(form, text.replace('\n', ' ').strip());
        assertTrue(
                text.startsWith("<|im_start|> user\nHva er hovedstaden i Norge?<|im_end|>\n<|im_start|> assistant\n"));
        assertTrue(text.endsWith("<|im_end|>\n<|im_start|> assistant\n"));
    }

    private static String card(String name) {
        return new String(Golden.bytes(name), StandardCharsets.UTF_8);
    }

    /** The first block between fences that begins so. */
    private static String codeBlock(String name, String begin) {
        String card = card(name);
        int from = card.indexOf("```\n" + begin) + 4;
        return card.substring(from, card.indexOf("```", from));
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }

    // By hand

    @Test
    void severalTurnsOfAlpaca() {
        assertEquals(
                "### Instruction:\nSvar kort.\n### Input:\nHei!\n### Response:\nGod dag.</s>\n"
                        + "### Instruction:\nHvem er du?\n### Response:\n",
                ChatTemplates.named("alpaca").render(TWO_TURNS, OPTIONS));
    }

    @Test
    void severalTurnsOfLlama2() {
        assertEquals(
                "<s>[INST] <<SYS>>\nSvar kort.\n<</SYS>>\nHei![/INST] God dag. </s><s>[INST] Hvem er du?[/INST]",
                ChatTemplates.named("llama2").render(TWO_TURNS, OPTIONS));
    }

    @Test
    void toolsInChatml() {
        ToolCall call = ToolCall.of("", "weather", "{\"city\": \"Tromsø\"}");
        List<Message> messages = List.of(
                Message.system("Svar kort."),
                Message.user("Blir det regn?"),
                new Message.Assistant("Jeg ser etter.", Optional.empty(), List.of(call)),
                Message.tool(call, "snø"));
        String text = ChatTemplates.named("chatml")
                .render(
                        messages,
                        ChatTemplateOptions.builder().tools(List.of(WEATHER)).build());
        assertTrue(text.startsWith("<|im_start|>system\nSvar kort.\n\n"), text);
        assertTrue(
                text.contains(
                        "<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"description\": "
                                + "\"Tells the weather\", \"parameters\": {\"type\": \"object\", \"properties\": {\"city\": "
                                + "{\"type\": \"string\"}}}}}\n</tools>\n"),
                text);
        assertTrue(
                text.endsWith(
                        "<|im_start|>assistant\nJeg ser etter.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": "
                                + "{\"city\": \"Tromsø\"}}\n</tool_call><|im_end|>\n<|im_start|>tool\n<tool_response>\nsnø\n"
                                + "</tool_response><|im_end|>\n<|im_start|>assistant\n"),
                text);
    }

    @Test
    void toolsInLlama3() {
        ToolCall call = ToolCall.of("", "weather", "{\"city\": \"Tromsø\"}");
        List<Message> messages = List.of(
                Message.user("Blir det regn?"),
                new Message.Assistant("", Optional.empty(), List.of(call)),
                Message.tool(call, "snø"));
        String text = ChatTemplates.named("llama3")
                .render(
                        messages,
                        ChatTemplateOptions.builder().tools(List.of(WEATHER)).build());
        assertTrue(
                text.contains(
                        "\n\n{\n    \"type\": \"function\",\n    \"function\": {\n        \"name\": \"weather\","),
                text);
        assertTrue(
                text.endsWith("}\n\nBlir det regn?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
                        + "{\"name\": \"weather\", \"parameters\": {\"city\": \"Tromsø\"}}<|eot_id|>"
                        + "<|start_header_id|>ipython<|end_header_id|>\n\n\"snø\"<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\n"),
                text);
    }

    @ParameterizedTest
    @CsvSource({"alpaca", "llama2", "mistral", "normistral"})
    void formsWithoutToolsSaySo(String name) {
        ChatTemplate template = ChatTemplates.named(name);
        ToolCall call = ToolCall.of("", "weather", "{}");
        ChatTemplateOptions options =
                ChatTemplateOptions.builder().tools(List.of(WEATHER)).build();
        List<Message> hello = List.of(Message.user("Hei"));
        List<Message> answer = List.of(Message.user("Hei"), Message.tool(call, "snø"));
        List<Message> calling =
                List.of(Message.user("Hei"), new Message.Assistant("", Optional.empty(), List.of(call)));
        assertTrue(assertThrows(ChatTemplateException.class, () -> template.render(hello, options))
                .raisedByTemplate());
        assertTrue(assertThrows(ChatTemplateException.class, () -> template.render(answer))
                .reason()
                .contains("no place for tools"));
        assertTrue(assertThrows(ChatTemplateException.class, () -> template.render(calling))
                .reason()
                .contains("no place for tools"));
    }

    @ParameterizedTest
    @CsvSource({"alpaca", "llama2", "mistral"})
    void aSystemMessageWithoutItsPlaceIsRefused(String name) {
        ChatTemplate template = ChatTemplates.named(name);
        List<Message> late = List.of(Message.user("Hei"), Message.system("Svar kort."), Message.user("Hei"));
        List<Message> alone = List.of(Message.system("Svar kort."));
        assertTrue(assertThrows(ChatTemplateException.class, () -> template.render(late))
                .raisedByTemplate());
        assertTrue(assertThrows(ChatTemplateException.class, () -> template.render(alone))
                .raisedByTemplate());
    }

    @Test
    void namesAndStops() {
        assertEquals(Set.of("alpaca", "chatml", "llama2", "llama3", "mistral", "normistral"), ChatTemplates.names());
        assertEquals(List.of("<|im_end|>"), ChatTemplates.named("normistral").stops());
        String message = assertThrows(IllegalArgumentException.class, () -> ChatTemplates.named("llama"))
                .getMessage();
        assertEquals(
                "there is no chat template 'llama', only [alpaca, chatml, llama2, llama3, mistral, normistral]",
                message);
    }
}
