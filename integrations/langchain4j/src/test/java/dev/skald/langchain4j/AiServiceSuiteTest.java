package dev.skald.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.common.AbstractAiServiceIT;
import java.util.List;

class AiServiceSuiteTest extends AbstractAiServiceIT {
    @Override
    protected List<ChatModel> models() {
        return List.of(Tiny.chat().build());
    }

    @Override
    protected Class<? extends TokenUsage> tokenUsageType(ChatModel model) {
        return SkaldTokenUsage.class;
    }
}
