package dev.skald.kernels.machine;

import static dev.skald.kernels.machine.AttentionFrame.AT;
import static dev.skald.kernels.machine.AttentionFrame.BLOCK;
import static dev.skald.kernels.machine.AttentionFrame.COUNT;
import static dev.skald.kernels.machine.AttentionFrame.FACTOR;
import static dev.skald.kernels.machine.AttentionFrame.JOB;
import static dev.skald.kernels.machine.AttentionFrame.OUT;
import static dev.skald.kernels.machine.AttentionFrame.PAGE;
import static dev.skald.kernels.machine.AttentionFrame.ROW;
import static dev.skald.kernels.machine.AttentionFrame.STATES;
import static dev.skald.kernels.machine.AttentionFrame.VISIBLE;
import static dev.skald.kernels.machine.AttentionFrame.X;

import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;

/**
 * Writes the softmax of {@link AttentionCode}. Registers: the sum, the largest score, exponentials side by side, and those of
 * {@link ExpCode}.
 */
final class SoftmaxCode {
    /** The number of exponentials to compute side by side. */
    private static final int SIDE = 4;

    private final Assembler a;
    private final int queries;
    private final int lanes;
    private final int vector;
    private final int stateBytes;

    SoftmaxCode(AttentionFrame frame) {
        a = frame.a;
        queries = frame.queries;
        lanes = frame.lanes;
        vector = frame.vector;
        stateBytes = frame.stateBytes;
    }

    /**
     * Turns scores into exponentials, and updates the largest score, the sum and the factor for earlier sums. First
     * come the largest scores of all queries, then the factors, because each has a long latency but little work.
     */
    void write(boolean masked) {
        int sum = 0;
        int most = 1;
        int x = 2;
        ExpCode exp = new ExpCode(a, SIDE, x + SIDE);
        if (masked) {
            a.move(X, JOB);
            a.move(BLOCK, PAGE);
            a.shiftLeft(BLOCK, Integer.numberOfTrailingZeros(AttentionCode.POSITIONS));
        }
        Label largest = beginQueries();
        if (masked) {
            mask();
            a.add(X, 8);
        }
        largest();
        endQueries(largest);

        exp.load();
        for (int q = 0; q < queries; q += SIDE) {
            int n = Math.min(SIDE, queries - q);
            for (int i = 0; i < n; i++) {
                a.vector(Op.VMOVDQU, x + i, 0, Mem.at(Gpr.RSP, (q + i) * ROW + FACTOR));
            }
            exp.exp(x, n);
            for (int i = 0; i < n; i++) {
                a.vector(Op.VMOVDQU_STORE, x + i, 0, Mem.at(Gpr.RSP, (q + i) * ROW + FACTOR));
            }
        }

        Label exponentials = beginQueries();
        a.vector(Op.VMOVDQU, most, 0, Mem.at(AT, 0));
        a.vector(Op.VMOVDQU, sum, 0, Mem.at(OUT, FACTOR));
        a.vector(Op.VMULPS, sum, sum, Mem.at(AT, vector));
        for (int v = 0; v < AttentionCode.POSITIONS / lanes; v += SIDE) {
            for (int i = 0; i < SIDE; i++) {
                a.vector(Op.VMOVDQU, x + i, 0, Mem.at(OUT, (v + i) * vector));
                a.vector(Op.VSUBPS, x + i, x + i, most);
            }
            exp.exp(x, SIDE);
            for (int i = 0; i < SIDE; i++) {
                if (masked) {
                    a.vector(Op.VPAND, x + i, x + i, Mem.at(OUT, VISIBLE + (v + i) * vector));
                }
                a.vector(Op.VMOVDQU_STORE, x + i, 0, Mem.at(OUT, (v + i) * vector));
                a.vector(Op.VADDPS, sum, sum, x + i);
            }
        }
        a.vector(Op.VMOVDQU_STORE, sum, 0, Mem.at(AT, vector));
        endQueries(exponentials);
    }

    /**
     * Begins a loop over queries. {@link AttentionFrame#OUT} points to their rows, and {@link AttentionFrame#AT} to their
     * states.
     */
    private Label beginQueries() {
        a.move(OUT, Gpr.RSP);
        a.move(AT, STATES);
        a.move(COUNT, queries);
        a.align(32);
        return a.here();
    }

    private void endQueries(Label loop) {
        a.add(OUT, ROW);
        a.add(AT, stateBytes);
        a.subtract(COUNT, 1);
        a.jump(Condition.NOT_EQUAL, loop);
    }

    /** Updates the largest score of a query, and stores its difference to the previous one in place of the factor. */
    private void largest() {
        int most = 0;
        int t = 1;
        int before = 2;
        a.vector(Op.VMOVDQU, most, 0, Mem.at(OUT, 0));
        a.vector(Op.VMOVDQU, t, 0, Mem.at(OUT, vector));
        for (int v = 2; v < AttentionCode.POSITIONS / lanes; v++) {
            int r = v % 2 == 0 ? most : t;
            a.vector(Op.VMAXPS, r, r, Mem.at(OUT, v * vector));
        }
        a.vector(Op.VMAXPS, most, most, t);
        AcrossLanes.combine(a, Op.VMAXPS, most, t, Mem.at(OUT, FACTOR));
        a.vector(Op.VMOVDQU, before, 0, Mem.at(AT, 0));
        a.vector(Op.VMAXPS, most, most, before);
        a.vector(Op.VMOVDQU_STORE, most, 0, Mem.at(AT, 0));
        a.vector(Op.VSUBPS, before, before, most);
        a.vector(Op.VMOVDQU_STORE, before, 0, Mem.at(OUT, FACTOR));
    }

    /**
     * Sets the scores of all positions that the query at {@link AttentionFrame#X} does not see to {@link
     * AttentionCode#UNSEEN}.
     */
    private void mask() {
        int first = 0;
        int before = 1;
        int after = 2;
        int unseen = 3;
        int at = 4;
        int t = 5;
        a.storeWord(Mem.at(OUT, FACTOR), BLOCK);
        a.vector(Op.VPBROADCASTD, first, 0, Mem.at(OUT, FACTOR));
        a.vector(Op.VPBROADCASTD, before, 0, Mem.at(X, AttentionCode.SEEN));
        a.vector(Op.VPBROADCASTD, after, 0, Mem.at(X, AttentionCode.SEEN + 4));
        a.vector(Op.VPBROADCASTD, unseen, 0, a.constant(AttentionCode.UNSEEN));
        for (int v = 0; v < AttentionCode.POSITIONS / lanes; v++) {
            a.vector(Op.VPADDD, at, first, places(v));
            // Both differences are negative if the position is seen.
            a.vector(Op.VPSUBD, t, before, at);
            a.vector(Op.VPSUBD, at, at, after);
            a.vector(Op.VPAND, at, at, t);
            a.shift(Op.VPSRAD, at, at, 31);
            a.vector(Op.VMOVDQU_STORE, at, 0, Mem.at(OUT, VISIBLE + v * vector));
            a.vector(Op.VPXOR, t, unseen, Mem.at(OUT, v * vector));
            a.vector(Op.VPAND, t, t, at);
            a.vector(Op.VPXOR, t, t, unseen);
            a.vector(Op.VMOVDQU_STORE, t, 0, Mem.at(OUT, v * vector));
        }
    }

    /** Returns the numbers of a vector's positions within their page. */
    private Mem places(int v) {
        byte[] bytes = new byte[vector];
        for (int i = 0; i < lanes; i++) {
            bytes[4 * i] = (byte) (v * lanes + i);
        }
        return a.constant(bytes);
    }
}
