package dev.skald.spring.ai;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorIT;
import org.springframework.ai.tool.ToolCallback;

class ToolCallingSuiteTest extends AbstractToolCallingAdvisorIT {
    @Override
    protected ChatModel getChatModel() {
        return Tiny.chat().build();
    }

    ToolCallback weather() {
        return createWeatherToolCallback();
    }
}
