/** Measures the machine and the models: limits, speed, synthetic models, comparing quantizations. */
module dev.skald.bench {
    requires transitive dev.skald.runtime;
    requires com.fasterxml.jackson.databind;
    requires java.desktop;
    // Optional: without it the machine's limits are measured by plain loops.
    requires static jdk.incubator.vector;

    exports dev.skald.bench;
    exports dev.skald.bench.lab;
}
