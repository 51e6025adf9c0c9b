package dev.skald.server;

import dev.skald.runtime.event.BatchComputed;
import dev.skald.runtime.event.ModelListener;
import dev.skald.runtime.event.ModelOpened;
import dev.skald.runtime.event.PromptRead;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.server.log.RequestRecord;
import dev.skald.server.serving.PrometheusText;
import dev.skald.server.serving.ServedModel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/**
 * Counts the work of a server and its models, for Prometheus. A model is counted if it was opened with the listener
 * from {@link #model}. Thread-safe.
 *
 * {@snippet :
 * ServerMetrics metrics = new ServerMetrics();
 * Model model = Model.open(file, options -> options.listener(metrics.model("chat")));
 * SkaldServer server = SkaldServer.start(options -> options.model("chat", model).metrics(metrics));
 * }
 */
public final class ServerMetrics {
    private final ConcurrentMap<Integer, LongAdder> requests = new ConcurrentSkipListMap<>();
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder cachedTokens = new LongAdder();
    private final LongAdder generatedTokens = new LongAdder();
    private final Times times = new Times();
    private final Times firstTokens = new Times();
    private final ConcurrentMap<String, ModelCounts> models = new ConcurrentSkipListMap<>();

    /** Creates metrics with all counts at zero. */
    public ServerMetrics() {}

    /**
     * Returns the listener that counts the work of a model. Each name has one listener.
     *
     * @param name the model's name in the server
     * @return the listener for {@link dev.skald.runtime.ModelOptions#listener}
     */
    public ModelListener model(String name) {
        return models.computeIfAbsent(name, n -> new ModelCounts());
    }

    /** A histogram of durations: their count, their sum, and the number below each bound. */
    private static final class Times {
        private static final double[] BOUNDS = {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60};

        private final LongAdder[] upTo = new LongAdder[BOUNDS.length];
        private final LongAdder count = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        Times() {
            Arrays.setAll(upTo, i -> new LongAdder());
        }

        void add(Duration time) {
            double seconds = time.toNanos() * 1e-9;
            for (int i = BOUNDS.length - 1; i >= 0 && seconds <= BOUNDS[i]; i--) {
                upTo[i].increment();
            }
            nanos.add(time.toNanos());
            count.increment();
        }

        void write(PrometheusText text, String name, String labels) {
            // The count is read last, so that no bucket exceeds it.
            long[] below = Arrays.stream(upTo).mapToLong(LongAdder::sum).toArray();
            double sum = nanos.sum() * 1e-9;
            text.histogram(name, labels, BOUNDS, below, count.sum(), sum);
        }
    }

    private static final class ModelCounts implements ModelListener {
        private final LongAdder opened = new LongAdder();
        private final LongAdder openNanos = new LongAdder();
        private final LongAdder promptTokens = new LongAdder();
        private final LongAdder cachedTokens = new LongAdder();
        private final LongAdder generatedTokens = new LongAdder();
        private final LongAdder generationNanos = new LongAdder();
        private final LongAdder singleRows = new LongAdder();
        private final LongAdder promptRows = new LongAdder();
        private final ConcurrentMap<String, LongAdder> ends = new ConcurrentHashMap<>();
        private final Times prompts = new Times();
        private final Times batches = new Times();

        @Override
        public void opened(ModelOpened event) {
            opened.increment();
            openNanos.add(event.time().toNanos());
        }

        @Override
        public void promptRead(PromptRead event) {
            promptTokens.add(event.promptTokens());
            cachedTokens.add(event.cachedTokens());
            prompts.add(event.time());
        }

        @Override
        public void generationEnded(GenerationResult result) {
            ends.computeIfAbsent(result.reason().name().toLowerCase(Locale.ROOT), r -> new LongAdder())
                    .increment();
            generatedTokens.add(result.generatedTokens());
            generationNanos.add(result.generationTime().toNanos());
        }

        @Override
        public void batchComputed(BatchComputed event) {
            singleRows.add(event.singleTokens());
            promptRows.add(event.promptTokens());
            batches.add(event.time());
        }
    }

    /** Counts a request that has been answered. */
    void count(RequestRecord record) {
        requests.computeIfAbsent(record.status(), s -> new LongAdder()).increment();
        promptTokens.add(record.promptTokens());
        cachedTokens.add(record.cachedTokens());
        generatedTokens.add(record.generatedTokens());
        times.add(record.duration());
        record.firstToken().ifPresent(firstTokens::add);
    }

