package dev.skald.runtime.chat;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** One message of a conversation. Its text is shown to the model as it is: nothing in it is interpreted. */
public sealed interface Message {

    /**
     * Who speaks.
     *
     * @return {@code system}, {@code user}, {@code assistant} or {@code tool}
     */
    String role();

    /**
     * What is said.
     *
     * @return the text, which may be empty
     */
    String content();

    /**
     * How the model shall behave; usually the first message.
     *
     * @param text what is said
     * @return the message
     */
    static Message system(String text) {
        return new System(text);
    }

    /**
     * What the user says.
     *
     * @param text what is said
     * @return the message
     */
    static Message user(String text) {
        return new User(text);
    }

    /**
     * What the model says.
     *
     * @param text what is said
     * @return the message
     */
    static Message assistant(String text) {
        return new Assistant(text, Optional.empty(), List.of());
    }

    /**
     * What a function answers.
     *
     * @param call what the model asked for
     * @param result the answer, often JSON
     * @return the message
     */
    static Message tool(ToolCall call, String result) {
        return new Tool(call.id(), call.name(), result);
    }

    /**
     * How the model shall behave.
     *
     * @param content what is said
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
     * What the user says.
     *
     * @param content what is said
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
     * What the model says.
     *
     * @param content what is said; may be empty, in particular beside calls
     * @param reasoning what the model thought before, where it does so; templates know it as {@code reasoning_content}
     * @param toolCalls the calls that the model asks for
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
     * What a function answers.
     *
     * @param callId the {@link ToolCall#id()}, or empty
     * @param name the function's
     * @param content the answer, often JSON
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
