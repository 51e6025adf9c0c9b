package dev.skald.server.serving;

import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import dev.skald.server.http.ApiError;
import dev.skald.server.log.RequestRecord;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Generates answers in the model's slots, and reports them to a listener and the log. */
public final class Generator {
    private Generator() {}

    /**
     * Answers a conversation and returns when all answers are complete.
     *
     * @throws ApiError if the conversation does not fit, or the model cannot answer it
     */
    public static void chat(ServedModel served, ChatJob job, Listener listener, RequestRecord.Builder log) {
        log.model(served.name());
        checkGenerates(served);
        served.slots().run(slot -> {
            try (Chat chat = newChat(served, job.messages(), job.calls(), job.variables(), job.maxThinkingTokens())) {
                for (int i = 0; i < job.answers(); i++) {
                    int answer = i;
                    chat.truncate(job.messages().size());
                    Consumer<GenerationOptions> settings = options -> {
                        job.settings().accept(options);
                        job.seed().ifPresent(seed -> options.seed(seed + answer));
                        options.progress((done, total) -> listener.working(total));
                    };
                    Ids ids = new Ids();
                    try (Answer generation = chat.send(List.of(), settings)) {
                        for (Token token : generation) {
                            log.firstToken();
                            slot.count();
                            listener.token(answer, token);
                            calls(generation, answer, ids, listener);
                        }
                        calls(generation, answer, ids, listener);
                        end(generation, answer, ids.whole(generation.toolCalls()), listener, log);
                    }
                }
            } catch (ContextOverflowException e) {
                throw tooLong(e);
            } catch (ChatTemplateException | UnsupportedModelException e) {
                throw ApiError.badRequest("messages", e.getMessage());
            } catch (GrammarException e) {
                throw ApiError.badRequest("tools", e.getMessage());
            }
        });
    }

    /**
     * Continues a text, once for each of the settings.
     *
     * @param prompt the tokens of the prompt, at least one
     * @param prefixes whether the prompt may use the prefix cache
     */
    public static void complete(
            ServedModel served,
            int[] prompt,
            boolean prefixes,
            List<Consumer<GenerationOptions>> answers,
            Listener listener,
            RequestRecord.Builder log) {
        log.model(served.name());
        checkGenerates(served);
        served.slots().run(slot -> {
            try (Session session = served.model()
                    .newSession(options ->
                            options.contextLength(served.contextLength()).prefixCache(prefixes))) {
                for (int i = 0; i < answers.size(); i++) {
                    Consumer<GenerationOptions> settings = answers.get(i);
                    session.truncate(0, 0);
                    try (Generation generation = session.generate(prompt, options -> {
                        settings.accept(options);
                        options.progress((done, total) -> listener.working(total));
                    })) {
                        for (Token token : generation) {
                            log.firstToken();
                            slot.count();
                            listener.token(i, token);
                        }
                        end(generation, i, List.of(), listener, log);
                    }
                }
            } catch (ContextOverflowException e) {
                throw tooLong(e);
            }
        });
    }

    private static void checkGenerates(ServedModel served) {
        if (!served.generates()) {
            throw ApiError.of(
                    ApiError.Kind.NOT_SUPPORTED,
                    "this server was started to embed and to rank texts only, and does not generate");
        }
    }

    /** Returns the prompt for a conversation. */
    public static int[] promptTokens(
            ServedModel served, List<Message> messages, ChatJob.Calls calls, Map<String, Object> variables) {
        try (Chat chat = newChat(served, messages, calls, variables, Integer.MAX_VALUE)) {
            return chat.prompt();
        } catch (ChatTemplateException | UnsupportedModelException e) {
            throw ApiError.badRequest("messages", e.getMessage());
        }
    }

    private static Chat newChat(
            ServedModel served,
            List<Message> messages,
            ChatJob.Calls calls,
            Map<String, Object> variables,
            int maxThinkingTokens) {
        return served.model().newChat(options -> {
            options.contextLength(served.contextLength());
            options.messages(messages);
            options.tools(calls.tools());
            options.toolChoice(calls.choice());
            options.parallelToolCalls(calls.parallel());
            variables.forEach(options::variable);
            options.maxThinkingTokens(maxThinkingTokens);
        });
    }

    private static ApiError tooLong(ContextOverflowException e) {
        return ApiError.coded(ApiError.Kind.BAD_REQUEST, "context_length_exceeded", e.getMessage());
    }

    private static void calls(Answer generation, int answer, Ids ids, Listener listener) {
        List<ToolCallDelta> deltas = generation.takeToolCallDeltas();
        if (!deltas.isEmpty()) {
            listener.calls(answer, ids.deltas(deltas));
        }
    }

    private static void end(
            Generation generation, int answer, List<ToolCall> calls, Listener listener, RequestRecord.Builder log) {
        GenerationResult result = generation.result();
        log.tokens(result.promptTokens() + result.cachedTokens(), result.cachedTokens(), result.generatedTokens());
        if (result.reason() == FinishReason.CANCELLED) {
            // Only an interrupt of this thread cancels a generation.
            throw Slots.ending();
        }
        listener.end(answer, result, calls);
    }
}
