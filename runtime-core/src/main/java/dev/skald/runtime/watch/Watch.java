package dev.skald.runtime.watch;

import dev.skald.runtime.engine.StepListener;
import dev.skald.runtime.event.BatchComputed;
import dev.skald.runtime.event.ModelListener;
import dev.skald.runtime.event.ModelOpened;
import dev.skald.runtime.event.PromptRead;
import dev.skald.runtime.generate.GenerationResult;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.Consumer;

/** Reports a model's work to its listener and the flight recorder. Without either it does almost nothing. */
public final class Watch implements StepListener {
    private static final System.Logger LOG = System.getLogger(Watch.class.getName());

    /** Whether the runtime has a flight recorder, whose module may be absent. */
    private static final boolean RECORDS = isThere("jdk.jfr.Event");

    private final ModelListener listener;

    /**
     * Creates a watch.
     *
     * @param listener the listener; null for none
     */
    public Watch(ModelListener listener) {
        this.listener = listener;
    }

    private static boolean isThere(String type) {
        try {
            Class<?> found = Class.forName(type, false, Watch.class.getClassLoader());
            // A class of a module that ours does not read can be found, but not used.
            return Watch.class.getModule().canRead(found.getModule());
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private void tell(Consumer<ModelListener> event) {
        if (listener == null) {
            return;
        }
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a model listener failed", e);
        }
    }

    /** Called before a model is opened. */
    public Object beginOpen() {
        return RECORDS ? FlightEvents.begin(FlightEvents.ModelOpen::new) : null;
    }

    /** Called when a model has been opened. */
    public void opened(Object begun, ModelOpened event) {
        if (begun != null) {
            FlightEvents.end(begun, event);
        }
        tell(l -> l.opened(event));
    }

    /** Called before a prompt is computed. */
    public Object beginPrompt() {
        return RECORDS ? FlightEvents.begin(FlightEvents.Prompt::new) : null;
    }

    /** Called when a prompt has been computed. */
    public void promptRead(Object begun, int cached, int computed, long nanos) {
        if (begun == null && listener == null) {
            return;
        }
        PromptRead event = new PromptRead(cached, computed, Duration.ofNanos(nanos));
        if (begun != null) {
            FlightEvents.end(begun, event);
        }
        tell(l -> l.promptRead(event));
    }

    /** Called when a generation begins. */
    public Object beginGeneration() {
        return RECORDS ? FlightEvents.begin(FlightEvents.Generation::new) : null;
    }

    /** Called when a generation has ended. */
    public void generationEnded(Object begun, GenerationResult result) {
        if (begun != null) {
            FlightEvents.end(begun, result);
        }
        tell(l -> l.generationEnded(result));
    }

    @Override
    public Object begin() {
        return RECORDS ? FlightEvents.begin(FlightEvents.Batch::new) : null;
    }

    @Override
    public void computed(Object begun, int callers, int singles, int promptRows, double seconds) {
        if (begun == null && listener == null) {
            return;
        }
        BatchComputed event =
                new BatchComputed(callers, singles, promptRows, Duration.ofNanos(Math.round(seconds * 1e9)));
        if (begun != null) {
            FlightEvents.end(begun, event);
        }
        tell(l -> l.batchComputed(event));
    }
}
