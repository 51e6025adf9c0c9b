package dev.skald.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;

class ChatListenerSuiteTest extends AbstractChatModelListenerIT {
    @Override
    protected ChatModel createModel(ChatModelListener listener) {
        return Tiny.chat()
                .temperature(temperature())
                .topP(topP())
                .maxOutputTokens(maxTokens())
                .listeners(listener)
                .build();
    }

    @Override
    protected String modelName() {
        return Tiny.NAME;
    }

    /** Its context is too short for the question. */
    @Override
    protected ChatModel createFailingModel(ChatModelListener listener) {
        return SkaldChatModel.builder()
                .model(Tiny.MODEL)
                .chatOptions(o -> o.contextLength(4))
                .listeners(listener)
                .build();
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
        return InvalidRequestException.class;
    }
}
