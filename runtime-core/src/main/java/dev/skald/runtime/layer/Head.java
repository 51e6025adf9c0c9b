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
    /** Logits that a thread holds within bounds at a time: some tens of microseconds' work. */
    private static final int HELD = 4096;

    /** Computes what the rows want. */
    public void apply(Pass p, Rows x) {
        p.keepWanted(x);
        Rows normed = norm.apply(p, x);
        Pass last = withoutHidden(p, normed);
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

    /** Hands out the rows that are wanted as they are, and leaves those that want logits. */
    private static Pass withoutHidden(Pass p, Rows normed) {
        Batch batch = p.batch();
        int hidden = batch.wanting(Want.HIDDEN);
        if (hidden == 0) {
            return p;
        }
        int width = normed.width();
        int row = 0;
        int handedOut = 0;
        int left = 0;
        int[] rows = new int[batch.wanting(Want.LOGITS)];
        for (int i = 0; i < batch.size(); i++) {
            switch (batch.want(i)) {
                case NOTHING -> {}
                case HIDDEN ->
                    System.arraycopy(
                            normed.data(), normed.at(row++), p.results().hidden(), handedOut++ * width, width);
                case LOGITS -> {
                    rows[left] = row;
                    System.arraycopy(normed.data(), normed.at(row++), normed.data(), normed.at(left++), width);
                }
            }
        }
        return p.part(rows, batch.singlesWanting(Want.LOGITS));
    }
}
