package dev.skald.runtime.layer;

/**
 * The end of a network: the last norm, and the matrix that makes logits.
 *
 * @param norm of what the last block leaves
 * @param output a row for each token
 * @param scale factor on the logits
 * @param softcap logits are held between this and its negative, as softcap x tanh(logit / softcap); 0 for logits as they are
 */
public record Head(Norm norm, Linear output, float scale, float softcap) {
    /** Computes the logits of the rows that want them. */
    public void apply(Pass p, Rows x) {
        p.keepWanted(x);
        Rows logits = p.logits(output.rows());
        // Importance matrices leave the output alone, so listeners are not told.
        p.multiplyUntold(norm.apply(p, x), output.into(logits));
        if (softcap == 0 && scale == 1) {
            return;
        }
        p.eachRow(row -> {
            Pass.scale(logits.data(), logits.at(row), logits.width(), scale);
            if (softcap > 0) {
                for (int i = logits.at(row); i < logits.at(row + 1); i++) {
                    logits.data()[i] = (float) (softcap * Math.tanh(logits.data()[i] / softcap));
                }
            }
        });
    }
}
