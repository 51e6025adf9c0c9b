package dev.skald.runtime.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.skald.runtime.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The marks in the makers' templates, found by reading them. */
class ReasoningFormTest {
    private static final String THINK = "<think>";

    @Test
    void marksOfTheMakersTemplates() {
        Map<String, String> expected = new TreeMap<>();
        for (String name : new String[] {
            "Bielik-11B-v3.0-Instruct",
            "GLM-4.6",
            "GLM-4.7-Flash",
            "HuggingFaceTB-SmolLM3-3B",
            "LFM2.5-8B-A1B",
            "MiniMax-M2",
            "NVIDIA-Nemotron-3-Nano-30B-A3B-BF16",
            "NVIDIA-Nemotron-Nano-v2",
            "Qwen-QwQ-32B",
            "Qwen-Qwen3-0.6B",
            "Reka-Edge",
            "StepFun3.5-Flash",
            "deepseek-ai-DeepSeek-R1-Distill-Llama-8B",
            "deepseek-ai-DeepSeek-V3.2",
            "deepseek-ai-DeepSeek-V4",
            "ibm-granite-granite-3.3-2B-Instruct",
            "llama-cpp-deepseek-r1",
            "openbmb-MiniCPM5-1B",
            "poolside-Laguna-S-2.1",
            "poolside-Laguna-XS-2.1",
        }) {
            expected.put(name, THINK);
        }
        expected.put("MiniMax-M3", "<mm:think>");
        expected.put("Cohere2MoE", "<|START_THINKING|>");
        expected.put("google-gemma-4-31B-it-interleaved", "<|channel>thought\n");
        expected.put("unsloth-Apriel-1.5", "<thinking>");
        expected.put("openai-gpt-oss-120b", ReasoningForm.CHANNELS.begin());
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(Golden.path("golden/chat/templates"))) {
            files.forEach(file -> ReasoningForm.of(template(file))
                    .ifPresent(form -> found.put(file.getFileName().toString().replace(".jinja", ""), form.begin())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertEquals(expected, found);
    }

    private static ChatTemplate template(Path file) {
        try {
            return ChatTemplate.compile(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void marksHaveAText() {
        assertThrows(IllegalArgumentException.class, () -> new ReasoningForm(" ", "</think>"));
        assertThrows(IllegalArgumentException.class, () -> new ReasoningForm("<think>", ""));
    }
}
