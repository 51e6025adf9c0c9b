package dev.skald.runtime.layer;

import dev.skald.kernels.product.QuantMatrix;

/**
 * Looks up the embeddings of tokens.
 *
 * @param table a row for each token, read from the file
 * @param scale factor on the rows
 * @param rowsOnly whether nothing but rows is read from the file, so that its pages need not stay in memory
 */
public record Embedding(QuantMatrix table, float scale, boolean rowsOnly) {
    private static final Workspace.Buffer STREAM = new Workspace.Buffer("residual stream");

    /** Writes the embeddings of a batch's tokens. */
    public Rows apply(Pass p) {
        Rows x = p.rows(STREAM, table.columns());
        p.eachRow(row -> {
            table.decodeRow(p.batch().token(row), x.data(), x.at(row));
            Pass.scale(x.data(), x.at(row), x.width(), scale);
        });
        if (rowsOnly) {
            // Each row brings in pages around it, and with time the whole table, which is a third of a small model.
            table.unload();
        }
        p.addToEmbedding(x, scale);
        return x;
    }
}
