package dev.skald.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;

class StreamingListenerSuiteTest extends AbstractStreamingChatModelListenerIT {
    @Override
    protected StreamingChatModel createModel(ChatModelListener listener) {
        return Tiny.streaming()
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
    protected StreamingChatModel createFailingModel(ChatModelListener listener) {
        return SkaldStreamingChatModel.builder()
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
