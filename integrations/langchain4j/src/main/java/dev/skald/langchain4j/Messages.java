package dev.skald.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Converts LangChain4j's messages to Skald's. */
final class Messages {
    private Messages() {}

    /**
     * Converts a conversation.
     *
     * @throws UnsupportedFeatureException if a message contains anything other than text
     */
    static List<Message> of(List<ChatMessage> messages) {
        return messages.stream().map(Messages::of).toList();
    }

    static Message of(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> Message.system(system.text());
            case UserMessage user -> Message.user(text(user.contents()));
            case AiMessage answer ->
                new Message.Assistant(
                        answer.text() == null ? "" : answer.text(),
                        Optional.ofNullable(answer.thinking()),
                        answer.toolExecutionRequests().stream()
                                .map(Messages::call)
                                .toList());
            case ToolExecutionResultMessage result ->
                new Message.Tool(result.id() == null ? "" : result.id(), result.toolName(), text(result.contents()));
            default ->
                throw new UnsupportedFeatureException("Skald does not support messages of the type " + message.type());
        };
    }

    private static ToolCall call(ToolExecutionRequest request) {
        String arguments = request.arguments();
        try {
            return ToolCall.of(
                    request.id() == null ? "" : request.id(),
                    request.name(),
                    arguments == null || arguments.isBlank() ? "{}" : arguments);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        }
    }

    private static String text(List<Content> contents) {
        return contents.stream().map(Messages::text).collect(Collectors.joining("\n"));
    }

    private static String text(Content content) {
        if (content instanceof TextContent text) {
            return text.text();
        }
        throw new UnsupportedFeatureException("Skald does not support non-text content ("
                + content.type().name().toLowerCase(Locale.ROOT) + "): its models read text only");
    }

    /** Adds the schema of the wanted JSON to the end of the user's last message. */
    static void askFor(String schema, List<Message> messages) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i) instanceof Message.User user) {
                String text = user.content() + "\n\nAnswer with JSON that fits this schema: " + schema;
                messages.set(i, Message.user(text));
                return;
            }
        }
    }
}
