package dev.skald.runtime.chat;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** One message of a conversation. The model reads its text as it is; nothing in it is interpreted. */
public sealed interface Message {

    /**
     * Returns the role of the sender.
     *
     * @return {@code system}, {@code user}, {@code assistant} or {@code tool}
     */
    String role();

    /**
     * Returns the text of the message.
     *
     * @return the text, which may be empty
     */
    String content();

    /**
     * Creates a system message, which says how the model shall behave. It is usually the first message.
     *
     * @param text the text
     * @return the message
     */
    static Message system(String text) {
        return new System(text);
    }

    /**
     * A message from the user.
     *
     * @param text the text
     * @return the message
     */
    static Message user(String text) {
        return new User(text);
    }

    /**
     * A message from the model.
     *
     * @param text the text
     * @return the message
     */
    static Message assistant(String text) {
        return new Assistant(text, Optional.empty(), List.of());
    }

    /**
     * The result of a function call.
     *
     * @param call the model's call
     * @param result the result, often JSON
     * @return the message
     */
    static Message tool(ToolCall call, String result) {
        return new Tool(call.id(), call.name(), result);
    }

    /**
     * A system message, which says how the model shall behave.
     *
     * @param content the text
     */
    record System(String content) implements Message {
        /** A message. */
        public System {
            Objects.requireNonNull(content, "content");
        }

        @Override
        public String role() {
            return "system";
        }
    }

    /**
     * A message from the user.
     *
     * @param content the text
     */
    record User(String content) implements Message {
        /** A message. */
        public User {
            Objects.requireNonNull(content, "content");
        }

        @Override
        public String role() {
            return "user";
        }
    }

    /**
     * A message from the model.
     *
     * @param content the text; often empty if there are calls
     * @param reasoning the model's reasoning before the answer, if any; in templates {@code reasoning_content}
     * @param toolCalls the model's function calls
     */
    record Assistant(String content, Optional<String> reasoning, List<ToolCall> toolCalls) implements Message {
        /** A message; the list is copied. */
        public Assistant {
            Objects.requireNonNull(content, "content");
            Objects.requireNonNull(reasoning, "reasoning");
            toolCalls = List.copyOf(toolCalls);
        }

        @Override
        public String role() {
            return "assistant";
        }
    }

    /**
     * The result of a function call.
     *
     * @param callId the {@link ToolCall#id()}, or empty
     * @param name the name of the function
     * @param content the result, often JSON
     */
    record Tool(String callId, String name, String content) implements Message {
        /** A message. */
        public Tool {
            Objects.requireNonNull(callId, "callId");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(content, "content");
        }

        @Override
        public String role() {
            return "tool";
        }
    }
}
