package dev.skald.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.common.AbstractAiServiceWithJsonSchemaIT;
import java.util.List;

class AiServiceSchemaSuiteTest extends AbstractAiServiceWithJsonSchemaIT {
    @Override
    protected List<ChatModel> models() {
        return List.of(Tiny.chat().build());
    }

    @Override
    protected boolean supportsRecursion() {
        return true;
    }
}
