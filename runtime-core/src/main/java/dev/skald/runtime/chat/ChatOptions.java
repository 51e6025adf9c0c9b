package dev.skald.runtime.chat;

import dev.skald.runtime.generate.Adapter;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.SessionOptions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** How a chat is opened. Every setting has a default. */
public final class ChatOptions {
    private final SessionOptions session;
    private final ChatTemplateOptions.Builder variables = ChatTemplateOptions.builder();
    private final List<Message> messages = new ArrayList<>();
    private String system;
    private ChatTemplate template;
    private List<ToolDefinition> tools = List.of();
    private ToolCallForm toolCalls;
    private Clock clock = Clock.systemDefaultZone();
    private Overflow overflow = Overflow.FAIL;
    private Consumer<GenerationOptions> generation = options -> {};

    /**
     * The defaults.
     *
     * @param contextLength what the model was trained for
     */
    public ChatOptions(int contextLength) {
        session = new SessionOptions(contextLength);
    }

    /**
     * What the model is told before the conversation. By default nothing, but for what its template says of itself.
     *
     * @param text the system message; null for none
     * @return this
     */
    public ChatOptions system(String text) {
        system = text;
        return this;
    }

    /**
     * Messages of an earlier conversation to go on from, after the system message.
     *
     * @param earlier in their order; added to those from before
     * @return this
     */
    public ChatOptions messages(List<? extends Message> earlier) {
        messages.addAll(earlier);
        return this;
    }

    /**
     * How many tokens the conversation may have. By default what the model was trained for; memory is taken as it grows.
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
     * A template for a model whose file carries none, or another than the file's.
     *
     * @param name one of {@link ChatTemplates#names()}, as the model's card shows it
     * @return this
     * @throws IllegalArgumentException if there is none of this name
     */
    public ChatOptions template(String name) {
        return template(ChatTemplates.named(name));
    }

    /**
     * A template of one's own.
     *
     * @param other in place of the file's
     * @return this
     */
    public ChatOptions template(ChatTemplate other) {
        template = Objects.requireNonNull(other, "template");
        return this;
    }

    /**
     * The functions that the model may ask for. Its calls are then no text, but {@link Answer#toolCalls()} and part
     * of the message that the answer becomes; results are sent as {@link Message#tool} messages.
     *
     * @param functions replace those from before
     * @return this
     */
    public ChatOptions tools(List<ToolDefinition> functions) {
        tools = List.copyOf(functions);
        return this;
    }

    /**
     * How the model writes its calls, where that does not follow from the template.
     *
     * @param form a form
     * @return this
     */
    public ChatOptions toolCalls(ToolCallForm form) {
        toolCalls = Objects.requireNonNull(form, "form");
        return this;
    }

    /**
     * A variable that the template knows, such as {@code enable_thinking}.
     *
     * @param name the template's name for it
     * @param value String, Boolean, Number, List, Map or null
     * @return this
     * @throws IllegalArgumentException if the value is anything else, or the name is one that Skald sets itself
     */
    public ChatOptions variable(String name, Object value) {
        variables.variable(name, value);
        return this;
    }

    /**
     * What time it is, for templates that tell the model. It is read once, as the chat is opened, so that what the model
     * has read stays as it is. By default the machine's clock.
     *
     * @param value a clock with its time zone
     * @return this
     */
    public ChatOptions clock(Clock value) {
        clock = Objects.requireNonNull(value, "clock");
        return this;
    }

    /**
     * What happens when the context is full. By default {@link Overflow#FAIL}.
     *
     * @param value what to do
     * @return this
     */
    public ChatOptions overflow(Overflow value) {
        overflow = Objects.requireNonNull(value, "overflow");
        return this;
    }

    /**
     * Settings for all answers; those of a single answer come after them.
     *
     * @param settings changes the options it is given
     * @return this
     */
    public ChatOptions generation(Consumer<GenerationOptions> settings) {
        generation = Objects.requireNonNull(settings, "generation");
        return this;
    }

    /**
     * How the session under the chat is opened.
     *
     * @param settings changes the options it is given; the chat uses one sequence
     * @return this
     */
    public ChatOptions session(Consumer<SessionOptions> settings) {
        settings.accept(session);
        return this;
    }

    /**
     * How the session under the chat is opened.
     *
     * @return the options, which may still be changed
     */
    public SessionOptions session() {
        return session;
    }

    /**
     * The conversation to begin with.
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
     * The template that was named.
     *
     * @return the template, or empty for the file's
     */
    public Optional<ChatTemplate> template() {
        return Optional.ofNullable(template);
    }

    /**
     * The functions that the model may ask for.
     *
     * @return an immutable list
     */
    public List<ToolDefinition> tools() {
        return tools;
    }

    /**
     * The form of calls that was named.
     *
     * @return the form, or empty for what follows from the template
     */
    public Optional<ToolCallForm> toolCalls() {
        return Optional.ofNullable(toolCalls);
    }

    /**
     * What happens when the context is full.
     *
     * @return what to do
     */
    public Overflow overflow() {
        return overflow;
    }

    /**
     * Settings for all answers.
     *
     * @return what changes the options of an answer
     */
    public Consumer<GenerationOptions> generation() {
        return generation;
    }

    /**
     * What the template is given: variables, tools and the time, but no tokens of the model's vocabulary.
     *
     * @return a builder, to which those can be added
     */
    public ChatTemplateOptions.Builder variables() {
        return variables.tools(tools).clock(Clock.fixed(clock.instant(), clock.getZone()));
    }
}
