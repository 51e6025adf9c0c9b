package dev.skald.server.llama;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.sampling.TokenLogprobs;
import dev.skald.runtime.tokenizer.Tokenizer;
import dev.skald.server.http.Json;
import dev.skald.server.http.Stream;
import dev.skald.server.llama.TextCompletions.Request;
import dev.skald.server.openai.Logprobs;
import dev.skald.server.serving.Listener;
import dev.skald.server.serving.Timings;
import java.time.Duration;
import java.util.List;

/** Writes texts that continue prompts in the form of llama-server: complete texts, or a part with each token. */
final class TextWriter implements Listener {
    private final Request request;
    private final Stream stream;
    private final ArrayNode all = Json.array();
    private int first;
    private int[] prompt;

    /** The current text, or its next part if parts are sent. */
    private final StringBuilder text = new StringBuilder();

    private ArrayNode tokens = Json.array();
    private ArrayNode probabilities = Json.array();
    private boolean newLine;
    private int generated;
    private long start;
    private long firstToken;

    TextWriter(Request request, Stream stream) {
        this.request = request;
        this.stream = stream;
    }

    /** Begins the continuation of a prompt. */
    void prompt(int index, int[] tokens) {
        first = index;
        prompt = tokens;
        begin();
    }

    private void begin() {
        clear();
        newLine = false;
        generated = 0;
        start = System.nanoTime();
    }

    private void clear() {
        text.setLength(0);
        tokens = Json.array();
        probabilities = Json.array();
    }

    @Override
    public void working(int toRead) {
        stream.tick();
    }

    @Override
    public void token(int answer, Token token) {
        if (generated++ == 0) {
            firstToken = System.nanoTime();
        }
        text.append(token.text());
        newLine |= token.text().indexOf('\n') >= 0;
        if (request.tokens() || request.streams()) {
            tokens.add(token.id());
        }
        token.logprobs().ifPresent(logprobs -> probabilities.add(entry(token, logprobs)));
        if (!request.streams() || text.isEmpty()) {
            stream.tick();
            return;
        }
        ObjectNode part = Json.object();
        part.put("index", first + answer);
        part.put("content", text.toString());
        part.set("tokens", tokens);
        part.put("stop", false);
        part.put("id_slot", -1);
        part.put("tokens_predicted", generated);
        part.put("tokens_evaluated", prompt.length);
        if (request.timings()) {
            Duration read = Duration.ofNanos(firstToken - start);
            Duration wrote = Duration.ofNanos(System.nanoTime() - firstToken);
            part.set("timings", Timings.of(prompt.length, generated, read, wrote));
        }
        addProbabilities(part);
        stream.send(part);
        clear();
    }

    private void addProbabilities(ObjectNode to) {
        if (!probabilities.isEmpty()) {
            to.set("completion_probabilities", probabilities);
        }
    }

    private ObjectNode entry(Token token, TokenLogprobs logprobs) {
        Tokenizer tokenizer = request.served().model().tokenizer();
        ObjectNode entry = Logprobs.entry(tokenizer, token);
        entry.put("id", logprobs.chosen().token());
        for (int i = 0; i < logprobs.top().size(); i++) {
            ((ObjectNode) entry.get("top_logprobs").get(i))
                    .put("id", logprobs.top().get(i).token());
        }
        return entry;
    }

    @Override
    public void calls(int answer, List<ToolCallDelta> deltas) {
        throw new AssertionError("a text has no calls");
    }

    @Override
    public void end(int answer, GenerationResult result, List<ToolCall> calls) {
        ObjectNode whole = Json.object();
        whole.put("index", first + answer);
        whole.put("content", text.toString());
        whole.set("tokens", tokens);
        whole.put("id_slot", -1);
        whole.put("stop", true);
        whole.put("model", request.served().name());
        whole.put("tokens_predicted", result.generatedTokens());
        whole.put("tokens_evaluated", result.promptTokens() + result.cachedTokens());
        ObjectNode settings = request.echo().deepCopy();
        settings.put("seed", result.seed());
        whole.set("generation_settings", settings);
        whole.put("prompt", request.served().model().tokenizer().decode(prompt, true));
        whole.put("has_new_line", newLine);
        whole.put("truncated", result.reason() == FinishReason.CONTEXT_FULL);
        whole.put(
                "stop_type",
                switch (result.reason()) {
                    case STOP -> "word";
                    case MAX_TOKENS, CONTEXT_FULL -> "limit";
                    default -> "eos";
                });
        whole.put("stopping_word", result.reason() == FinishReason.STOP ? result.stop() : "");
        whole.put("tokens_cached", result.cachedTokens());
        whole.set("timings", Timings.of(List.of(result)));
        addProbabilities(whole);
        if (request.streams()) {
            stream.send(TextCompletions.only(request.fields(), whole));
        } else {
            all.add(TextCompletions.only(request.fields(), whole));
        }
        begin();
    }

    /** Ends the answer: one object, or an array of them for several texts. */
    void finish() {
        if (request.streams()) {
            stream.end();
        } else {
            stream.end(all.size() == 1 ? all.get(0) : all);
        }
    }
}