    /** Returns all metrics in the text format of Prometheus, version 0.0.4. */
    String text(List<ServedModel> served) {
        PrometheusText text = new PrometheusText();
        text.head("skald_requests_total", "counter", "Requests answered, by HTTP status.");
        requests.forEach((status, count) ->
                text.value("skald_requests_total", PrometheusText.label("status", status.toString()), count.sum()));
        one(text, "skald_prompt_tokens_total", "Tokens of prompts, cached ones too.", promptTokens.sum());
        one(text, "skald_cached_tokens_total", "Tokens of prompts that had been read before.", cachedTokens.sum());
        one(text, "skald_generated_tokens_total", "Tokens generated.", generatedTokens.sum());
        text.head("skald_request_seconds", "histogram", "Time that requests took.");
        times.write(text, "skald_request_seconds", "");
        text.head("skald_first_token_seconds", "histogram", "Time from a request to its first token.");
        firstTokens.write(text, "skald_first_token_seconds", "");
        gauge(
                text,
                "skald_slots",
                "Requests that a model answers at a time.",
                served,
                m -> m.slots().size());
        gauge(
                text,
                "skald_slots_busy",
                "Requests that a model answers now.",
                served,
                m -> m.slots().busySlots());
        gauge(
                text,
                "skald_requests_waiting",
                "Requests that wait for a slot.",
                served,
                m -> m.slots().waiting());
        writeModels(text);
        return text.toString();
    }

    private void writeModels(PrometheusText text) {
        if (models.isEmpty()) {
            return;
        }
        each(text, "skald_model_opened_total", "Times a model was opened.", m -> m.opened.sum());
        text.head("skald_model_open_seconds_total", "counter", "Time it took to open a model.");
        models.forEach(
                (name, m) -> text.value("skald_model_open_seconds_total", label(name), m.openNanos.sum() * 1e-9));
        each(text, "skald_model_prompt_tokens_total", "Tokens of prompts computed.", m -> m.promptTokens.sum());
        each(text, "skald_model_cached_tokens_total", "Tokens that were there already.", m -> m.cachedTokens.sum());
        each(text, "skald_model_generated_tokens_total", "Tokens generated.", m -> m.generatedTokens.sum());
        text.head("skald_model_generation_seconds_total", "counter", "Time of generations after their prompts.");
        models.forEach((name, m) ->
                text.value("skald_model_generation_seconds_total", label(name), m.generationNanos.sum() * 1e-9));
        text.head("skald_model_generations_total", "counter", "Generations that ended, by the reason.");
        models.forEach((name, m) -> m.ends.forEach((reason, count) -> text.value(
                "skald_model_generations_total",
                label(name) + "," + PrometheusText.label("reason", reason),
                count.sum())));
        text.head("skald_model_batch_rows_total", "counter", "Rows computed, of single tokens and of prompts.");
        models.forEach((name, m) -> {
            String kind = label(name) + "," + PrometheusText.label("kind", "single");
            text.value("skald_model_batch_rows_total", kind, m.singleRows.sum());
            kind = label(name) + "," + PrometheusText.label("kind", "prompt");
            text.value("skald_model_batch_rows_total", kind, m.promptRows.sum());
        });
        text.head("skald_model_prompt_seconds", "histogram", "Time that prompts took.");
        models.forEach((name, m) -> m.prompts.write(text, "skald_model_prompt_seconds", label(name)));
        text.head("skald_model_batch_seconds", "histogram", "Time that batches took.");
        models.forEach((name, m) -> m.batches.write(text, "skald_model_batch_seconds", label(name)));
    }

    private static String label(String model) {
        return PrometheusText.label("model", model);
    }

    private static void one(PrometheusText text, String name, String help, long value) {
        text.head(name, "counter", help);
        text.value(name, "", value);
    }

    private void each(PrometheusText text, String name, String help, ToLongFunction<ModelCounts> value) {
        text.head(name, "counter", help);
        for (Map.Entry<String, ModelCounts> model : models.entrySet()) {
            text.value(name, label(model.getKey()), value.applyAsLong(model.getValue()));
        }
    }

    private static void gauge(
            PrometheusText text,
            String name,
            String help,
            List<ServedModel> served,
            ToLongFunction<ServedModel> value) {
        text.head(name, "gauge", help);
        for (ServedModel model : served) {
            text.value(name, label(model.name()), value.applyAsLong(model));
        }
    }
}
