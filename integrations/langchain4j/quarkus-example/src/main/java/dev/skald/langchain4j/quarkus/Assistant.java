package dev.skald.langchain4j.quarkus;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.service.AiServices;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestStreamElementType;

/** Answers over HTTP. */
@Path("/")
public class Assistant {
    /** A service of LangChain4j. */
    public interface Helper {
        String ask(String question);
    }

    /** What the model may call. */
    public static final class Weather {
        @Tool("The weather in a town.")
        public String weather(@P(name = "city", value = "The town") String city) {
            return city.equals("Tromsø") ? "-3 grader og snø" : "sol, 12 grader";
        }
    }

    /** A part of an answer. As an event's bare text it would lose its first space, which readers of events remove. */
    public record Piece(String text) {}

    private final Helper helper;
    private final StreamingChatModel streaming;

    @Inject
    Assistant(ChatModel chat, StreamingChatModel streaming) {
        helper = AiServices.builder(Helper.class)
                .chatModel(chat)
                .tools(new Weather())
                .build();
        this.streaming = streaming;
    }

    /** Answers a question, with what functions say. */
    @GET
    @Path("/ask")
    @Produces("text/plain;charset=UTF-8")
    public String ask(@RestQuery String question) {
        return helper.ask(question);
    }

    /** Answers a question piece by piece, as server-sent events. */
    @GET
    @Path("/stream")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.APPLICATION_JSON)
    public Multi<Piece> stream(@RestQuery String question) {
        return Multi.createFrom().emitter(emitter -> streaming.chat(question, new Pieces(emitter)));
    }

    private record Pieces(MultiEmitter<? super Piece> emitter) implements StreamingChatResponseHandler {
        @Override
        public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            if (emitter.isCancelled()) {
                // The browser has gone.
                context.streamingHandle().cancel();
            } else {
                emitter.emit(new Piece(piece.text()));
            }
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            emitter.complete();
        }

        @Override
        public void onError(Throwable error) {
            emitter.fail(error);
        }
    }
}
