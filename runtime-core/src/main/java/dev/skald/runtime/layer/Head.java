package dev.skald.runtime.layer;

/**
 * The end of a network: the last norm, and the matrix that makes logits.
 *
 * @param norm of what the last block leaves
 * @param output a row for each token; null where rows are all that is wanted
 * @param scale factor on the logits
 * @param softcap logits are held between this and its negative, as softcap x tanh(logit / softcap); 0 for logits as they are
 */
public record Head(Norm norm, Linear output, float scale, float softcap) {
    /** Logits that a thread holds within bounds at a time: some tens of microseconds' work. */
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
        // Importance matrices leave the output alone, so listeners are not told.
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
