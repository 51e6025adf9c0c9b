package dev.skald.server.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import dev.skald.server.http.Body;
import dev.skald.server.http.Endpoint;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.http.Stream;
import dev.skald.server.serving.ChatJob;
import dev.skald.server.serving.Formats;
import dev.skald.server.serving.Generator;
import dev.skald.server.serving.Ids;
import dev.skald.server.serving.Listener;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import dev.skald.server.serving.Timings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code POST /v1/chat/completions}. */
public final class ChatCompletions implements Endpoint {
    /** The maximum number of answers to a request. */
    static final int MOST_ANSWERS = 128;

    /** The maximum number of alternatives for each token. */
    static final int MOST_LOGPROBS = 20;

    private final Models models;

    public ChatCompletions(Models models) {
        this.models = models;
    }

    @Override
    public void handle(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        ChatRequests.Conversation conversation = ChatRequests.conversation(body);
        Sampling sampling = Sampling.read(body, served.model());
        sampling.limit(body, "max_completion_tokens", "max_tokens");
        boolean logprobs = body.flag("logprobs", false);
        int top = body.integer("top_logprobs", 0, MOST_LOGPROBS).orElse(0);
        if (top > 0 && !logprobs) {
            throw body.error("top_logprobs", "needs 'logprobs': true");
        }
        if (logprobs) {
            sampling.add(options -> options.logprobs(top));
        }
        format(body, sampling);
        int answers = body.integer("n", 1, MOST_ANSWERS).orElse(1);
        boolean streams = body.flag("stream", false);
        boolean usage = body.object("stream_options")
                .map(options -> {
                    boolean include = options.flag("include_usage", false);
                    options.without("include_obfuscation");
                    options.end();
                    return include;
                })
                .orElse(false);
        ChatJob job = new ChatJob(
                conversation.messages(),
                conversation.calls(),
                conversation.variables(),
                body.integer("thinking_budget", 0, Integer.MAX_VALUE).orElse(Integer.MAX_VALUE),
                sampling.settings(),
                Sampling.seed(body),
                answers);
        OpenAi.withoutNotes(body);
        body.end();

        Stream stream = exchange.stream(streams ? Stream.Form.EVENTS : Stream.Form.WHOLE);
        Reply reply = streams
                ? new Chunks(served, stream, logprobs, usage, answers)
                : new Whole(served, stream, logprobs, answers);
        Generator.chat(served, job, reply, exchange.log());
        reply.end();
    }

    /** Reads the form of the answer: text, JSON, or JSON that matches a schema; or a grammar, as in llama-server. */
    private static void format(Body body, Sampling sampling) {
        body.string("grammar").ifPresent(grammar -> sampling.add(Formats.gbnf(grammar, "grammar")));
        body.object("response_format").ifPresent(format -> AnswerFormat.ofChat(format, sampling));
    }

    /** The common part of complete and streamed answers. */
    private abstract static class Reply implements Listener {
        final ServedModel served;
        final Stream stream;
        final boolean logprobs;
        private final String id = Ids.random("chatcmpl-");
        private final long created = Instant.now().getEpochSecond();
        private final List<GenerationResult> results = new ArrayList<>();

        Reply(ServedModel served, Stream stream, boolean logprobs) {
            this.served = served;
            this.stream = stream;
            this.logprobs = logprobs;
        }

        ObjectNode head(String object) {
            ObjectNode head = Json.object();
            head.put("id", id);
            head.put("object", object);
            head.put("created", created);
            head.put("model", served.name());
            return head;
        }

        @Override
        public void working(int toRead) {
            stream.tick();
        }

        @Override
        public void end(int answer, GenerationResult result, List<ToolCall> calls) {
            results.add(result);
        }

        /** Adds the counts. The prompt counts once, even for several answers. */
        void addUsage(ObjectNode to) {
            GenerationResult first = results.getFirst();
            int generated =
                    results.stream().mapToInt(GenerationResult::generatedTokens).sum();
            to.set("usage", OpenAi.usage(first.promptTokens() + first.cachedTokens(), first.cachedTokens(), generated));
        }

        /** Adds the times, as llama-server does. */
        void addTimings(ObjectNode to) {
            to.set("timings", Timings.of(results));
        }

        abstract void end();
    }

    static String finish(GenerationResult result, List<ToolCall> calls) {
        if (!calls.isEmpty()) {
            return "tool_calls";
        }
        return result.reason() == FinishReason.MAX_TOKENS || result.reason() == FinishReason.CONTEXT_FULL
                ? "length"
                : "stop";
    }

    private static ObjectNode call(ToolCall call) {
        ObjectNode node = Json.object();
        node.put("id", call.id());
        node.put("type", "function");
        node.putObject("function").put("name", call.name()).put("arguments", call.argumentsJson());
        return node;
    }

