package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Attention;
import java.util.List;

/**
 * Multi-head latent attention: keys and values of all heads are made of one short row, the latent, and part of each key, the same
 * for all heads, is turned.
 *
 * <p>Kept of a position are the turned part and the latent, as the key and the value of a single head; queries are brought to the
 * latent's width, and so is what comes out brought back, by matrices of each head.
 *
 * <p>Source: DeepSeek-AI, "DeepSeek-V2", 2024.
 *
 * @param index which of a sequence's layers has its keys and values
 * @param queryDown makes a short row that queries are made of; null where they are made of the stream
 * @param queryNorm norms that row
 * @param query makes queries, [heads][plain size + turned size]
 * @param latent makes the latent and then the turned part of the keys
 * @param latentNorm norms the latent
 * @param keys of each head: from the plain part of a query to the latent's width
 * @param values of each head: from what was mixed of latents to the head's values
 * @param output from [heads][value size] back to the width of the stream
 * @param ropes turn the parts that are turned
 * @param attention as many heads, all with the same key
 * @param scale factor on the scores
 */
public record LatentAttention(
        int index,
        Linear queryDown,
        Norm queryNorm,
        Linear query,
        Linear latent,
        Norm latentNorm,
        List<Linear> keys,
        List<Linear> values,
        Linear output,
        Ropes ropes,
        Attention attention,
        float scale)
        implements AttentionLayer {
    private static final Workspace.Buffer SHORT = new Workspace.Buffer("what queries are made of");
    private static final Workspace.Buffer MADE = new Workspace.Buffer("queries as they are made");
    private static final Workspace.Buffer QUERIES = new Workspace.Buffer("queries for latents");
    private static final Workspace.Buffer LATENTS = new Workspace.Buffer("latents as they are made");
    private static final Workspace.Buffer KEYS = new Workspace.Buffer("turned parts and latents");
    private static final Workspace.Buffer VALUES = new Workspace.Buffer("latents");
    private static final Workspace.Buffer MIXED = new Workspace.Buffer("mixed latents");
    private static final Workspace.Buffer HEAD_IN = new Workspace.Buffer("a head's input");
    private static final Workspace.Buffer HEAD_OUT = new Workspace.Buffer("a head's output");
    private static final Workspace.Buffer HEADS = new Workspace.Buffer("all heads' values");

    @Override
    public Rows apply(Pass p, Rows x, Rows... used) {
        int heads = keys.size();
        int rank = latentNorm.size();
        int plain = keys.getFirst().columns();
        int turned = shape().keySize() - rank;
        Rows made = queries(p, x);
        Rows queries = p.rows(QUERIES, heads * (turned + rank));
        for (int h = 0; h < heads; h++) {
            head(p, keys.get(h), made, h * (plain + turned), queries, h * (turned + rank) + turned);
        }
        Rows latents = p.rows(LATENTS, latent.rows());
        p.multiply(x, latent.into(latents));
        Rows key = p.rows(KEYS, turned + rank);
        Rows value = p.rows(VALUES, rank);
        Rows rotations = p.rotations(ropes);
        p.eachRow(row -> {
            for (int h = 0; h < heads; h++) {
                copy(made, row, h * (plain + turned) + plain, queries, h * (turned + rank), turned);
            }
            ropes.apply(queries.data(), queries.at(row), heads, turned + rank, rotations.data(), rotations.at(row));
            Pass.scale(queries.data(), queries.at(row), queries.width(), scale);
            latentNorm.apply(latents.data(), latents.at(row), value.data(), value.at(row));
            copy(latents, row, rank, key, 0, turned);
            copy(value, row, 0, key, turned, rank);
            ropes.apply(key.data(), key.at(row), 1, turned + rank, rotations.data(), rotations.at(row));
            p.store(index, row, key, value);
        });
        Rows mixed = p.rows(MIXED, heads * rank);
        attention.attend(p.work().attention(), index, queries.data(), mixed.data());
        p.keepWantedInLastBlock(mixed, used);
        Rows all = p.rows(HEADS, output.columns());
        for (int h = 0; h < heads; h++) {
            head(p, values.get(h), mixed, h * rank, all, h * values.get(h).rows());
        }
        return p.output(all, output);
    }

    private Rows queries(Pass p, Rows x) {
        Rows from = x;
        if (queryDown != null) {
            from = p.rows(SHORT, queryDown.rows());
            p.multiply(x, queryDown.into(from));
            queryNorm.inPlace(p, from);
        }
        Rows made = p.rows(MADE, query.rows());
        p.multiply(from, query.into(made));
        return made;
    }

    /** The product of a head's part of some rows, which goes to its part of others. */
    private static void head(Pass p, Linear linear, Rows x, int from, Rows y, int to) {
        Rows in = p.rows(HEAD_IN, linear.columns());
        Rows out = p.rows(HEAD_OUT, linear.rows());
        p.eachRow(row -> copy(x, row, from, in, 0, in.width()));
        if (linear.expert() == null) {
            // No matrix of the file's, so that nobody could do anything with what is told of it.
            p.multiplyUntold(in, linear.into(out));
        } else {
            p.multiply(in, linear.into(out));
        }
        p.eachRow(row -> copy(out, row, 0, y, to, out.width()));
    }

    private static void copy(Rows x, int row, int from, Rows y, int to, int n) {
        System.arraycopy(x.data(), x.at(row) + from, y.data(), y.at(row) + to, n);
    }
}
