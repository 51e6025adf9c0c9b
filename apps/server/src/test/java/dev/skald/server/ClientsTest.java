package dev.skald.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that others wrote, as their users set them up. */
class ClientsTest {
    private static final String QUESTION = "Hva er hovedstaden i Norge?";
    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
    }

    @AfterAll
    static void stop() throws IOException {
        served.close();
    }

    private static OpenAIClient openAi() {
        return OpenAIOkHttpClient.builder()
                .baseUrl(served.uri("/v1").toString())
                .apiKey("any")
                .maxRetries(0)
                .build();
    }

    private static ChatCompletionCreateParams.Builder question() {
        return ChatCompletionCreateParams.builder().model("tiny").temperature(0).addUserMessage(QUESTION);
    }

    @Test
    void openAiJava() {
        ChatCompletion answer = openAi().chat().completions().create(question().build());
        assertTrue(answer.choices().getFirst().message().content().orElseThrow().contains("Oslo"));
        assertEquals(
                ChatCompletion.Choice.FinishReason.STOP,
                answer.choices().getFirst().finishReason());
        assertTrue(answer.usage().orElseThrow().completionTokens() > 1);
    }

    @Test
    void openAiJavaStreams() {
        StringBuilder text = new StringBuilder();
        long[] tokens = new long[1];
        try (com.openai.core.http.StreamResponse<ChatCompletionChunk> chunks = openAi().chat()
                .completions()
                .createStreaming(question()
                        .streamOptions(ChatCompletionStreamOptions.builder()
                                .includeUsage(true)
                                .build())
                        .build())) {
            chunks.stream().forEach(chunk -> {
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(text::append));
                chunk.usage().ifPresent(usage -> tokens[0] = usage.completionTokens());
            });
        }
        assertTrue(text.toString().contains("Oslo"), text::toString);
        assertTrue(tokens[0] > 1);
    }

    @Test
    void openAiJavaHearsOfErrors() {
        BadRequestException e = assertThrows(
                BadRequestException.class,
                () -> openAi().chat()
                        .completions()
                        .create(question().temperature(3).build()));
        assertEquals("temperature", e.param().orElseThrow());
    }

    @Test
    void openAiJavaListsModels() {
        assertEquals("tiny", openAi().models().list().data().getFirst().id());
    }

    @Test
    void langChain4jOpenAi() {
        OpenAiChatModel model = OpenAiChatModel.builder()
                .baseUrl(served.uri("/v1").toString())
                .apiKey("any")
                .modelName("tiny")
                .temperature(0.0)
                .maxRetries(0)
                .build();
        ChatResponse answer = model.chat(UserMessage.from(QUESTION));
        assertTrue(answer.aiMessage().text().contains("Oslo"));
        assertEquals(FinishReason.STOP, answer.finishReason());
        assertTrue(answer.tokenUsage().outputTokenCount() > 1);
    }

    private static final class Collected extends CompletableFuture<String> implements StreamingChatResponseHandler {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void onPartialResponse(String partial) {
            text.append(partial);
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            assertEquals(response.aiMessage().text(), text.toString());
            complete(text.toString());
        }

        @Override
        public void onError(Throwable error) {
            completeExceptionally(error);
        }
    }

    @Test
    void langChain4jOpenAiStreams() throws Exception {
        Collected answer = new Collected();
        OpenAiStreamingChatModel.builder()
                .baseUrl(served.uri("/v1").toString())
                .apiKey("any")
                .modelName("tiny")
                .temperature(0.0)
                .build()
                .chat(QUESTION, answer);
        assertTrue(answer.get(30, TimeUnit.SECONDS).contains("Oslo"));
    }

    @Test
    void langChain4jOllama() throws Exception {
        String base = served.server.uri().toString();
        OllamaChatModel model = OllamaChatModel.builder()
                .baseUrl(base)
                .modelName("tiny")
                .temperature(0.0)
                .build();
        ChatResponse whole = model.chat(UserMessage.from(QUESTION));
        assertTrue(whole.aiMessage().text().contains("Oslo"));
        assertTrue(whole.tokenUsage().inputTokenCount() > 5);
        Collected answer = new Collected();
        OllamaStreamingChatModel.builder()
                .baseUrl(base)
                .modelName("tiny")
                .temperature(0.0)
                .build()
                .chat(QUESTION, answer);
        assertTrue(answer.get(30, TimeUnit.SECONDS).contains("Oslo"));
    }

    private static AnthropicClient anthropic() {
        return AnthropicOkHttpClient.builder()
                .baseUrl(served.server.uri().toString())
                .apiKey("any")
                .maxRetries(0)
                .build();
    }

    private static MessageCreateParams message() {
        return MessageCreateParams.builder()
                .model("tiny")
                .maxTokens(30)
                .putAdditionalBodyProperty("temperature", JsonValue.from(0))
                .addUserMessage(QUESTION)
                .build();
    }

    @Test
    void anthropicJava() {
        Message answer = anthropic().messages().create(message());
        assertTrue(answer.content().getFirst().asText().text().contains("Oslo"));
        assertTrue(answer.usage().outputTokens() > 1);
        long tokens = anthropic()
                .messages()
                .countTokens(MessageCountTokensParams.builder()
                        .model("tiny")
                        .addUserMessage(QUESTION)
                        .build())
                .inputTokens();
        long read = answer.usage().inputTokens()
                + answer.usage().cacheReadInputTokens().orElse(0L);
        assertEquals(read, tokens);
    }

    @Test
    void anthropicJavaStreams() {
        StringBuilder text = new StringBuilder();
        try (StreamResponse<RawMessageStreamEvent> events =
                anthropic().messages().createStreaming(message())) {
            events.stream()
                    .flatMap(event -> event.contentBlockDelta().stream())
                    .flatMap(delta -> delta.delta().text().stream())
                    .forEach(delta -> text.append(delta.text()));
        }
        assertTrue(text.toString().contains("Oslo"), text::toString);
    }
}
