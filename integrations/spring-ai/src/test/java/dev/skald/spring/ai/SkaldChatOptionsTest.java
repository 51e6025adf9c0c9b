package dev.skald.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.skald.runtime.chat.ToolChoice;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.test.options.AbstractChatOptionsTests;

class SkaldChatOptionsTest extends AbstractChatOptionsTests<SkaldChatOptions, SkaldChatOptions.Builder> {
    private static SkaldChatOptions.Builder all() {
        return SkaldChatOptions.builder()
                .model("m")
                .temperature(0.5)
                .topP(0.9)
                .topK(3)
                .maxTokens(9)
                .frequencyPenalty(0.1)
                .presencePenalty(0.2)
                .stopSequences(List.of("stop"))
                .toolContext("key", "value")
                .seed(7L)
                .minP(0.3)
                .repeatPenalty(1.1)
                .thinking(false)
                .maxThinkingTokens(5)
                .toolChoice(ToolChoice.REQUIRED)
                .parallelToolCalls(false)
                .outputSchema("{}")
                .schemaInPrompt(false);
    }

    @Override
    protected Class<SkaldChatOptions> getConcreteOptionsClass() {
        return SkaldChatOptions.class;
    }

    @Override
    protected SkaldChatOptions.Builder readyToBuildBuilder() {
        return all();
    }

    @Test
    void laterOptionsComeBeforeEarlierOnes() {
        SkaldChatOptions one = all().build();
        assertEquals(one, SkaldChatOptions.builder().combineWith(all()).build());
        assertEquals(one, all().combineWith(SkaldChatOptions.builder()).build());
        assertEquals(
                8L,
                all().combineWith(SkaldChatOptions.builder().seed(8L)).build().getSeed());
        SkaldChatOptions plain =
                all().combineWith(ChatOptions.builder().temperature(1.0)).build();
        assertEquals(1.0, plain.getTemperature());
        assertEquals(7L, plain.getSeed());
        assertNotEquals(one, plain);
        assertEquals(one.hashCode(), one.mutate().build().hashCode());
    }
}
