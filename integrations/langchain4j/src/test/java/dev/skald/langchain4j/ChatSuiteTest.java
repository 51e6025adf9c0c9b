package dev.skald.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;

class ChatSuiteTest extends AbstractChatModelIT {
    @Override
    protected List<ChatModel> models() {
        return List.of(Tiny.chat().build());
    }

    @Override
    protected ChatModel createModelWith(ChatRequestParameters parameters) {
        return Tiny.chat().defaultRequestParameters(parameters).build();
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return SkaldChatRequestParameters.builder()
                .maxOutputTokens(maxOutputTokens)
                .build();
    }

    /** A model is a file: a request cannot name another. */
    @Override
    protected boolean supportsModelNameParameter() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsBase64EncodedString() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsPublicURL() {
        return false;
    }

    @Override
    protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(ChatModel model) {
        return SkaldChatResponseMetadata.class;
    }

    @Override
    protected Class<? extends TokenUsage> tokenUsageType(ChatModel model) {
        return SkaldTokenUsage.class;
    }
}
