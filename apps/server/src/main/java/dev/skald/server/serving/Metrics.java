package dev.skald.server.serving;

import dev.skald.server.http.RequestRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts requests and tokens, for Prometheus. For use from any thread. */
public final class Metrics {
    private final Map<Integer, LongAdder> requests = new TreeMap<>();
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder cachedTokens = new LongAdder();
    private final LongAdder generatedTokens = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder firstTokenNanos = new LongAdder();
    private final LongAdder firstTokens = new LongAdder();

    /** A request has been answered. */
    public void count(RequestRecord record) {
        synchronized (requests) {
            requests.computeIfAbsent(record.status(), s -> new LongAdder()).increment();
        }
        promptTokens.add(record.promptTokens());
        cachedTokens.add(record.cachedTokens());
        generatedTokens.add(record.generatedTokens());
        nanos.add(record.duration().toNanos());
        record.firstToken().ifPresent(time -> {
            firstTokenNanos.add(time.toNanos());
            firstTokens.increment();
        });
    }

    /** Everything in the text form of Prometheus, version 0.0.4. */
    public String text(List<ServedModel> models) {
        StringBuilder text = new StringBuilder();
        head(text, "skald_requests_total", "counter", "Requests answered, by HTTP status.");
        synchronized (requests) {
            requests.forEach((status, count) -> text.append("skald_requests_total{status=\"")
                    .append(status)
                    .append("\"} ")
                    .append(count.sum())
                    .append('\n'));
        }
        counter(text, "skald_prompt_tokens_total", "Tokens of prompts, cached ones too.", promptTokens.sum());
        counter(text, "skald_cached_tokens_total", "Tokens of prompts that had been read before.", cachedTokens.sum());
        counter(text, "skald_generated_tokens_total", "Tokens generated.", generatedTokens.sum());
        counter(text, "skald_request_seconds_total", "Time that requests took.", nanos.sum() * 1e-9);
        counter(text, "skald_first_token_seconds_total", "Time to the first token.", firstTokenNanos.sum() * 1e-9);
        counter(text, "skald_first_tokens_total", "Requests that had a first token.", firstTokens.sum());
        gauge(
                text,
                "skald_slots",
                "Requests that a model answers at a time.",
                models,
                m -> m.slots().size());
        gauge(
                text,
                "skald_slots_busy",
                "Requests that a model answers now.",
                models,
                m -> m.slots().busySlots());
        gauge(
                text,
                "skald_requests_waiting",
                "Requests that wait for a slot.",
                models,
                m -> m.slots().waiting());
        return text.toString();
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void counter(StringBuilder text, String name, String help, Number value) {
        head(text, name, "counter", help);
        text.append(name).append(' ').append(value).append('\n');
    }

    private interface Gauge {
        int of(ServedModel model);
    }

    private static void gauge(StringBuilder text, String name, String help, List<ServedModel> models, Gauge gauge) {
        head(text, name, "gauge", help);
        for (ServedModel model : models) {
            String label =
                    model.name().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
            text.append(name)
                    .append("{model=\"")
                    .append(label)
                    .append("\"} ")
                    .append(gauge.of(model))
                    .append('\n');
        }
    }
}
