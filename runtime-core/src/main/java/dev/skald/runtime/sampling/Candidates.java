package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * The tokens that may come next, each with its logit and, after {@link #softmax()}, its probability.
 *
 * <p>A {@link Sampler} fills one object with all logits of the vocabulary for every token and hands it down the chain;
 * steps change logits and remove candidates. A candidate is addressed by its index, which is its token id at first and
 * is anything after sorting or cutting. A logit of {@link Float#NEGATIVE_INFINITY} means that the token cannot come; a
 * logit of -0 is taken as 0.
 *
 * <p>Nothing here but {@link #sort()} allocates once the vocabulary has been seen, and no cut sorts what it throws away:
 * they take time linear in the number of candidates, {@link #keepBest} at worst n log k. Not thread-safe.
 */
public final class Candidates {
    /**
     * One candidate is one long: logit, highest first, above the id, lowest first. A comparison of longs is then the
     * one order everything here uses, no two are equal, and moving a candidate is moving one word.
     */
    private long[] keys = {};
    /** Weight of each candidate, exp(logit - highest logit), as of the last softmax. */
    private float[] weights = {};

    private double totalWeight;
    private double logSum;
    private long[] scratchKeys = {};
    private int[] scratchCounts = {};
    private int vocabulary;
    private int size;
    /** Whether the candidate at index i is token i. */
    private boolean inPlace;

    private boolean sorted;
    /** Whether weights belong to the candidates at the same index. */
    private boolean weighed;
    /** Whether weights belong to the present logits too. */
    private boolean weightsCurrent;

    Candidates() {}

    /**
     * Creates candidates of a whole vocabulary, as a step of one's own is tested with.
     *
     * @param logits one logit per token id; copied
     * @return the candidates, index equal to token id
     * @throws IllegalArgumentException if there are none, one is NaN or positive infinity, or all are negative infinity
     */
    public static Candidates of(float... logits) {
        Candidates candidates = new Candidates();
        candidates.load(logits);
        return candidates;
    }

    /** Starts over with a whole vocabulary. */
    void load(float[] logits) {
        int n = logits.length;
        if (keys.length < n) {
            keys = new long[n];
            weights = new float[n];
        }
        boolean possible = false;
        for (int id = 0; id < n; id++) {
            float logit = logits[id];
            if (!(logit < Float.POSITIVE_INFINITY)) {
                throw badLogit(id, logit, n);
            }
            possible |= logit != Float.NEGATIVE_INFINITY;
            keys[id] = key(id, logit);
        }
        if (!possible) {
            throw nothingPossible(n);
        }
        vocabulary = n;
        size = n;
        inPlace = true;
        sorted = n == 1;
        weighed = false;
        weightsCurrent = false;
    }

    /** Returns the id of the highest logit, the lowest id if there are several: greedy sampling in one pass. */
    static int highest(float[] logits) {
        int best = 0;
        float highest = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < logits.length; id++) {
            float logit = logits[id];
            if (!(logit < Float.POSITIVE_INFINITY)) {
                throw badLogit(id, logit, logits.length);
            }
            if (logit > highest) {
                highest = logit;
                best = id;
            }
        }
        if (highest == Float.NEGATIVE_INFINITY) {
            throw nothingPossible(logits.length);
        }
        return best;
    }

    /**
     * Returns the number of tokens in the vocabulary.
     *
     * @return the number of logits there were before any cut
     */
    public int vocabulary() {
        return vocabulary;
    }

    /**
     * Returns the number of candidates left.
     *
     * @return how many there are, in [0, {@link #vocabulary()}]
     */
    public int size() {
        return size;
    }

    /**
     * Returns the token of a candidate.
     *
     * @param index in [0, {@link #size()})
     * @return its token id
     * @throws IndexOutOfBoundsException if there is no such index
     */
    public int id(int index) {
        return (int) keys[Objects.checkIndex(index, size)];
    }

    /**
     * Returns the logit of a candidate.
     *
     * @param index in [0, {@link #size()})
     * @return its logit, finite or negative infinity
     * @throws IndexOutOfBoundsException if there is no such index
     */
    public float logit(int index) {
        return logitOf(keys[Objects.checkIndex(index, size)]);
    }

    /**
     * Changes the logit of a candidate. Indices stay as they are; the probabilities stay as the last {@link #softmax()}
     * found them.
     *
     * @param index in [0, {@link #size()})
     * @param logit the new logit; negative infinity bans the token
     * @throws IndexOutOfBoundsException if there is no such index
     * @throws IllegalArgumentException if {@code logit} is NaN or positive infinity
     */
    public void setLogit(int index, float logit) {
        int id = id(index);
        if (!(logit < Float.POSITIVE_INFINITY)) {
            throw badLogit(id, logit, vocabulary);
        }
        keys[index] = key(id, logit);
        sorted = size == 1;
        weightsCurrent = false;
    }

    /**
     * Makes a token impossible: its logit becomes negative infinity. Nothing happens if it is no candidate any more.
     *
     * @param id a token id
     */
    public void ban(int id) {
        int index = indexOf(id);
        if (index >= 0) {
            setLogit(index, Float.NEGATIVE_INFINITY);
        }
    }

    /**
     * Finds a token; at once while nothing has been sorted or cut, else by looking at all candidates.
     *
     * @param id a token id
     * @return the index of its candidate, or -1 if it is no longer one
     */
    public int indexOf(int id) {
        if (inPlace) {
            return id >= 0 && id < size ? id : -1;
        }
        for (int i = 0; i < size; i++) {
            if ((int) keys[i] == id) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Returns the most probable candidate.
     *
     * @return the index of the highest logit; of several, the one with the lowest token id
     * @throws IllegalStateException if no candidate with a finite logit is left
     */
    public int best() {
        int best = 0;
        if (!sorted) {
            for (int i = 1; i < size; i++) {
                if (keys[i] < keys[best]) {
                    best = i;
                }
            }
        }
        if (size == 0 || logitOf(keys[best]) == Float.NEGATIVE_INFINITY) {
            throw new IllegalStateException("no token is possible any more: of " + vocabulary + " tokens " + size
                    + " are left and each has the logit -Infinity; a logit bias or a step of one's own bans too much");
        }
        return best;
    }

    /**
     * Computes the probability of every candidate among those left: exp(logit) over the sum of them. Does nothing when
     * nothing changed since the last time.
     *
     * @throws IllegalStateException if no candidate with a finite logit is left
     */
    public void softmax() {
        if (weightsCurrent) {
            return;
        }
        double highest = logitOf(keys[best()]);
        double sum = 0;
        for (int i = 0; i < size; i++) {
            float weight = (float) Math.exp(logitOf(keys[i]) - highest);
            weights[i] = weight;
            sum += weight;
        }
        totalWeight = sum;
        logSum = highest + Math.log(sum);
        weighed = true;
        weightsCurrent = true;
    }

    /**
     * Returns the probability of a candidate as the last {@link #softmax()} found it.
     *
     * @param index in [0, {@link #size()})
     * @return its probability, in [0, 1]
     * @throws IndexOutOfBoundsException if there is no such index
     * @throws IllegalStateException if candidates were sorted or cut since {@link #softmax()}, or it was never called
     */
    public float probability(int index) {
        if (!weighed) {
            throw new IllegalStateException(
                    "the candidates have no probabilities: call softmax() after the last sort or cut");
        }
        return (float) (weights[Objects.checkIndex(index, size)] / totalWeight);
    }

    /**
     * Returns whether index order is the order of probability.
     *
     * @return whether a candidate with a lower index has a higher logit, or the same and a lower id
     */
    public boolean isSorted() {
        return sorted;
    }

    /**
     * Sorts all candidates: highest logit first, equal ones by token id. For a whole vocabulary a cut beforehand is
     * much cheaper, and only sorting more than a few hundred candidates may allocate.
     */
    public void sort() {
        if (!sorted) {
            Arrays.sort(keys, 0, size);
            sorted = true;
            moved();
        }
    }

    /**
     * Keeps the most probable candidates and sorts them.
     *
     * @param count how many to keep, at least 1; when there are no more than that, nothing happens
     * @throws IllegalArgumentException if {@code count} is less than 1
     */
    public void keepBest(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("count=" + count + ": at least one candidate has to be kept");
        }
        if (count >= size) {
            return;
        }
        if (!sorted) {
            Selection.smallest(keys, size, count);
            sorted = true;
        }
        size = count;
        moved();
    }

    /**
     * Keeps the smallest set of most probable candidates whose probabilities sum up to at least a given mass; never
     * less than one.
     *
     * @param mass in [0, 1]
     * @throws IllegalArgumentException if {@code mass} is not in [0, 1]
     * @throws IllegalStateException if no candidate with a finite logit is left
     */
    public void keepMass(float mass) {
        Checks.unit("mass", mass);
        softmax();
        double target = mass * totalWeight;
        if (sorted) {
            double sum = weights[0];
            int kept = 1;
            while (kept < size && sum < target) {
                sum += weights[kept++];
            }
            size = kept;
        } else {
            dropLight((totalWeight - target) / size);
            size = Selection.smallestWithWeight(keys, weights, size, target);
            sorted = size == 1;
        }
        moved();
    }

    /**
     * Removes candidates below a weight. Below the mean weight of what a cut throws away, all of them together weigh
     * less than that, so the cut need not look at them; in a peaked distribution that is most of the vocabulary.
     */
    private void dropLight(double least) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            float weight = weights[i];
            keys[kept] = keys[i];
            weights[kept] = weight;
            kept += weight >= least ? 1 : 0;
        }
        size = kept;
    }

    /**
     * Keeps the candidates whose logit is not below a limit, in their order.
     *
     * @param lowest the lowest logit that stays
     */
    public void keepFrom(double lowest) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            long key = keys[i];
            keys[kept] = key;
            kept += logitOf(key) >= lowest ? 1 : 0;
        }
        shrink(kept);
    }

    /**
     * Keeps the candidates of one's choice, in their order.
     *
     * @param keep asked once for each index, in rising order; it may call {@link #id}, {@link #logit} and
     *     {@link #probability} for that index
     */
    public void keepIf(IntPredicate keep) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            long key = keys[i];
            if (keep.test(i)) {
                keys[kept++] = key;
            }
        }
        shrink(kept);
    }

    /**
     * Keeps as few candidates as have a given mass of probability, taking those first whose surprise, -ln(probability),
     * is nearest to a given one; at least one. They stay in their order.
     */
    void keepMassNear(double surprise, float mass) {
        softmax();
        if (scratchKeys.length < size) {
            scratchKeys = new long[keys.length];
        }
        for (int i = 0; i < size; i++) {
            double distance = Math.abs(logSum - logitOf(keys[i]) - surprise);
            // A key puts the highest number first, and here the nearest comes first.
            scratchKeys[i] = key(i, (float) -distance);
        }
        int taken = Selection.smallestWithWeight(scratchKeys, weights, size, mass * totalWeight);
        // The weights are out of order now; they serve as marks.
        Arrays.fill(weights, 0, size, 0f);
        for (int i = 0; i < taken; i++) {
            weights[(int) scratchKeys[i]] = 1;
        }
        int kept = 0;
        for (int i = 0; i < size; i++) {
            long key = keys[i];
            keys[kept] = key;
            kept += weights[i] > 0 ? 1 : 0;
        }
        weighed = false;
        weightsCurrent = false;
        shrink(kept);
    }

    /** Removes all candidates of at least a probability but the least probable of them. */
    void dropTop(float threshold) {
        softmax();
        double limit = threshold * totalWeight;
        int least = -1;
        for (int i = 0; i < size; i++) {
            if (weights[i] >= limit && (least < 0 || keys[i] > keys[least])) {
                least = i;
            }
        }
        if (least >= 0) {
            long first = keys[least];
            int kept = 0;
            for (int i = 0; i < size; i++) {
                long key = keys[i];
                keys[kept] = key;
                kept += key >= first ? 1 : 0;
            }
            shrink(kept);
        }
    }

    /** Divides all logits, as distances from the highest, by a number above 0. */
    void divide(float divisor) {
        float highest = logitOf(keys[best()]);
        for (int i = 0; i < size; i++) {
            keys[i] = key((int) keys[i], (logitOf(keys[i]) - highest) / divisor);
        }
        // Two logits may have become equal, with the higher id first.
        sorted = size == 1;
        weightsCurrent = false;
    }

    /** Returns the expected surprise, the sum of -p ln p over all candidates, in nats. */
    double entropy() {
        softmax();
        double sum = 0;
        for (int i = 0; i < size; i++) {
            if (weights[i] > 0) {
                sum += weights[i] * (logSum - logitOf(keys[i]));
            }
        }
        return sum / totalWeight;
    }

    /** Returns one counter per token id, all zero; whoever uses it leaves it so. */
    int[] zeroCounts() {
        if (scratchCounts.length < vocabulary) {
            scratchCounts = new int[vocabulary];
        }
        return scratchCounts;
    }

    /** Draws a candidate by its probability: the first whose running sum exceeds that part of the total. */
    int draw(double uniform) {
        softmax();
        double limit = uniform * totalWeight;
        double sum = 0;
        int last = 0;
        for (int i = 0; i < size; i++) {
            if (weights[i] > 0) {
                last = i;
                sum += weights[i];
                if (sum > limit) {
                    break;
                }
            }
        }
        return last;
    }

    /** Returns the natural logarithm of the sum of exp(logit) over all candidates. */
    double logSumExp() {
        softmax();
        return logSum;
    }

    private void shrink(int newSize) {
        if (newSize < size) {
            size = newSize;
            sorted |= size <= 1;
            moved();
        }
    }

    private void moved() {
        inPlace = false;
        weighed = false;
        weightsCurrent = false;
    }

    private static long key(int id, float logit) {
        // Adding +0 turns -0 into +0: they are equal, so the lower id has to win.
        int bits = Float.floatToRawIntBits(logit + 0.0f);
        int rising = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        return (long) ~rising << 32 | id;
    }

    private static float logitOf(long key) {
        int rising = ~(int) (key >> 32);
        return Float.intBitsToFloat(rising ^ ((rising >> 31) & Integer.MAX_VALUE));
    }

    private static IllegalArgumentException badLogit(int id, float logit, int vocabulary) {
        return new IllegalArgumentException("the logit of token " + id + " of " + vocabulary + " is " + logit
                + ": a logit is finite, or -Infinity for a token that cannot come. If it is the model's own, its file is"
                + " damaged: download it again");
    }

    private static IllegalArgumentException nothingPossible(int vocabulary) {
        return new IllegalArgumentException(
                vocabulary == 0
                        ? "there are no logits: the vocabulary has 0 tokens"
                        : "no token is possible: the logits of tokens 0 to " + (vocabulary - 1) + " are all -Infinity");
    }
}
