package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Attention;
import java.util.List;

/**
 * Multi-head latent attention: the keys and values of all heads are computed from one short row, the latent. A part of each key
 * is rotated, and is the same for all heads.
 *
 * <p>The cache holds the rotated part and the latent of each position, as the key and value of a single head. Each head has a
 * matrix that projects its queries to the latent's width, and one that projects the result back.
 *
 * <p>Source: DeepSeek-AI, "DeepSeek-V2", 2024.
 *
 * @param index of this layer's keys and values in the sequence
 * @param queryDown projects to a short row from which queries are computed; null if they are computed from the stream
 * @param queryNorm norm of that row
 * @param query projects to queries, [heads][unrotated size + rotated size]
 * @param latent projects to the latent, followed by the rotated part of the keys
 * @param latentNorm norm of the latent
 * @param keys of each head: from the unrotated part of a query to the latent's width
 * @param values of each head: from the weighted mean of latents to the head's values
 * @param output projects [heads][value size] back to the width of the stream
 * @param ropes rotate the rotated parts
 * @param attention kernels for this many heads, which share one key
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

    /** Multiplies a head's part of each row, and writes the result to its part of other rows. */
    private static void head(Pass p, Linear linear, Rows x, int from, Rows y, int to) {
        Rows in = p.rows(HEAD_IN, linear.columns());
        Rows out = p.rows(HEAD_OUT, linear.rows());
        p.eachRow(row -> copy(x, row, from, in, 0, in.width()));
        if (linear.expert() == null) {
            // This is not a matrix of the file, so a listener could do nothing with its inputs.
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
