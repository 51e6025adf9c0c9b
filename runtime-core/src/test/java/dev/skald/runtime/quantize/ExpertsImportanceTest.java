package dev.skald.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Golden;
import dev.skald.runtime.Model;
import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Experts are counted one by one: a token goes through two of eight, and an importance matrix has a part for each expert. */
class ExpertsImportanceTest {
    private static final int TOKENS = 128;

    private static Model open() throws IOException {
        return Model.open(
                Golden.path("golden/arch/llama-moe.gguf"), o -> o.exact(true).threads(2));
    }

    private static int[] tokens() {
        return IntStream.range(0, TOKENS).map(i -> 5 + i * 7 % 300).toArray();
    }

    @Test
    void aMatrixHasAPartForEachExpert() throws IOException {
        try (Model model = open()) {
            ImportanceMatrix matrix = ImportanceMatrix.collect(model, tokens(), o -> o.context(64));
            int dim = model.metadata().getInt("llama.embedding_length");
            assertEquals(dim, matrix.of("blk.0.ffn_gate_inp.weight").orElseThrow().length);
            float[] all = matrix.of("blk.0.ffn_gate_exps.weight").orElseThrow();
            assertEquals(8 * dim, all.length);
            assertEquals(
                    8 * model.metadata().getInt("llama.feed_forward_length"),
                    matrix.of("blk.0.ffn_down_exps.weight").orElseThrow().length);
        }
    }

    @Test
    void eachTokenGoesThroughTwoExperts() throws IOException {
        List<String> told = new ArrayList<>();
        int[] rows = new int[8];
        InputListener listener = new InputListener() {
            @Override
            public void multiplying(List<String> tensors, float[] inputs, int count, int columns) {
                assertEquals(TOKENS, count);
            }

            @Override
            public void multiplyingExpert(
                    List<String> tensors, int expert, int experts, float[] inputs, int count, int columns) {
                assertEquals(8, experts);
                if (tensors.contains("blk.1.ffn_up_exps.weight")) {
                    told.addAll(tensors);
                    rows[expert] += count;
                }
            }
        };
        try (Model model = open();
                Session session = model.newSession(o -> o.listener(listener))) {
            session.feed(tokens());
        }
        assertEquals(2 * TOKENS, IntStream.of(rows).sum());
        assertTrue(told.contains("blk.1.ffn_gate_exps.weight"));
    }
}
