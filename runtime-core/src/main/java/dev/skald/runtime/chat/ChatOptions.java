package dev.skald.runtime.chat;

import dev.skald.runtime.check.Checks;
import dev.skald.runtime.generate.Adapter;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.SessionOptions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Options for opening a chat. Every option has a default. */
public final class ChatOptions {
    private final SessionOptions session;
    private final ChatTemplateOptions.Builder variables = ChatTemplateOptions.builder();
    private final List<Message> messages = new ArrayList<>();
    private String system;
    private ChatTemplate template;
    private List<ToolDefinition> tools = List.of();
    private ToolCallForm toolCalls;
    private ToolChoice toolChoice = ToolChoice.AUTO;
    private boolean parallelToolCalls = true;
    private boolean constrainCalls = true;
    private ReasoningForm reasoning;
    private int maxThinkingTokens = Integer.MAX_VALUE;
    private Clock clock = Clock.systemDefaultZone();
    private Overflow overflow = Overflow.FAIL;
    private Consumer<GenerationOptions> generation = options -> {};

    /**
     * Creates the default options.
     *
     * @param contextLength the number of positions that the model was trained for
     */
    public ChatOptions(int contextLength) {
        session = new SessionOptions(contextLength);
    }

    /**
     * Sets the system message. By default there is none, except for one that the template itself contains.
     *
     * @param text the message; null for none
     * @return this
     */
    public ChatOptions system(String text) {
        system = text;
        return this;
    }

    /**
     * Adds messages of an earlier conversation, after the system message.
     *
     * @param earlier the messages in order; added to those from earlier calls
     * @return this
     */
    public ChatOptions messages(List<? extends Message> earlier) {
        messages.addAll(earlier);
        return this;
    }

    /**
     * Sets how many tokens the conversation may have. The default is what the model was trained for. Memory is
     * allocated as the conversation grows.
     *
     * @param positions 1 or more
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ChatOptions contextLength(int positions) {
        session.contextLength(positions);
        return this;
    }

    /**
     * An adapter that the conversation is computed with, see {@link SessionOptions#adapter}.
     *
     * @param adapter of the same model; must stay open as long as the chat
     * @param scale a factor on what it adds; 1 as it was trained
     * @return this
     * @throws IllegalArgumentException if the scale is no finite number
     */
    public ChatOptions adapter(Adapter adapter, double scale) {
        session.adapter(adapter, scale);
        return this;
    }

    /**
     * Sets a built-in template, for a model whose file has none, or instead of the file's.
     *
     * @param name one of {@link ChatTemplates#names()}; the model's card shows which one fits
     * @return this
     * @throws IllegalArgumentException if there is no template of this name
     */
    public ChatOptions template(String name) {
        return template(ChatTemplates.named(name));
    }

    /**
     * Sets a custom template.
     *
     * @param other used instead of the file's
     * @return this
     */
    public ChatOptions template(ChatTemplate other) {
        template = Objects.requireNonNull(other, "template");
        return this;
    }

    /**
     * Sets the functions that the model may call. Its calls then appear in {@link Answer#toolCalls()} and in the
     * answer's message, and not in the text. Send results as {@link Message#tool} messages.
     *
     * @param functions replace those from earlier calls
     * @return this
     */
    public ChatOptions tools(List<ToolDefinition> functions) {
        tools = List.copyOf(functions);
        return this;
    }

    /**
     * Whether the model is to call functions. By default {@link ToolChoice#AUTO}; {@link Chat#toolChoice} changes it for later
     * answers.
     *
     * @param choice what is asked of it
     * @return this
     */
    public ChatOptions toolChoice(ToolChoice choice) {
        toolChoice = Objects.requireNonNull(choice, "choice");
        return this;
    }

    /**
     * Whether an answer that has to call may call several functions. By default true.
     *
     * @param value false for one call
     * @return this
     */
    public ChatOptions parallelToolCalls(boolean value) {
        parallelToolCalls = value;
        return this;
    }

    /**
     * Whether a call that the model begins of itself is held to its form and to the function's schema. By default true. A
     * call that it has to make always is.
     *
     * @param value false for calls as the model writes them
     * @return this
     */
    public ChatOptions constrainCalls(boolean value) {
        constrainCalls = value;
        return this;
    }

    /**
     * Sets how the model writes calls, if the template does not show it.
     *
     * @param form the form
     * @return this
     */
    public ChatOptions toolCalls(ToolCallForm form) {
        toolCalls = Objects.requireNonNull(form, "form");
        return this;
    }

    /**
     * Sets whether the model should think before it answers, if its template leaves that open. This sets the template's variables
     * {@code enable_thinking} and {@code thinking}; most templates read one of them. By default, the template decides.
     *
     * @param wanted false for an answer at once
     * @return this
     */
    public ChatOptions thinking(boolean wanted) {
        return variable("enable_thinking", wanted).variable("thinking", wanted);
    }

