package dev.skald.runtime.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgufFormatException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.quantize.Mixture;
import dev.skald.runtime.quantize.Quantizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OriginalModelTest {
    private static final String LLAMA = "llama-2-chat-norwegian";

    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        TinyModel.write(
                (Map<?, ?>) TinyModel.read("models.json").get(LLAMA), TinyModel.read("tokenizers.json"), folder);
    }

    private void replace(String file, String old, String wanted) throws IOException {
        Path path = folder.resolve(file);
        String text = Files.readString(path);
        assertTrue(text.contains(old), text);
        Files.writeString(path, text.replace(old, wanted));
    }

    private String refusal() {
        String message = assertThrows(RuntimeException.class, () -> OriginalModel.open(folder))
                .getMessage();
        assertTrue(message.contains(folder.toString()), message);
        return message;
    }

    @Test
    void namesTheKindsThatItKnows() throws IOException {
        replace("config.json", "LlamaForCausalLM", "Mamba9ForCausalLM");
        String message = assertThrows(UnsupportedModelException.class, () -> OriginalModel.open(folder))
                .getMessage();
        assertTrue(message.contains("Mamba9ForCausalLM") && message.contains("MistralForCausalLM"), message);
        assertTrue(OriginalModel.architectures().contains("Gemma3ForCausalLM"));
    }

    @Test
    void saysWhichKeyIsMissingOrWrong() throws IOException {
        replace("config.json", "\"num_attention_heads\":4", "\"num_attention_heads\":0");
        assertTrue(refusal().contains("num_attention_heads"));
        replace("config.json", "\"num_attention_heads\":0", "\"num_attention_heads\":3");
        assertTrue(refusal().contains("64 rows do not make 3 heads"));
        replace("config.json", "\"num_attention_heads\":3", "\"other\":3");
        assertTrue(refusal().contains("lacks 'num_attention_heads'"));
    }

    @Test
    void takesNoSizeThatTheWeightsDoNotHave() throws IOException {
        replace("config.json", "\"vocab_size\":285", "\"vocab_size\":16000000");
        assertTrue(refusal().contains("285 rows of the embedding"));
        replace("config.json", "\"vocab_size\":16000000", "\"vocab_size\":285");
        replace("config.json", "\"num_hidden_layers\":2", "\"num_hidden_layers\":2000000000");
        assertTrue(refusal().contains("num_hidden_layers"));
    }

    @Test
    void saysWhichFileIsMissing() throws IOException {
        Files.delete(folder.resolve("tokenizer.model"));
        assertTrue(assertThrows(NoSuchFileException.class, () -> OriginalModel.open(folder))
                .getMessage()
                .contains("tokenizer"));
        Files.delete(folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("pytorch_model.bin"), "x");
        assertTrue(assertThrows(NoSuchFileException.class, () -> OriginalModel.open(folder))
                .getMessage()
                .contains("pytorch_model.bin"));
    }

    @Test
    void refusesAnIndexThatLeadsElsewhereOrLies() throws IOException {
        Path index = folder.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\":{\"a\":\"../model.safetensors\"}}");
        assertTrue(refusal().contains("in the same folder"));
        Files.writeString(index, "{\"weight_map\":{\"a\":\"model.safetensors\"}}");
        assertTrue(refusal().contains("does not have it"));
    }

    @Test
    void refusesADamagedTokenizer() throws IOException {
        Files.write(folder.resolve("tokenizer.model"), new byte[] {10, 127, 1});
        assertTrue(refusal().contains("127 bytes"));
        Files.write(folder.resolve("tokenizer.model"), new byte[] {(byte) 255, (byte) 255});
        assertTrue(refusal().contains("does not end"));
    }

    @Test
    void quantizesOnTheWayAndReadsBack() throws IOException {
        Path out = folder.resolve("out.gguf");
        try (Quantizer quantizer = Quantizer.open(OriginalModel.open(folder), Mixture.Q8_0, o -> {})) {
            quantizer.write(out);
        }
        Path again = folder.resolve("again.gguf");
        Path plain = folder.resolve("plain.gguf");
        try (Quantizer quantizer = Quantizer.open(OriginalModel.open(folder), Mixture.F16, o -> {})) {
            quantizer.write(plain);
        }
        try (Quantizer quantizer = Quantizer.open(plain, Mixture.Q8_0, o -> {})) {
            quantizer.write(again);
        }
        // The original is F16, so both ways round once only.
        assertEquals(-1, Files.mismatch(out, again));
    }

    @Test
    void aWrongSizeOfTheVocabularyIsSaid() throws IOException {
        Files.delete(folder.resolve("tokenizer.model"));
        Map<?, ?> bpe = (Map<?, ?>) TinyModel.read("tokenizers.json").get("bpe");
        Files.writeString(folder.resolve("tokenizer.json"), (String) bpe.get("tokenizer.json"));
        replace("config.json", "\"vocab_size\":285", "\"vocab_size\":100");
        String message = assertThrows(GgufFormatException.class, () -> OriginalModel.open(folder))
                .getMessage();
        assertTrue(message.contains("vocab_size"), message);
    }
}
