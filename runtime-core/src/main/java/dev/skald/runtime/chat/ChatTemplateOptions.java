package dev.skald.runtime.chat;

import java.time.Clock;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What is passed to a {@link ChatTemplate} besides the messages. Immutable. */
public final class ChatTemplateOptions {
    private static final Set<String> OWN =
            Set.of("messages", "add_generation_prompt", "tools", "bos_token", "eos_token");

    private final Map<String, Object> variables;
    private final Clock clock;

    private ChatTemplateOptions(Builder builder) {
        variables = Collections.unmodifiableMap(new LinkedHashMap<>(builder.variables));
        clock = builder.clock;
    }

    /**
     * Starts from the defaults: the text ends where the answer begins, no tools, no tokens, the machine's clock.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the variables.
     *
     * @return the variables by name; cannot be changed
     */
    public Map<String, Object> variables() {
        return variables;
    }

    Clock clock() {
        return clock;
    }

    /** Collects options. */
    public static final class Builder {
        private final Map<String, Object> variables = new LinkedHashMap<>();
        private Clock clock = Clock.systemDefaultZone();

        private Builder() {
            addGenerationPrompt(true);
            tools(List.of());
            variables.put("documents", null);
        }

        /**
         * Sets whether the text ends where the model's answer begins. The default is true.
         *
         * @param value false for a complete conversation
         * @return this
         */
        public Builder addGenerationPrompt(boolean value) {
            variables.put("add_generation_prompt", value);
            return this;
        }

        /**
         * Sets the functions that the model may call. By default there are none.
         *
         * @param tools replace those from earlier calls
         * @return this
         */
        public Builder tools(List<ToolDefinition> tools) {
            // None, not an empty list: that is what templates ask for.
            variables.put(
                    "tools",
                    tools.isEmpty() ? null : tools.stream().map(Variables::of).toList());
            return this;
        }

        /**
         * Sets the text of the begin-of-text token. By default it is undefined.
         *
         * @param text such as {@code <s>}
         * @return this
         */
        public Builder bosToken(String text) {
            variables.put("bos_token", Objects.requireNonNull(text, "bosToken"));
            return this;
        }

        /**
         * Sets the text of the end-of-text token. By default it is undefined.
         *
         * @param text such as {@code </s>}
         * @return this
         */
        public Builder eosToken(String text) {
            variables.put("eos_token", Objects.requireNonNull(text, "eosToken"));
            return this;
        }

        /**
         * Sets a variable of the template, such as {@code enable_thinking} or {@code documents}.
         *
         * @param name the name in the template
         * @param value String, Boolean, Number, List, Map or null; copied
         * @return this
         * @throws IllegalArgumentException if the value has another type, or the variable of this name has its own
         *     method
         */
        public Builder variable(String name, Object value) {
            if (OWN.contains(name)) {
                throw new IllegalArgumentException("the variable '" + name + "' is set by its own method");
            }
            variables.put(Objects.requireNonNull(name, "name"), JsonValues.copy(name, value));
            return this;
        }

        /**
         * Sets the clock, for templates that write the time. The default is the machine's clock.
         *
         * @param value a clock with its time zone
         * @return this
         */
        public Builder clock(Clock value) {
            clock = Objects.requireNonNull(value, "clock");
            return this;
        }

        /**
         * Builds the options.
         *
         * @return immutable options
         */
        public ChatTemplateOptions build() {
            return new ChatTemplateOptions(this);
        }
    }
}
