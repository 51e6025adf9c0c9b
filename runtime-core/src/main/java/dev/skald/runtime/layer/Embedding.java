package dev.skald.runtime.layer;

import dev.skald.kernels.product.QuantMatrix;

/**
 * Looks up the embeddings of tokens.
 *
 * @param table a row for each token, read from the file
 * @param scale factor on the rows
 */
public record Embedding(QuantMatrix table, float scale) {
    private static final Workspace.Buffer STREAM = new Workspace.Buffer("residual stream");

    /** Writes the embeddings of a batch's tokens. */
    public Rows apply(Pass p) {
        Rows x = p.rows(STREAM, table.columns());
        p.eachRow(row -> {
            table.decodeRow(p.batch().token(row), x.data(), x.at(row));
            Pass.scale(x.data(), x.at(row), x.width(), scale);
        });
        p.addToEmbedding(x, scale);
        return x;
    }
}
