package dev.skald.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The choice of types compared with llama.cpp's. {@code mixtures.txt} has the types that llama-quantize (build 4748, February 2025)
 * chose for files with the layers and heads of the five Norwegian models and two others, whose matrices are 2 rows of 256. It did
 * so with and without an importance matrix; {@code any} stands for both if they agree. A line has the type of most matrices, and
 * then the others with their layers.
 */
class MixtureTest {
    private static final List<String> ROLES =
            List.of("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down");
    private static final Pattern MODEL =
            Pattern.compile("model (\\S+) (\\d+) layers, (\\d+) heads, (\\d+) of keys, (tied|with output)");

    record Case(String shape, ModelTraits model, boolean tied, String mixture, boolean importance, String expected) {
        @Override
        public String toString() {
            return shape + " " + mixture + (importance ? " with" : " without") + " importance";
        }

        Map<String, Long> columns() {
            Map<String, Long> columns = new LinkedHashMap<>();
            columns.put("token_embd.weight", 256L);
            for (int layer = 0; layer < model.layers(); layer++) {
                for (String role : ROLES) {
                    columns.put("blk." + layer + "." + role + ".weight", 256L);
                }
            }
            if (!tied) {
                columns.put("output.weight", 256L);
            }
            return columns;
        }

        Map<String, GgmlType> types() {
            String[] parts = expected.split(" ");
            Map<String, GgmlType> types = new LinkedHashMap<>();
            columns().keySet().forEach(name -> types.put(name, GgmlType.valueOf(parts[0])));
            for (int i = 1; i < parts.length; i++) {
                String[] part = parts[i].split("[=:]");
                GgmlType type = GgmlType.valueOf(part[1]);
                if (part.length == 2) {
                    types.put(part[0] + ".weight", type);
                    continue;
                }
                for (String range : part[2].split(",")) {
                    String[] ends = range.split("-");
                    int last = Integer.parseInt(ends[ends.length - 1]);
                    for (int layer = Integer.parseInt(ends[0]); layer <= last; layer++) {
                        types.put("blk." + layer + "." + part[0] + ".weight", type);
                    }
                }
            }
            return types;
        }
    }

    static Stream<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        String shape = null;
        ModelTraits model = null;
        boolean tied = false;
        try (InputStream in = MixtureTest.class.getResourceAsStream("mixtures.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                Matcher head = MODEL.matcher(line);
                if (head.matches()) {
                    shape = head.group(1);
                    model = new ModelTraits(
                            "llama",
                            Integer.parseInt(head.group(2)),
                            Integer.parseInt(head.group(3)),
                            Integer.parseInt(head.group(4)),
                            0);
                    tied = head.group(5).equals("tied");
                    continue;
                }
                String[] parts = line.split(" ", 3);
                if (!parts[1].equals("with")) {
                    cases.add(new Case(shape, model, tied, parts[0], false, parts[2]));
                }
                if (!parts[1].equals("without")) {
                    cases.add(new Case(shape, model, tied, parts[0], true, parts[2]));
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyTensorGetsTheTypeThatLlamaCppGivesIt(Case given) {
        Map<String, GgmlType> types =
                Mixture.named(given.mixture()).types(given.model(), given.columns(), given.importance());
        assertEquals(given.types(), types);
    }

    /** From tensor_type_fallback of llama-quant.cpp (August 2026); F16 also where llama.cpp gives up: rows that are no multiple of 32. */
    @ParameterizedTest
    @CsvSource({
        "Q4_K,  256, Q4_K", "Q4_K,  288, Q5_0", "Q5_K, 288, Q5_1", "Q6_K,   288, Q8_0", "Q3_K,    288, Q4_0",
        "Q2_K,  288, Q4_0", "TQ1_0, 288, Q4_0", "Q2_0, 96,  Q4_0", "IQ4_XS, 288, IQ4_NL", "IQ2_S, 288, IQ4_NL",
        "IQ3_S, 172, F16", "Q4_K,  172, F16", "Q4_0, 172, F16", "Q8_0,   32,  Q8_0", "NVFP4,   96,  F16",
    })
    void rowsThatABlockDoesNotDivideGetAnotherType(GgmlType wanted, long columns, GgmlType expected) {
        assertEquals(expected, TypeRules.fitting(wanted, columns));
    }

    /** From tensor_requires_imatrix of llama-quant.cpp. */
    @ParameterizedTest
    @CsvSource({
        "blk.0.attn_q.weight, IQ1_S,   IQ1_S,  true",
        "blk.0.attn_q.weight, IQ3_XXS, IQ3_XS, true",
        "blk.0.attn_q.weight, IQ3_S,   IQ3_S,  false",
        "blk.0.attn_q.weight, Q2_K,    Q2_K_S, true",
        "blk.0.attn_q.weight, Q2_K,    Q2_K,   false",
        "token_embd.weight,   Q2_K,    Q2_K_S, false",
        "output.weight,       IQ2_XXS, IQ2_XS, false",
    })
    void theSmallestTypesNeedImportance(String tensor, GgmlType type, Mixture mixture, boolean needed) {
        assertEquals(needed, TypeRules.needsImportance(tensor, type, mixture));
    }

    @Test
    void namesAreFoundInAnyCaseAndWithLlamaQuantizesAliases() {
        assertEquals(Mixture.Q4_K_M, Mixture.named("q4_k"));
        assertEquals(Mixture.IQ4_XS, Mixture.named("iq4_xs"));
        String message = assertThrows(IllegalArgumentException.class, () -> Mixture.named("Q9_K"))
                .getMessage();
        assertTrue(message.contains("Q9_K") && message.contains("Q4_K_M"), message);
    }
}
