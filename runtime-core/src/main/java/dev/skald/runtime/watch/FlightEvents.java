package dev.skald.runtime.watch;

import dev.skald.runtime.event.BatchComputed;
import dev.skald.runtime.event.ModelOpened;
import dev.skald.runtime.event.PromptRead;
import dev.skald.runtime.generate.GenerationResult;
import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Events of the flight recorder. Only {@link Watch} uses this class, and only if the runtime has the recorder. */
final class FlightEvents {
    private FlightEvents() {}

    /** Begins an event; returns null if no recording wants it. */
    static Object begin(Supplier<? extends Event> type) {
        if (!FlightRecorder.isInitialized()) {
            return null;
        }
        Event event = type.get();
        if (!event.isEnabled()) {
            return null;
        }
        event.begin();
        return event;
    }

    static void end(Object begun, ModelOpened opened) {
        ModelOpen event = (ModelOpen) begun;
        event.file = opened.file().toString();
        event.architecture = opened.architecture();
        event.weights = opened.weightBytes();
        event.commit();
    }

    static void end(Object begun, PromptRead read) {
        Prompt event = (Prompt) begun;
        event.cachedTokens = read.cachedTokens();
        event.promptTokens = read.promptTokens();
        event.commit();
    }

    static void end(Object begun, GenerationResult result) {
        Generation event = (Generation) begun;
        event.reason = result.reason().name();
        event.cachedTokens = result.cachedTokens();
        event.promptTokens = result.promptTokens();
        event.generatedTokens = result.generatedTokens();
        event.commit();
    }

    static void end(Object begun, BatchComputed computed) {
        Batch event = (Batch) begun;
        event.callers = computed.callers();
        event.singleTokens = computed.singleTokens();
        event.promptTokens = computed.promptTokens();
        event.commit();
    }

    @Name("dev.skald.ModelOpen")
    @Label("Model Open")
    @Category("Skald")
    @StackTrace(false)
    static final class ModelOpen extends Event {
        @Label("File")
        String file;

        @Label("Architecture")
        String architecture;

        @Label("Weights")
        @DataAmount
        long weights;
    }

    @Name("dev.skald.Prompt")
    @Label("Prompt")
    @Description("A generation computed its prompt")
    @Category("Skald")
    @StackTrace(false)
    static final class Prompt extends Event {
        @Label("Cached Tokens")
        int cachedTokens;

        @Label("Computed Tokens")
        int promptTokens;
    }

    @Name("dev.skald.Generation")
    @Label("Generation")
    @Description("From the first request for a token to the end of the text")
    @Category("Skald")
    @StackTrace(false)
    static final class Generation extends Event {
        @Label("Reason")
        String reason;

        @Label("Cached Tokens")
        int cachedTokens;

        @Label("Prompt Tokens")
        int promptTokens;

        @Label("Generated Tokens")
        int generatedTokens;
    }

    @Name("dev.skald.Batch")
    @Label("Batch")
    @Description("Rows of one or several callers that were computed together")
    @Category("Skald")
    @StackTrace(false)
    static final class Batch extends Event {
        @Label("Callers")
        int callers;

        @Label("Single Tokens")
        int singleTokens;

        @Label("Prompt Tokens")
        int promptTokens;
    }
}
