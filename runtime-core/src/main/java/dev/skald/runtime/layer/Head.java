package dev.skald.runtime.layer;

/**
 * The end of a network: the last norm, and the matrix that computes logits.
 *
 * @param norm of the last block's output
 * @param output a row for each token; null if only hidden states are wanted
 * @param scale factor on the logits
 * @param softcap logits become softcap x tanh(logit / softcap); 0 leaves them unchanged
 */
public record Head(Norm norm, Linear output, float scale, float softcap) {
    /** Logits to which one thread applies the softcap at a time: some tens of microseconds of work. */
    private static final int HELD = 4096;

    /** Computes what the rows want. */
    public void apply(Pass p, Rows x) {
        p.keepWanted(x);
        Rows normed = norm.apply(p, x);
        Pass last = p.handOut(normed);
        if (output == null) {
            return;
        }
        Rows logits = new Rows(p.results().logits(), output.rows());
        // Importance matrices do not cover the output, so listeners are not called.
        last.multiplyUntold(normed, output.into(logits));
        if (softcap > 0) {
            p.work().team().run(last.size() * logits.width(), HELD, (worker, from, to) -> {
                for (int i = from; i < to; i++) {
                    logits.data()[i] = (float) (softcap * Math.tanh(scale * logits.data()[i] / softcap));
                }
            });
        } else if (scale != 1) {
            last.eachRow(row -> Pass.scale(logits.data(), logits.at(row), logits.width(), scale));
        }
    }
}
