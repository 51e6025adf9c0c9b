package dev.skald.server;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.concurrent.CompletableFuture;

/** Cancels an answer of LangChain4j's with its first piece. */
record CancelsAtOnce(CompletableFuture<String> first) implements StreamingChatResponseHandler {
    @Override
    public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
        context.streamingHandle().cancel();
        first.complete(partial.text());
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
        first.completeExceptionally(new AssertionError("the answer went on to its end: " + response));
    }

    @Override
    public void onError(Throwable error) {
        first.completeExceptionally(error);
    }
}
