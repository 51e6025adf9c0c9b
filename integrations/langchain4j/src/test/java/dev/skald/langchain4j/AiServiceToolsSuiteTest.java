package dev.skald.langchain4j;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.common.AbstractAiServiceWithToolsIT;
import java.util.List;

class AiServiceToolsSuiteTest extends AbstractAiServiceWithToolsIT {
    @Override
    protected List<ChatModel> models() {
        return List.of(Tiny.chat().build());
    }

    @Override
    protected boolean supportsRecursion() {
        return true;
    }

    @Override
    protected boolean verifyModelInteractions() {
        return true;
    }

    /** Instead of a photo from the web: it is refused, whatever it shows. */
    @Override
    protected Image catImage() {
        return Image.builder()
                .base64Data("R0lGODlhAQABAAAAACw=")
                .mimeType("image/gif")
                .build();
    }
}
