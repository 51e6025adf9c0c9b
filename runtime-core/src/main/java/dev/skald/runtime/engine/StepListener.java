package dev.skald.runtime.engine;

/** Hears of each step, on the thread that computes it. */
public interface StepListener {
    /** For nobody. */
    StepListener NONE = new StepListener() {
        @Override
        public Object begin() {
            return null;
        }

        @Override
        public void computed(Object begun, int callers, int singles, int promptRows, double seconds) {}
    };

    /** A step begins. What is returned comes back with its end. */
    Object begin();

    /** A step was computed. */
    void computed(Object begun, int callers, int singles, int promptRows, double seconds);
}
