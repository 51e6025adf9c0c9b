package dev.skald.spring.ai;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorAutoRegistrationIT;

class AutoRegistrationSuiteTest extends AbstractToolCallingAdvisorAutoRegistrationIT {
    @Override
    protected ChatModel getChatModel() {
        return Tiny.chat().build();
    }
}
