package dev.skald.runtime.measure;

import dev.skald.runtime.io.Chunks;
import java.io.IOException;

/** Compares a model's predictions with a base, row by row, and sums up. */
final class Comparison implements ChunkReader.Scorer {
    /** With fewer values, a covariance is meaningless, as in llama.cpp. */
    private static final int FEW = 10;

    private final Chunks text;
    private final BaseReader base;
    private final double[] nll;
    private final double[] baseNll;
    private final double[] divergence;
    private final boolean[] same;

    private int chunks;
    private final Sums own = new Sums();
    private final Sums other = new Sums();
    private final Sums kl = new Sums();
    private final Sums change = new Sums();
    private double products;
    private double fourths;
    private long agreed;
    private final float[] allKl;
    private final float[] allChanges;

    /** The sums of values and of their squares. */
    private static final class Sums {
        private double sum;
        private double squares;

        void add(double value) {
            sum += value;
            squares += value * value;
        }
    }

    Comparison(Chunks text, BaseReader base) {
        this.text = text;
        this.base = base;
        int rows = text.counted();
        nll = new double[rows];
        baseNll = new double[rows];
        divergence = new double[rows];
        same = new boolean[rows];
        allKl = new float[Math.multiplyExact(text.count(), rows)];
        allChanges = new float[allKl.length];
    }

    @Override
    public void score(int chunk, int row, float[] logits, int offset) throws IOException {
        int vocabulary = base.vocabulary();
        int token = text.token(chunk, text.first() + row + 1);
        BaseReader.Row before = base.row(chunk, row, token);
        double normalizer = LogSoftmax.normalizer(logits, offset, vocabulary);
        double sum = 0;
        for (int i = 0; i < vocabulary; i++) {
            double p = before.logProbability(i);
            // Less probable tokens add nothing, and the base has cut them off.
            if (p > -BaseFile.REACH) {
                sum += Math.exp(p) * (p - logits[offset + i] + normalizer);
            }
        }
        nll[row] = normalizer - logits[offset + token];
        baseNll[row] = before.nll();
        divergence[row] = sum;
        same[row] = LogSoftmax.top(logits, offset, vocabulary) == before.top();
    }

    /** Adds a chunk whose rows have been scored. */
    Divergence next() {
        int at = chunks++ * text.counted();
        for (int row = 0; row < nll.length; row++) {
            double more = Math.exp(-nll[row]) - Math.exp(-baseNll[row]);
            own.add(nll[row]);
            other.add(baseNll[row]);
            products += nll[row] * baseNll[row];
            kl.add(divergence[row]);
            change.add(more);
            fourths += more * more * more * more;
            agreed += same[row] ? 1 : 0;
            allKl[at + row] = (float) divergence[row];
            allChanges[at + row] = (float) more;
        }
        return result();
    }

    Divergence result() {
        int count = chunks * text.counted();
        Estimate ownNll = mean(own, count);
        Estimate otherNll = mean(other, count);
        double covariance = count < FEW ? 0 : (products / count - ownNll.value() * otherNll.value()) / (count - 1);
        double variance = ownNll.error() * ownNll.error() + otherNll.error() * otherNll.error() - 2 * covariance;
        double errors = ownNll.error() * otherNll.error();
        Estimate square = Estimate.mean(change.squares, fourths, count);
        double rms = Math.sqrt(square.value());
        double share = (double) agreed / count;
        return new Divergence(
                perplexity(ownNll, count),
                perplexity(otherNll, count),
                new Estimate(ownNll.value() - otherNll.value(), Math.sqrt(Math.max(0, variance))),
                errors == 0 ? 0 : Math.clamp(covariance / errors, -1, 1),
                new Distribution(mean(kl, count), allKl, count),
                new Distribution(mean(change, count), allChanges, count),
                square.map(rms, rms == 0 ? 0 : 0.5 / rms),
                new Estimate(share, Math.sqrt(share * (1 - share) / Math.max(1, count - 1))));
    }

    private static Estimate mean(Sums sums, int count) {
        return Estimate.mean(sums.sum, sums.squares, count);
    }

    private Perplexity perplexity(Estimate mean, int count) {
        return new Perplexity(chunks, text.count(), text.context(), count, mean);
    }
}
