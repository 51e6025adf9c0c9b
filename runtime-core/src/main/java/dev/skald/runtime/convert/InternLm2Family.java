package dev.skald.runtime.convert;

import java.io.IOException;
import java.util.List;

/** InternLM 2. One matrix holds the queries, keys and values, group by group. */
final class InternLm2Family extends Family {
    InternLm2Family(Source source) {
        super(source);
        names.put("model.tok_embeddings", "token_embd")
                .put("output", "output")
                .putInLayer("attention_norm", "attn_norm")
                .putInLayer("attention.wo", "attn_output")
                .putInLayer("ffn_norm", "ffn_norm")
                .putInLayer("feed_forward.w1", "ffn_gate")
                .putInLayer("feed_forward.w2", "ffn_down")
                .putInLayer("feed_forward.w3", "ffn_up");
    }

    @Override
    void tensor(String name, int layer, Weight weight) throws IOException {
        if (!name.endsWith("attention.wqkv.weight")) {
            super.tensor(name, layer, weight);
            return;
        }
        int queries = heads() / kvHeads();
        long head = width() / heads();
        long group = (queries + 2) * head;
        if (weight.dimensions() != 2 || weight.rows() != kvHeads() * group) {
            throw weight.error("it should have " + kvHeads() * group + " rows: queries, keys and values of " + heads()
                    + " and " + kvHeads() + " heads");
        }
        long columns = weight.columns();
        long ofQueries = queries * head;
        Weight q = weight.reordered(
                List.of(kvHeads() * ofQueries, columns), row -> row / ofQueries * group + row % ofQueries);
        Weight k = weight.reordered(
                List.of(kvHeads() * head, columns), row -> row / head * group + ofQueries + row % head);
        Weight v = weight.reordered(
                List.of(kvHeads() * head, columns), row -> row / head * group + ofQueries + head + row % head);
        add("blk." + layer + ".attn_q.weight", adjacent(q, heads()));
        add("blk." + layer + ".attn_k.weight", adjacent(k, kvHeads()));
        add("blk." + layer + ".attn_v.weight", v);
    }

    @Override
    void vocabulary(Keys keys, Vocabularies vocabularies) throws IOException {
        vocabularies.internLm2();
    }
}