    /** An answer in one piece. */
    private static final class Whole extends Reply {
        private final ArrayNode choices = Json.array();
        private final List<StringBuilder> texts = new ArrayList<>();
        private final List<StringBuilder> thoughts = new ArrayList<>();
        private final List<ArrayNode> entries = new ArrayList<>();

        Whole(ServedModel served, Stream stream, boolean logprobs, int answers) {
            super(served, stream, logprobs);
            for (int i = 0; i < answers; i++) {
                texts.add(new StringBuilder());
                thoughts.add(new StringBuilder());
                entries.add(Json.array());
            }
        }

        @Override
        public void token(int answer, Token token) {
            texts.get(answer).append(token.text());
            thoughts.get(answer).append(token.reasoning());
            if (logprobs) {
                entries.get(answer).add(Logprobs.entry(served.model().tokenizer(), token));
            }
            stream.tick();
        }

        @Override
        public void calls(int answer, List<ToolCallDelta> deltas) {
            // The complete calls come at the end.
        }

        @Override
        public void end(int answer, GenerationResult result, List<ToolCall> calls) {
            super.end(answer, result, calls);
            ObjectNode choice = choices.addObject();
            choice.put("index", answer);
            ObjectNode message = choice.putObject("message");
            message.put("role", "assistant");
            String text = texts.get(answer).toString();
            message.put("content", text.isEmpty() && !calls.isEmpty() ? null : text);
            message.putNull("refusal");
            if (!thoughts.get(answer).isEmpty()) {
                message.put("reasoning_content", thoughts.get(answer).toString());
            }
            if (!calls.isEmpty()) {
                ArrayNode all = message.putArray("tool_calls");
                calls.forEach(call -> all.add(call(call)));
            }
            if (logprobs) {
                choice.putObject("logprobs").set("content", entries.get(answer));
            } else {
                choice.putNull("logprobs");
            }
            choice.put("finish_reason", finish(result, calls));
        }

        @Override
        void end() {
            ObjectNode all = head("chat.completion");
            all.set("choices", choices);
            addUsage(all);
            addTimings(all);
            stream.end(all);
        }
    }

    /** An answer as events. */
    private static final class Chunks extends Reply {
        private final boolean usage;
        private final int answers;
        private int begun;

        Chunks(ServedModel served, Stream stream, boolean logprobs, boolean usage, int answers) {
            super(served, stream, logprobs);
            this.usage = usage;
            this.answers = answers;
        }

        private void send(int answer, ObjectNode delta, Optional<ObjectNode> entry) {
            stream.send(chunk(answer, delta, entry, null));
        }

        private ObjectNode chunk(int answer, ObjectNode delta, Optional<ObjectNode> entry, String finish) {
            ObjectNode all = head("chat.completion.chunk");
            ObjectNode choice = all.putArray("choices").addObject();
            choice.put("index", answer);
            choice.set("delta", delta);
            if (entry.isPresent()) {
                choice.putObject("logprobs").putArray("content").add(entry.get());
            } else {
                choice.putNull("logprobs");
            }
            choice.put("finish_reason", finish);
            if (usage) {
                all.putNull("usage");
            }
            return all;
        }

        private void begin(int answer) {
            if (begun == answer) {
                begun++;
                send(answer, Json.object().put("role", "assistant").put("content", ""), Optional.empty());
            }
        }

        @Override
        public void token(int answer, Token token) {
            begin(answer);
            if (!token.reasoning().isEmpty()) {
                send(answer, Json.object().put("reasoning_content", token.reasoning()), Optional.empty());
            }
            if (token.text().isEmpty() && !logprobs) {
                stream.tick();
                return;
            }
            Optional<ObjectNode> entry =
                    logprobs ? Optional.of(Logprobs.entry(served.model().tokenizer(), token)) : Optional.empty();
            send(answer, Json.object().put("content", token.text()), entry);
        }

        @Override
        public void calls(int answer, List<ToolCallDelta> deltas) {
            begin(answer);
            for (ToolCallDelta one : deltas) {
                ObjectNode delta = Json.object();
                ObjectNode call = delta.putArray("tool_calls").addObject();
                call.put("index", one.index());
                ObjectNode function = Json.object();
                if (!one.name().isEmpty()) {
                    call.put("id", one.id());
                    call.put("type", "function");
                    function.put("name", one.name());
                }
                call.set("function", function.put("arguments", one.arguments()));
                send(answer, delta, Optional.empty());
            }
        }

        @Override
        public void end(int answer, GenerationResult result, List<ToolCall> calls) {
            super.end(answer, result, calls);
            begin(answer);
            ObjectNode last = chunk(answer, Json.object(), Optional.empty(), finish(result, calls));
            if (!usage && answer == answers - 1) {
                addTimings(last);
            }
            stream.send(last);
        }

        @Override
        void end() {
            if (usage) {
                ObjectNode all = head("chat.completion.chunk");
                all.putArray("choices");
                addUsage(all);
                addTimings(all);
                stream.send(all);
            }
            stream.sendText("[DONE]");
            stream.end();
        }
    }
}
