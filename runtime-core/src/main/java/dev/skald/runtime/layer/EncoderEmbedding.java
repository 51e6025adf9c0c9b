package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;
import dev.skald.kernels.product.QuantMatrix;

/**
 * The embeddings of an encoder: the sum of the rows for the token, the first token type and the position, then a norm.
 *
 * @param tokens a row for each token, read from the file
 * @param type the row of the first token type, which all tokens have; null for none
 * @param positions a row for each position; null if the network learns positions in another way
 * @param norm of the sum
 */
public record EncoderEmbedding(QuantMatrix tokens, float[] type, QuantMatrix positions, Norm norm) {
    private static final Workspace.Buffer STREAM = new Workspace.Buffer("residual stream");
    private static final Workspace.Buffer POSITIONS = new Workspace.Buffer("rows of positions");

    /** Writes the embeddings of a batch's tokens. */
    public Rows apply(Pass p) {
        Rows x = p.rows(STREAM, tokens.columns());
        Rows at = p.rows(POSITIONS, tokens.columns());
        p.eachRow(row -> {
            int o = x.at(row);
            tokens.decodeRow(p.batch().token(row), x.data(), o);
            if (type != null) {
                Ops.axpy(1, type, 0, x.data(), o, x.width());
            }
            if (positions != null) {
                positions.decodeRow(p.position(row), at.data(), o);
                Ops.axpy(1, at.data(), o, x.data(), o, x.width());
            }
        });
        p.addToEmbedding(x, 1);
        norm.inPlace(p, x);
        return x;
    }
}
