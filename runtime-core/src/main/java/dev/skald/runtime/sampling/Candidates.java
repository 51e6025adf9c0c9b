package dev.skald.runtime.sampling;

import dev.skald.runtime.check.Checks;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * The tokens that may come next: each with its logit and, after {@link #softmax()}, its probability.
 *
 * <p>For each token, a {@link Sampler} fills one object with all logits of the vocabulary and passes it along the chain
 * of steps, which change logits and remove candidates. A candidate is addressed by its index. At first the index is the
 * token id; after sorting or cutting it is not. A logit of {@link Float#NEGATIVE_INFINITY} means that the token is
 * impossible. A logit of -0 counts as 0.
 *
 * <p>Once the vocabulary is known, only {@link #sort()} allocates memory. Cuts do not sort what they remove: they take
 * time linear in the number of candidates, and {@link #keepBest} n log k at worst. Not thread-safe.
 */
public final class Candidates {
    /** The {@link CandidateKey} of each candidate. */
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
     * Creates candidates of a whole vocabulary, to test a custom step.
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
        reserve(logits.length);
        Logits.keys(logits, keys);
        loaded(logits.length, logits.length, true);
    }

    /**
     * Starts over with the most probable tokens of a vocabulary, sorted: as {@link #load(float[])} and {@link #keepBest}
     * do, but it writes only the few keys that it keeps.
     */
    void loadBest(float[] logits, int count) {
        if (count < 1 || count >= logits.length) {
            load(logits);
            keepBest(count);
            return;
        }
        reserve(count);
        Logits.bestKeys(logits, count, keys);
        loaded(logits.length, count, false);
        sorted = true;
    }

    /**
     * Starts over with the allowed tokens of a vocabulary. Where most are allowed the others stay as candidates that
     * can't come, so that each is still found by its id at once.
     */
    void load(float[] logits, long[] allowed) {
        reserve(logits.length);
        if (Logits.isMostlyAllowed(logits, allowed)) {
            Logits.keysOrImpossible(logits, allowed, keys);
            loaded(logits.length, logits.length, true);
        } else {
            loaded(logits.length, Logits.allowedKeys(logits, allowed, keys), false);
        }
    }

    private void reserve(int count) {
        if (keys.length < count) {
            keys = new long[count];
            weights = new float[count];
        }
    }

    private void loaded(int vocabulary, int size, boolean inPlace) {
        this.vocabulary = vocabulary;
        this.size = size;
        sorted = size == 1;
        moved();
        this.inPlace = inPlace;
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
        return CandidateKey.id(keys[Objects.checkIndex(index, size)]);
    }

    /**
     * Returns the logit of a candidate.
     *
     * @param index in [0, {@link #size()})
     * @return its logit, finite or negative infinity
     * @throws IndexOutOfBoundsException if there is no such index
     */
    public float logit(int index) {
        return CandidateKey.logit(keys[Objects.checkIndex(index, size)]);
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
        Logits.check(id, logit, vocabulary);
        keys[index] = CandidateKey.of(id, logit);
        sorted = size == 1;
        weightsCurrent = false;
    }

    /**
     * Makes a token impossible: its logit becomes negative infinity. Does nothing if the token is no longer a
     * candidate.
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
     * Finds a token: in constant time while nothing has been sorted or cut, otherwise by searching all candidates.
     *
     * @param id a token id
     * @return the index of its candidate, or -1 if it is no longer a candidate
     */
    public int indexOf(int id) {
        if (inPlace) {
            return id >= 0 && id < size ? id : -1;
        }
        for (int i = 0; i < size; i++) {
            if (CandidateKey.id(keys[i]) == id) {
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
        if (size == 0 || CandidateKey.logit(keys[best]) == Float.NEGATIVE_INFINITY) {
            throw new IllegalStateException("no token is possible any more: of " + vocabulary + " tokens " + size
                    + " are left and each has the logit -Infinity; a logit bias or a step of one's own bans too much");
        }
        return best;
    }

    /**
     * Computes the probability of every remaining candidate: exp(logit) divided by the sum over all. Does nothing if
     * nothing has changed since the last call.
     *
     * @throws IllegalStateException if no candidate with a finite logit is left
     */
    public void softmax() {
        if (weightsCurrent) {
            return;
        }
        double highest = highestLogit();
        double sum = 0;
        for (int i = 0; i < size; i++) {
            float weight = (float) Math.exp(CandidateKey.logit(keys[i]) - highest);
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
        keepMass(mass, 1);
    }

    /** As {@link #keepMass(float)}, but never fewer than a given number of them, as far as there are so many. */
    void keepMass(float mass, int minKeep) {
        Checks.unit("mass", mass);
        softmax();
        double target = mass * totalWeight;
        if (minKeep > 1 && weightOfBest(minKeep) >= target) {
            keepBest(minKeep);
            return;
        }
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

    private double weightOfBest(int count) {
        int best = bestOf(count);
        double highest = CandidateKey.logit(scratchKeys[0]);
        double sum = 0;
        for (int i = 0; i < best; i++) {
            sum += Math.exp(CandidateKey.logit(scratchKeys[i]) - highest);
        }
        return sum;
    }

    /** Copies the best candidates in their order to the first scratch keys; returns how many they are. */
    private int bestOf(int count) {
        reserveScratch();
        System.arraycopy(keys, 0, scratchKeys, 0, size);
        int best = Math.min(count, size);
        if (!sorted) {
            Selection.smallest(scratchKeys, size, best);
        }
        return best;
    }

    private void reserveScratch() {
        if (scratchKeys.length < size) {
            scratchKeys = new long[keys.length];
        }
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
        keepFrom(lowest, 1);
    }

    /** As {@link #keepFrom(double)}, but never fewer than a given number of the best, as far as there are so many. */
    void keepFrom(double lowest, int minKeep) {
        if (minKeep > 1 && countFrom(lowest) < minKeep) {
            keepBest(minKeep);
            return;
        }
        int kept = 0;
        for (int i = 0; i < size; i++) {
            long key = keys[i];
            keys[kept] = key;
            kept += CandidateKey.logit(key) >= lowest ? 1 : 0;
        }
        shrink(kept);
    }

    private int countFrom(double lowest) {
        int count = 0;
        for (int i = 0; i < size; i++) {
            count += CandidateKey.logit(keys[i]) >= lowest ? 1 : 0;
        }
        return count;
    }

    /** Makes candidates impossible whose logit is below a limit; they stay candidates. */
    void maskBelow(double lowest) {
        for (int i = 0; i < size; i++) {
            if (CandidateKey.logit(keys[i]) < lowest) {
                keys[i] = CandidateKey.impossible(CandidateKey.id(keys[i]));
                sorted = size == 1;
                weightsCurrent = false;
            }
        }
    }

    /** Makes all candidates but one impossible; they stay candidates. */
    void maskAllBut(int index) {
        for (int i = 0; i < size; i++) {
            if (i != index) {
                keys[i] = CandidateKey.impossible(CandidateKey.id(keys[i]));
            }
        }
        sorted = size == 1;
        weightsCurrent = false;
    }

    /** Leaves one token, which need not have been a candidate. */
    void keepOnly(int id, float logit) {
        keys[0] = CandidateKey.of(id, logit);
        size = 1;
        sorted = true;
        moved();
    }

    /**
     * Keeps the candidates that a predicate accepts, in their order.
     *
     * @param keep called once for each index, in ascending order; it may call {@link #id}, {@link #logit} and {@link
     *     #probability} for that index
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
     * Keeps as few candidates as have more than a given mass of probability, taking those first whose surprise, -ln(probability),
     * is nearest to a given one; at least {@code minKeep} and at least one. They stay in their order.
     */
    void keepMassNear(double surprise, float mass, int minKeep) {
        softmax();
        reserveScratch();
        for (int i = 0; i < size; i++) {
            double distance = Math.abs(logSum - CandidateKey.logit(keys[i]) - surprise);
            // A key puts the highest number first, and here the nearest comes first.
            scratchKeys[i] = CandidateKey.of(i, (float) -distance);
        }
        int taken = Selection.smallestWithWeight(scratchKeys, weights, size, Math.nextUp(mass * totalWeight));
        if (taken < Math.min(minKeep, size)) {
            taken = Math.min(minKeep, size);
            Selection.smallest(scratchKeys, size, taken);
        }
        // The weights are out of order now; they serve as marks.
        Arrays.fill(weights, 0, size, 0f);
        for (int i = 0; i < taken; i++) {
            weights[CandidateKey.id(scratchKeys[i])] = 1;
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

    /**
     * Removes all candidates of at least a probability but the least probable of them, unless fewer than {@code minKeep}
     * would be left.
     */
    void dropTop(float threshold, int minKeep) {
        softmax();
        double limit = threshold * totalWeight;
        int least = -1;
        int top = 0;
        for (int i = 0; i < size; i++) {
            if (weights[i] >= limit) {
                top++;
                if (least < 0 || keys[i] > keys[least]) {
                    least = i;
                }
            }
        }
        if (top > 1 && size - top + 1 >= minKeep) {
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

    /** Divides all logits by a number above 0. */
    void divide(float divisor) {
        float highest = highestLogit();
        // Distances from the highest have the same probabilities, and cannot overflow.
        float origin = Float.isFinite(highest / divisor) ? 0 : highest;
        for (int i = 0; i < size; i++) {
            keys[i] = CandidateKey.of(CandidateKey.id(keys[i]), (CandidateKey.logit(keys[i]) - origin) / divisor);
        }
        // Two logits may have become equal, with the higher id first.
        sorted = size == 1;
        weightsCurrent = false;
    }

    private float highestLogit() {
        return CandidateKey.logit(keys[best()]);
    }

    /**
     * Estimates how fast probability falls with rank: the exponent s of Zipf's law p(i) ~ i^-s that fits the best
     * candidates in the sense of least squares. NaN for a single candidate.
     */
    double zipfExponent(int count) {
        int best = bestOf(count);
        double products = 0;
        double squares = 0;
        for (int i = 1; i < best; i++) {
            double rank = Math.log((i + 1.0) / i);
            products += rank * (CandidateKey.logit(scratchKeys[i - 1]) - CandidateKey.logit(scratchKeys[i]));
            squares += rank * rank;
        }
        return products / squares;
    }

    /** Returns the expected surprise, the sum of -p ln p over all candidates, in nats. */
    double entropy() {
        softmax();
        double sum = 0;
        for (int i = 0; i < size; i++) {
            if (weights[i] > 0) {
                sum += weights[i] * (logSum - CandidateKey.logit(keys[i]));
            }
        }
        return sum / totalWeight;
    }

    /** A step's new logit of a token for its old one and a number of the step's own; captures nothing, so that it is no new object. */
    interface Adjustment<S> {
        float logit(S step, float old, int number);
    }

    /**
     * Changes the logits of tokens that have a number above 0, each once.
     *
     * @param numbers by token id; some are 0 afterwards
     * @param history where all tokens with a number stand
     * @param from the first position where one stands
     */
    <S> void adjust(int[] numbers, TokenHistory history, int from, S step, Adjustment<S> adjustment) {
        if (inPlace) {
            for (int i = from; i < history.size(); i++) {
                int token = history.get(i);
                if (numbers[token] > 0) {
                    setLogit(token, adjustment.logit(step, logit(token), numbers[token]));
                    numbers[token] = 0;
                }
            }
        } else {
            for (int i = 0; i < size; i++) {
                int number = numbers[CandidateKey.id(keys[i])];
                if (number > 0) {
                    setLogit(i, adjustment.logit(step, logit(i), number));
                }
            }
        }
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
}
