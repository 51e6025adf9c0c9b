package dev.skald.runtime.engine;

import dev.skald.runtime.arch.Network;
import dev.skald.runtime.engine.Job.Rows;
import dev.skald.runtime.layer.Batch;
import dev.skald.runtime.layer.Results;
import dev.skald.runtime.layer.Want;
import dev.skald.runtime.layer.Workspace;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Rows of several jobs that are computed together. */
final class Step {
    /** The jobs, with what was taken of each: those with single rows first, as in the batch. */
    private final List<Job> jobs = new ArrayList<>();

    private final int unit;
    private int singles;
    private int promptRows;
    private double seconds;

    /**
     * Takes the rows of the next step: some of the first job in any case, and of other jobs that can be computed with it.
     *
     * @param most the greatest number of rows
     * @param mostOfPrompts the greatest number of rows of prompts
     * @param unit of prompts, see {@link Workspace#promptUnit}; if it is more than 1, a step has rows of one prompt only
     */
    Step(Deque<Job> waiting, int most, int mostOfPrompts, int unit) {
        this.unit = unit;
        Job first = waiting.peekFirst();
        take(first, most, mostOfPrompts);
        if (!first.alone) {
            for (Job job : waiting) {
                if (job != first && job.rows.single() && !job.alone && rows() + job.rows.count() <= most) {
                    take(job, most, mostOfPrompts);
                }
            }
            for (Job job : waiting) {
                int left = Math.min(most - rows(), mostOfPrompts - promptRows);
                boolean room = left > 0 && (unit == 1 || promptRows == 0);
                boolean fits = !job.whole || job.rows.count() <= left;
                if (job != first && !job.rows.single() && !job.alone && room && fits) {
                    take(job, left, left);
                }
            }
        }
        waiting.removeAll(jobs);
        jobs.sort((a, b) -> Boolean.compare(b.rows.single(), a.rows.single()));
    }

    private void take(Job job, int most, int mostOfPrompts) {
        if (job.rows.single()) {
            singles += job.take(most, 1);
        } else {
            promptRows += job.take(Math.min(most, mostOfPrompts), unit);
        }
        jobs.add(job);
    }

    int singles() {
        return singles;
    }

    int promptRows() {
        return promptRows;
    }

    private int rows() {
        return singles + promptRows;
    }

    List<Job> jobs() {
        return jobs;
    }

    double seconds() {
        return seconds;
    }

    /** Holds the results of all jobs before each gets its own; reused from step to step. */
    static final class Shared {
        private float[] logits = {};
        private float[] hidden = {};

        private float[] logits(int floats) {
            logits = logits.length < floats ? new float[floats] : logits;
            return logits;
        }

        private float[] hidden(int floats) {
            hidden = hidden.length < floats ? new float[floats] : hidden;
            return hidden;
        }
    }

    /**
     * Computes.
     *
     * @return the results of each job, or null if the pass was cancelled
     */
    List<float[]> run(Network network, Workspace work, Shared shared, BooleanSupplier cancelled) {
        long start = System.nanoTime();
        Batch batch = batch();
        int vocabulary = network.vocabularySize();
        int width = network.width();
        List<float[]> own = new ArrayList<>();
        for (Job job : jobs) {
            own.add(job.room.array(job.wanted()));
        }
        if (jobs.size() == 1) {
            // The results of a single job are written directly to where the job wants them.
            float[] results = own.getFirst();
            boolean hidden = jobs.getFirst().rows.want() == Want.HIDDEN;
            if (!network.forward(
                    work, batch, hidden ? new Results(new float[0], results) : Results.logits(results), cancelled)) {
                return null;
            }
        } else {
            float[] logits = shared.logits(Math.multiplyExact(batch.wanting(Want.LOGITS), vocabulary));
            float[] hidden = shared.hidden(Math.multiplyExact(batch.wanting(Want.HIDDEN), width));
            if (!network.forward(work, batch, new Results(logits, hidden), cancelled)) {
                return null;
            }
            int logitsAt = 0;
            int hiddenAt = 0;
            for (int i = 0; i < jobs.size(); i++) {
                int wanted = jobs.get(i).wanted();
                if (jobs.get(i).rows.want() == Want.HIDDEN) {
                    System.arraycopy(hidden, hiddenAt, own.get(i), 0, wanted * width);
                    hiddenAt += wanted * width;
                } else {
                    System.arraycopy(logits, logitsAt, own.get(i), 0, wanted * vocabulary);
                    logitsAt += wanted * vocabulary;
                }
            }
        }
        seconds = (System.nanoTime() - start) * 1e-9;
        return own;
    }

    private Batch batch() {
        Batch batch = new Batch(rows(), jobs.size() == 1 ? jobs.getFirst().listener : null);
        for (Job job : jobs) {
            Rows rows = job.rows;
            for (int i = job.start(); i < job.done(); i++) {
                Want want = rows.want(i);
                if (rows.single()) {
                    batch.addSingle(rows.tokens()[i], rows.states()[i], rows.positions()[i], want);
                } else {
                    batch.add(rows.tokens()[i], rows.states()[i], rows.positions()[i], want);
                }
            }
        }
        return batch;
    }
}
