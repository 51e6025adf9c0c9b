package dev.skald.spring.ai;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.model.MessageAggregator;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A chat model that runs within this program. Any number of threads may use it at the same time, and their tokens are
 * computed together.
 *
 * <p>{@link #call} computes on the calling thread; interrupting it cancels the answer, with a {@link
 * CancellationException}. {@link #stream} computes on a thread of the {@linkplain Builder#scheduler scheduler}, and
 * cancelling the subscription stops that. Calls of functions are returned, not run: a {@code ChatClient} runs them by
 * its {@code ToolCallingAdvisor}.
 *
 * <p>A model's thoughts are in the property {@code thinking} of an answer's message. The native usage is a {@link
 * GenerationResult}. An unsupported request throws an {@link IllegalArgumentException}, and a conversation that is too
 * long throws a {@link dev.skald.runtime.error.ContextOverflowException}.
 */
public class SkaldChatModel implements ChatModel {
    /** The name of the provider in observations. */
    public static final String PROVIDER = "skald";

    private static final ChatModelObservationConvention DEFAULT_CONVENTION =
            new DefaultChatModelObservationConvention();

    private final Model model;
    private final String name;
    private final SkaldChatOptions options;
    private final Consumer<ChatOptions> chatOptions;
    private final ObservationRegistry observations;
    private final ChatModelObservationConvention convention;
    private final Scheduler scheduler;
    private final AtomicInteger running = new AtomicInteger();

    private SkaldChatModel(Builder builder) {
        model = Objects.requireNonNull(builder.model, "no model: set model(...)");
        String file = String.valueOf(model.metadata().path().getFileName());
        name = builder.options.getModel() == null
                ? model.metadata().getString("general.name", file)
                : builder.options.getModel();
        options = builder.options.mutate().model(name).build();
        chatOptions = builder.chatOptions;
        observations = builder.observations;
        convention = builder.convention;
        scheduler = builder.scheduler;
    }

    /**
     * Returns the number of answers that are being generated.
     *
     * @return 0 or more
     */
    public int running() {
        return running.get();
    }

    @Override
    public SkaldChatOptions getOptions() {
        return options;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
        Prompt whole = withOptions(prompt);
        Request request = request(whole);
        ChatModelObservationContext context = context(whole, false);
        return observation(context).observe(() -> {
            ChatResponse response = answer(request, answer -> {}, piece -> {});
            context.setResponse(response);
            return response;
        });
    }

    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        Prompt whole = withOptions(prompt);
        Request request = request(whole);
        return Flux.deferContextual(view -> {
            ChatModelObservationContext context = context(whole, true);
            Observation observation = observation(context);
            Observation parent = view.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
            observation.parentObservation(parent);
            observation.start();
            Flux<ChatResponse> pieces =
                    Flux.<ChatResponse>create(sink -> generate(request, sink)).subscribeOn(scheduler);
            // The observation ends when it has the whole response, before the subscriber receives the end.
            return new MessageAggregator()
                    .aggregate(pieces, context::setResponse)
                    .doOnError(observation::error)
                    .doOnTerminate(observation::stop)
                    .doOnCancel(observation::stop)
                    .contextWrite(all -> all.put(ObservationThreadLocalAccessor.KEY, observation));
        });
    }

    private void generate(Request request, FluxSink<ChatResponse> sink) {
        AtomicReference<Answer> begun = new AtomicReference<>();
        sink.onDispose(() -> {
            Answer answer = begun.get();
            if (answer != null) {
                answer.cancel();
            }
        });
        try {
            ChatResponse last = answer(
                    request,
                    answer -> {
                        begun.set(answer);
                        if (sink.isCancelled()) {
                            answer.cancel();
                        }
                    },
                    token -> sink.next(piece(token)));
            // The text has been sent already.
            AssistantMessage message = last.getResult().getOutput();
            Generation end = new Generation(
                    AssistantMessage.builder()
                            .content("")
                            .toolCalls(message.getToolCalls())
                            .build(),
                    last.getResult().getMetadata());
            sink.next(new ChatResponse(List.of(end), last.getMetadata()));
            sink.complete();
        } catch (Throwable e) {
            if (!sink.isCancelled()) {
                sink.error(e);
            }
        }
    }

    private ChatResponse piece(Token token) {
        AssistantMessage message = AssistantMessage.builder()
                .content(token.text())
                .properties(token.reasoning().isEmpty() ? Map.of() : Map.of(Request.THINKING, token.reasoning()))
                .build();
        return new ChatResponse(
                List.of(new Generation(message)),
                ChatResponseMetadata.builder().model(name).build());
    }

    private ChatResponse answer(Request request, Consumer<Answer> begin, Consumer<Token> heard) {
        running.incrementAndGet();
        try (Chat chat = model.newChat(all -> {
                    chatOptions.accept(all);
                    request.set(all);
                });
                Answer answer = chat.send(List.of(), request::set)) {
            begin.accept(answer);
            StringBuilder text = new StringBuilder();
            for (Token token : answer) {
                text.append(token.text());
                if (!token.text().isEmpty() || !token.reasoning().isEmpty()) {
                    heard.accept(token);
                }
            }
            GenerationResult result = answer.result();
            if (result.reason() == FinishReason.CANCELLED) {
                throw new CancellationException(
                        "the answer was cancelled after " + result.generatedTokens() + " tokens");
            }
            return response(text.toString(), answer, result);
        } finally {
            running.decrementAndGet();
        }
    }

    private ChatResponse response(String text, Answer answer, GenerationResult result) {
        List<AssistantMessage.ToolCall> calls = answer.toolCalls().stream()
                .map(call -> new AssistantMessage.ToolCall(
                        call.id().isEmpty() ? ToolCall.newId() : call.id(),
                        "function",
                        call.name(),
                        call.argumentsJson()))
                .toList();
        AssistantMessage message = AssistantMessage.builder()
                .content(text)
                .properties(answer.reasoning().isEmpty() ? Map.of() : Map.of(Request.THINKING, answer.reasoning()))
                .toolCalls(calls)
                .build();
        ChatGenerationMetadata end = ChatGenerationMetadata.builder()
                .finishReason(calls.isEmpty() ? reason(result.reason()) : "tool_calls")
                .build();
        int prompt = result.promptTokens() + result.cachedTokens();
        ChatResponseMetadata metadata = ChatResponseMetadata.builder()
                .id("chatcmpl-" + UUID.randomUUID())
                .model(name)
                .usage(new DefaultUsage(
                        prompt,
                        result.generatedTokens(),
                        prompt + result.generatedTokens(),
                        result,
                        (long) result.cachedTokens(),
                        null))
                .build();
        return new ChatResponse(List.of(new Generation(message, end)), metadata);
    }

    private static String reason(FinishReason reason) {
        return switch (reason) {
            case END, STOP -> "stop";
            case MAX_TOKENS, CONTEXT_FULL -> "length";
            case CANCELLED -> "cancelled";
        };
    }

    /** Adds options that are not Skald's to those of this model. */
    private Prompt withOptions(Prompt prompt) {
        SkaldChatOptions all = switch (prompt.getOptions()) {
            case null -> options;
            case SkaldChatOptions own -> own;
            case org.springframework.ai.chat.prompt.ChatOptions other ->
                options.mutate().combineWith(other.mutate()).build();
        };
        return prompt.mutate().chatOptions(all).build();
    }

    private Request request(Prompt prompt) {
        return new Request(prompt.getInstructions(), (SkaldChatOptions) prompt.getOptions(), name);
    }

    private static ChatModelObservationContext context(Prompt prompt, boolean streaming) {
        return ChatModelObservationContext.builder()
                .prompt(prompt)
                .provider(PROVIDER)
                .streaming(streaming)
                .build();
    }

    private Observation observation(ChatModelObservationContext context) {
        return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
                convention, DEFAULT_CONVENTION, () -> context, observations);
    }

    /**
     * Creates a builder.
     *
     * @return a builder without a model
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link SkaldChatModel}. */
    public static final class Builder {
        private Model model;
        private SkaldChatOptions options = SkaldChatOptions.builder().build();
        private Consumer<ChatOptions> chatOptions = all -> {};
        private ObservationRegistry observations = ObservationRegistry.NOOP;
        private ChatModelObservationConvention convention;
        private Scheduler scheduler = Schedulers.boundedElastic();

        private Builder() {}

        /**
         * Sets the model, which others may use at the same time.
         *
         * @param value the model; its owner closes it
         * @return this
         */
        public Builder model(Model value) {
            model = value;
            return this;
        }

        /**
         * Sets the options of prompts that have none. Their model is the name in responses; the default is the name in
         * the file.
         *
         * @param value the options
         * @return this
         */
        public Builder options(SkaldChatOptions value) {
            options = Objects.requireNonNull(value, "options");
            return this;
        }

        /**
         * Changes options that Spring AI does not have: the chat template, the context length, adapters, and through
         * {@link ChatOptions#generation} the other sampling settings.
         *
         * @param settings changes the options of each conversation; messages, tools and options are set after it
         * @return this
         */
        public Builder chatOptions(Consumer<ChatOptions> settings) {
            chatOptions = Objects.requireNonNull(settings, "chatOptions");
            return this;
        }

        /**
         * Sets the registry that observes answers.
         *
         * @param value the registry; by default none
         * @return this
         */
        public Builder observationRegistry(ObservationRegistry value) {
            observations = Objects.requireNonNull(value, "observationRegistry");
            return this;
        }

        /**
         * Sets the names and the content of observations.
         *
         * @param value the convention; null for Spring AI's default
         * @return this
         */
        public Builder observationConvention(ChatModelObservationConvention value) {
            convention = value;
            return this;
        }

        /**
         * Sets the scheduler that computes streamed answers. A fixed number of threads limits how many are computed at
         * the same time.
         *
         * @param value the scheduler; by default {@link Schedulers#boundedElastic()}
         * @return this
         */
        public Builder scheduler(Scheduler value) {
            scheduler = Objects.requireNonNull(value, "scheduler");
            return this;
        }

        /**
         * Builds the chat model.
         *
         * @return the chat model
         */
        public SkaldChatModel build() {
            return new SkaldChatModel(this);
        }
    }
}