    /**
     * How many tokens the thoughts before an answer may have. When there are more, their end is written for the model,
     * which then answers. They count among {@link GenerationOptions#maxTokens} too. By default there is no bound.
     *
     * @param tokens 0 or more
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ChatOptions maxThinkingTokens(int tokens) {
        maxThinkingTokens = Checks.range("maxThinkingTokens", tokens, 0, Integer.MAX_VALUE);
        return this;
    }

    /**
     * The marks between which the model thinks, where they do not follow from the template.
     *
     * @param form the marks
     * @return this
     */
    public ChatOptions reasoning(ReasoningForm form) {
        reasoning = Objects.requireNonNull(form, "form");
        return this;
    }

    /**
     * Sets a variable of the template, such as {@code enable_thinking}.
     *
     * @param name the name in the template
     * @param value String, Boolean, Number, List, Map or null
     * @return this
     * @throws IllegalArgumentException if the value has another type, or Skald sets the variable of this name itself
     */
    public ChatOptions variable(String name, Object value) {
        variables.variable(name, value);
        return this;
    }

    /**
     * Sets the clock, for templates that write the time. It is read once, when the chat is opened, so that the text
     * before the answer does not change. The default is the machine's clock.
     *
     * @param value a clock with its time zone
     * @return this
     */
    public ChatOptions clock(Clock value) {
        clock = Objects.requireNonNull(value, "clock");
        return this;
    }

    /**
     * Sets what happens when the context is full. The default is {@link Overflow#FAIL}.
     *
     * @param value what to do
     * @return this
     */
    public ChatOptions overflow(Overflow value) {
        overflow = Objects.requireNonNull(value, "overflow");
        return this;
    }

    /**
     * Sets options for all answers; options of a single answer override them.
     *
     * @param settings changes the default options
     * @return this
     */
    public ChatOptions generation(Consumer<GenerationOptions> settings) {
        generation = Objects.requireNonNull(settings, "generation");
        return this;
    }

    /**
     * Changes the options of the chat's session.
     *
     * @param settings changes the default options; the chat uses one sequence
     * @return this
     */
    public ChatOptions session(Consumer<SessionOptions> settings) {
        settings.accept(session);
        return this;
    }

    /**
     * Returns the options of the chat's session.
     *
     * @return the options, which may still be changed
     */
    public SessionOptions session() {
        return session;
    }

    /**
     * Returns the messages that the conversation begins with.
     *
     * @return the system message, if there is one, and those of an earlier conversation
     */
    public List<Message> messages() {
        List<Message> all = new ArrayList<>();
        if (system != null) {
            all.add(Message.system(system));
        }
        all.addAll(messages);
        return all;
    }

    /**
     * Returns the template that was set.
     *
     * @return the template, or empty for the file's
     */
    public Optional<ChatTemplate> template() {
        return Optional.ofNullable(template);
    }

    /**
     * Returns the functions that the model may call.
     *
     * @return an immutable list
     */
    public List<ToolDefinition> tools() {
        return tools;
    }

    /**
     * Whether the model is to call functions.
     *
     * @return what is asked of it
     */
    public ToolChoice toolChoice() {
        return toolChoice;
    }

    /**
     * Whether an answer that has to call may call several functions.
     *
     * @return false for one call
     */
    public boolean parallelToolCalls() {
        return parallelToolCalls;
    }

    /**
     * Whether a call that the model begins of itself is held to its schema.
     *
     * @return false for calls as the model writes them
     */
    public boolean constrainsCalls() {
        return constrainCalls;
    }

    /**
     * Returns the form of calls that was set.
     *
     * @return the form, or empty if the template decides
     */
    public Optional<ToolCallForm> toolCalls() {
        return Optional.ofNullable(toolCalls);
    }

    /**
     * The marks of thoughts that were named.
     *
     * @return the form, or empty for what follows from the template
     */
    public Optional<ReasoningForm> reasoning() {
        return Optional.ofNullable(reasoning);
    }

    /**
     * How many tokens the thoughts before an answer may have.
     *
     * @return 0 or more
     */
    public int maxThinkingTokens() {
        return maxThinkingTokens;
    }

    /**
     * Returns what happens when the context is full.
     *
     * @return what to do
     */
    public Overflow overflow() {
        return overflow;
    }

    /**
     * Returns the options for all answers.
     *
     * @return what changes the options of an answer
     */
    public Consumer<GenerationOptions> generation() {
        return generation;
    }

    /**
     * Returns what is passed to the template: variables, tools and the time, but no tokens of the model's vocabulary.
     *
     * @return a builder, to which tokens can be added
     */
    public ChatTemplateOptions.Builder variables() {
        return variables
                .tools(toolChoice.equals(ToolChoice.NONE) ? List.of() : tools)
                .clock(Clock.fixed(clock.instant(), clock.getZone()));
    }
}
