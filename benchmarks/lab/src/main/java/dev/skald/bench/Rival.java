package dev.skald.bench;

import java.io.IOException;

/** Another program that runs the same model, measured in turn with Skald. */
public interface Rival {
    /**
     * Whether it can time a workload.
     *
     * @param workload what to time
     * @return false leaves that workload to Skald alone
     */
    boolean can(Workload workload);

    /**
     * Times a workload once.
     *
     * @param workload what to time
     * @return tokens per second
     * @throws IOException if the program cannot be run, or says nothing that can be read
     * @throws InterruptedException if the thread is interrupted; the program has been ended
     */
    double tokensPerSecond(Workload workload) throws IOException, InterruptedException;
}
