package dev.skald.server.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.sampling.TokenLogprob;
import dev.skald.runtime.tokenizer.Tokenizer;
import dev.skald.server.http.Body;
import dev.skald.server.http.Endpoint;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.http.Stream;
import dev.skald.server.serving.Formats;
import dev.skald.server.serving.Generator;
import dev.skald.server.serving.Ids;
import dev.skald.server.serving.Listener;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** {@code POST /v1/completions}: continues texts without a chat template. */
public final class Completions implements Endpoint {
    /** The default length of an answer in tokens, as in OpenAI's API. */
    private static final int TOKENS = 16;

    private static final int MOST_LOGPROBS = 20;

    private final Models models;

    public Completions(Models models) {
        this.models = models;
    }

    @Override
    public void handle(Exchange exchange) {
        Body body = exchange.body();
        ServedModel served = models.find(body.string("model"));
        List<int[]> prompts = Prompts.read(body, served.model());
        Sampling sampling = Sampling.read(body, served.model());
        int most = body.integer("max_tokens", 0, Integer.MAX_VALUE).orElse(TOKENS);
        sampling.add(options -> options.maxTokens(most));
        OptionalInt logprobs = body.integer("logprobs", 0, MOST_LOGPROBS);
        logprobs.ifPresent(top -> sampling.add(options -> options.logprobs(top)));
        int answers = body.integer("n", 1, ChatCompletions.MOST_ANSWERS).orElse(1);
        body.only("best_of", Json.parse(Integer.toString(answers)), "all texts that are generated are sent");
        body.only("suffix", Json.parse("\"\""), "a text is filled in by /infill");
        body.string("grammar").ifPresent(grammar -> sampling.add(Formats.gbnf(grammar, "grammar")));
        body.value("json_schema").ifPresent(schema -> sampling.add(Formats.schema(schema, "json_schema")));
        boolean echo = body.flag("echo", false);
        if (echo && logprobs.isPresent()) {
            throw body.error("echo", "cannot be had with 'logprobs'");
        }
        boolean streams = body.flag("stream", false);
        boolean usage = body.object("stream_options")
                .map(options -> {
                    boolean include = options.flag("include_usage", false);
                    options.without("include_obfuscation");
                    options.end();
                    return include;
                })
                .orElse(false);
        OptionalLong seed = Sampling.seed(body);
        boolean prefixes = body.flag("cache_prompt", true);
        OpenAi.withoutNotes(body);
        body.end();

        List<Consumer<GenerationOptions>> all = new ArrayList<>();
        for (int i = 0; i < answers; i++) {
            int answer = i;
            all.add(options -> {
                sampling.settings().accept(options);
                seed.ifPresent(first -> options.seed(first + answer));
            });
        }
        Stream stream = exchange.stream(streams ? Stream.Form.EVENTS : Stream.Form.WHOLE);
        Reply reply = new Reply(served, stream, streams, logprobs.isPresent(), usage);
        for (int i = 0; i < prompts.size(); i++) {
            int[] prompt = prompts.get(i);
            reply.prompt(i * answers, echo ? served.model().tokenizer().decode(prompt) : "");
            Generator.complete(served, prompt, prefixes, all, reply, exchange.log());
        }
        reply.end();
    }

    /** Writes the answer in one piece or as events. */
    private static final class Reply implements Listener {
        private final ServedModel served;
        private final Stream stream;
        private final boolean streams;
        private final boolean logprobs;
        private final boolean usage;
        private final String id = Ids.random("cmpl-");
        private final long created = Instant.now().getEpochSecond();
        private final ArrayNode choices = Json.array();
        private int first;
        private String echo = "";
        private StringBuilder text;
        private ObjectNode entries;
        private int promptTokens;
        private int cachedTokens;
        private int generatedTokens;

        Reply(ServedModel served, Stream stream, boolean streams, boolean logprobs, boolean usage) {
            this.served = served;
            this.stream = stream;
            this.streams = streams;
            this.logprobs = logprobs;
            this.usage = usage;
        }

        /** Begins the continuation of another prompt. */
        void prompt(int first, String echo) {
            this.first = first;
            this.echo = echo;
            begin(echo);
        }

        private void begin(String before) {
            text = new StringBuilder(before);
            entries = Json.object();
            entries.putArray("tokens");
            entries.putArray("token_logprobs");
            entries.putArray("top_logprobs");
            entries.putArray("text_offset");
        }

        @Override
        public void working(int toRead) {
            stream.tick();
        }

        @Override
        public void token(int answer, Token token) {
            if (logprobs) {
                addLogprobs(token);
            }
            text.append(token.text());
            if (streams && !text.isEmpty()) {
                send(answer, null);
                begin("");
            } else {
                stream.tick();
            }
        }

        private void addLogprobs(Token token) {
            Tokenizer tokenizer = served.model().tokenizer();
            TokenLogprob chosen = token.logprobs().orElseThrow().chosen();
            ((ArrayNode) entries.get("tokens")).add(tokenizer.decode(new int[] {chosen.token()}, true));
            ((ArrayNode) entries.get("token_logprobs")).add(chosen.logprob());
            ObjectNode top = ((ArrayNode) entries.get("top_logprobs")).addObject();
            token.logprobs()
                    .orElseThrow()
                    .top()
                    .forEach(other -> top.put(tokenizer.decode(new int[] {other.token()}, true), other.logprob()));
            ((ArrayNode) entries.get("text_offset")).add(text.length());
        }

        private ObjectNode choice(int answer, String finish) {
            ObjectNode choice = Json.object();
            choice.put("index", first + answer);
            choice.put("text", text.toString());
            choice.set("logprobs", logprobs ? entries : null);
            choice.put("finish_reason", finish);
            return choice;
        }

        private ObjectNode head() {
            ObjectNode head = Json.object();
            head.put("id", id);
            head.put("object", "text_completion");
            head.put("created", created);
            head.put("model", served.name());
            return head;
        }

        private void send(int answer, String finish) {
            ObjectNode all = head();
            all.putArray("choices").add(choice(answer, finish));
            stream.send(all);
        }

        @Override
        public void calls(int answer, List<ToolCallDelta> deltas) {
            throw new AssertionError("a text has no calls");
        }

        @Override
        public void end(int answer, GenerationResult result, List<ToolCall> calls) {
            if (answer == 0) {
                promptTokens += result.promptTokens() + result.cachedTokens();
                cachedTokens += result.cachedTokens();
            }
            generatedTokens += result.generatedTokens();
            String finish = ChatCompletions.finish(result, calls);
            if (streams) {
                send(answer, finish);
            } else {
                choices.add(choice(answer, finish));
            }
            begin(echo);
        }

        void end() {
            ObjectNode sums = OpenAi.usage(promptTokens, cachedTokens, generatedTokens);
            if (!streams) {
                ObjectNode all = head();
                all.set("choices", choices);
                all.set("usage", sums);
                stream.end(all);
                return;
            }
            if (usage) {
                ObjectNode all = head();
                all.putArray("choices");
                all.set("usage", sums);
                stream.send(all);
            }
            stream.sendText("[DONE]");
            stream.end();
        }
    }
}
