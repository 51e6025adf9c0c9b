package dev.skald.bench;

import java.io.IOException;

/** Another program that runs the same model, measured alternately with Skald. */
public interface Rival {
    /**
     * Whether it can time a workload.
     *
     * @param workload the workload
     * @return false if only Skald can time it
     */
    boolean can(Workload workload);

    /**
     * Times a workload once.
     *
     * @param workload the workload
     * @return tokens per second
     * @throws IOException if the program cannot be run, or prints nothing that can be read
     * @throws InterruptedException if the thread is interrupted; the program has been ended
     */
    double tokensPerSecond(Workload workload) throws IOException, InterruptedException;
}
