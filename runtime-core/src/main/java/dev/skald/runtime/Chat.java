package dev.skald.runtime;

import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A conversation with a {@link Model}. It keeps the messages, writes them in the form that the model has learned, and
 * computes only what the model has not read yet: also after a message has been changed, all that stands before the change
 * is still there.
 *
 * {@snippet :
 * try (Chat chat = model.newChat(c -> c.system("Svar kort, på norsk."));
 *         Generation answer = chat.send("Hva er hovedstaden i Norge?")) {
 *     for (Token token : answer) {
 *         System.out.print(token.text());
 *     }
 * }
 * }
 *
 * <p>When an answer ends it becomes a message of the conversation, as it was shown: without the stop string, and without
 * white space before it. One that is cancelled, closed or interrupted stays as far as it came; if nothing of it has come,
 * the conversation is again as it was before the messages that were to be answered.
 *
 * <p>For one thread at a time, but for {@link #close()} and for the {@link Generation}, which any thread may cancel or
 * close.
 */
public final class Chat implements AutoCloseable {
    private final Session session;
    private final ChatForm form;
    private final Overflow overflow;
    private final ChatPlanner planner;
    private final Consumer<GenerationOptions> settings;
    private final List<Message> messages;

    private Transcript transcript = Transcript.EMPTY;
    /** How many messages after the system message the model no longer sees. */
    private int dropped;

    private Generation active;

    /** What of the transcript has been taken out of the cache. */
    private Gap gap = Gap.NONE;

    Chat(Session session, ChatForm form, ChatOptions options) {
        this.session = session;
        this.form = form;
        this.overflow = options.overflow();
        this.planner = new ChatPlanner(session, form, overflow);
        this.settings = options.generation();
        this.messages = options.messages();
    }

    private Chat(Session session, Chat other) {
        this.session = session;
        this.form = other.form;
        this.overflow = other.overflow;
        this.planner = new ChatPlanner(session, form, overflow);
        this.settings = other.settings;
        this.messages = new ArrayList<>();
        become(other.state());
    }

    /**
     * Says something and generates the answer, with the chat's settings.
     *
     * @param text what the user says
     * @return the tokens to come, computed as they are asked for; close it when done
     * @throws ContextOverflowException if the conversation does not fit into the context; it stays as it was
     * @throws ChatTemplateException if the template refuses the conversation; it stays as it was
     * @throws IllegalStateException if the answer before has not ended, or the chat or the model is closed
     */
    public Generation send(String text) {
        return send(text, options -> {});
    }

    /**
     * Says something and generates the answer.
     *
     * @param text what the user says
     * @param settings changes the chat's settings for this answer
     * @return the tokens to come, computed as they are asked for; close it when done
     * @throws ContextOverflowException if the conversation does not fit into the context; it stays as it was
     * @throws ChatTemplateException if the template refuses the conversation; it stays as it was
     * @throws IllegalStateException if the answer before has not ended, or the chat or the model is closed
     */
    public Generation send(String text, Consumer<GenerationOptions> settings) {
        return send(List.of(Message.user(text)), settings);
    }

    /**
     * Adds messages, such as the results of calls, and generates the answer to the conversation as it then stands. Without
     * any, the last message is answered: again, if it has been answered before and the answer was taken away by
     * {@link #truncate}.
     *
     * @param more in their order; may be empty
     * @param settings changes the chat's settings for this answer
     * @return the tokens to come, computed as they are asked for; close it when done
     * @throws ContextOverflowException if the conversation does not fit into the context; it stays as it was
     * @throws ChatTemplateException if the template refuses the conversation; it stays as it was
     * @throws IllegalStateException if the answer before has not ended, or the chat or the model is closed
     */
    public synchronized Generation send(List<? extends Message> more, Consumer<GenerationOptions> settings) {
        checkIdle();
        GenerationOptions options = session.options(this.settings
                .andThen(settings)
                .andThen(all -> all.stop(form.template().stops().toArray(String[]::new))));
        List<Message> all = new ArrayList<>(messages);
        all.addAll(more);
        ChatPlanner.Plan plan = planner.plan(state(), all, options.maxTokens());
        int[] tokens = plan.tokens();
        if (plan.shift() > 0) {
            session.remove(0, plan.gap().from(), plan.shift());
        }
        // The last token is computed in any case: its logits are not in the cache.
        int kept = Math.min(Transcript.common(tokens, session.tokens(0)), tokens.length - 1);
        session.truncate(0, kept);
        // The cache is what the gap says from here on, whatever comes.
        transcript = plan.transcript();
        gap = plan.gap();
        int beginning = overflow == Overflow.SHIFT ? form.beginning(all) : 0;
        Answer answer = new Answer(Arrays.copyOf(tokens, kept), messages.size(), beginning);
        Generation generation = session.generate(Arrays.copyOfRange(tokens, kept, tokens.length), options, answer);
        messages.addAll(more);
        dropped = plan.dropped();
        active = generation;
        return generation;
    }

    /**
     * Says something and waits for the whole answer.
     *
     * @param text what the user says
     * @return the answer
     * @throws ContextOverflowException if the conversation does not fit into the context; it stays as it was
     * @throws ChatTemplateException if the template refuses the conversation; it stays as it was
     * @throws IllegalStateException if the answer before has not ended, or the chat or the model is closed
     */
    public String ask(String text) {
        try (Generation answer = send(text)) {
            return answer.text();
        }
    }

    /**
     * The conversation so far; an answer belongs to it when it has ended.
     *
     * @return an immutable copy
     */
    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    /**
     * Changes what a message says. Those after it stay; the model reads them anew before its next answer.
     *
     * @param index which of {@link #messages()}
     * @param text what it says now
     * @throws IndexOutOfBoundsException if there is no such message
     * @throws IllegalStateException if an answer has not ended
     */
    public synchronized void edit(int index, String text) {
        checkIdle();
        Message changed = switch (messages.get(index)) {
            case Message.System _ -> Message.system(text);
            case Message.User _ -> Message.user(text);
            case Message.Tool tool -> new Message.Tool(tool.callId(), tool.name(), text);
            case Message.Assistant answer -> new Message.Assistant(text, answer.reasoning(), answer.toolCalls());
        };
        messages.set(index, changed);
        dropped = 0;
    }

    /**
     * Forgets the end of the conversation.
     *
     * @param count how many of {@link #messages()} stay
     * @throws IllegalArgumentException if {@code count} is out of range
     * @throws IllegalStateException if an answer has not ended
     */
    public synchronized void truncate(int count) {
        checkIdle();
        Checks.range("count", count, 0, messages.size());
        messages.subList(count, messages.size()).clear();
        dropped = 0;
    }

    /**
     * Forgets the whole conversation but for the system message.
     *
     * @throws IllegalStateException if an answer has not ended
     */
    public synchronized void reset() {
        truncate(ChatPlanner.leading(messages));
    }

    /**
     * Changes the system message, or adds or removes one.
     *
     * @param text what the model is told; null for nothing
     * @throws IllegalStateException if an answer has not ended
     */
    public synchronized void system(String text) {
        checkIdle();
        messages.subList(0, ChatPlanner.leading(messages)).clear();
        if (text != null) {
            messages.addFirst(Message.system(text));
        }
        dropped = 0;
    }

    /**
     * Another chat with the same conversation, to go on from here in several ways: several answers to one question, say.
     * The two share the memory of what they have in common, and neither sees what the other does afterwards.
     *
     * @return a chat of the same model; close it when done
     * @throws IllegalStateException if an answer has not ended, or the chat or the model is closed
     */
    public synchronized Chat fork() {
        checkIdle();
        return new Chat(session.fork(), this);
    }

    /**
     * Writes the conversation and its cache to a file, for {@link #load}. What was there before is replaced when all is
     * written. Only its owner may read the file, where the system knows owners.
     *
     * @param file where to
     * @throws IOException if it cannot be written; nothing is left of it then
     * @throws IllegalStateException if an answer has not ended, or the chat or the model is closed
     */
    public synchronized void save(Path file) throws IOException {
        checkIdle();
        session.save(file, state().write());
    }

    /**
     * Makes this conversation what another was when it was saved, with nothing to compute anew; template, tools and
     * settings stay this chat's. The file is checked first: that it is whole, and of this model and this kind of cache. If
     * anything is wrong with it the conversation stays as it was.
     *
     * @param file what {@link #save} has written
     * @throws IOException if the file cannot be read, is damaged, is of another model or another kind of cache, or is
     *     longer than this chat's context
     * @throws IllegalStateException if an answer has not ended, or the chat or the model is closed
     */
    public synchronized void load(Path file) throws IOException {
        checkIdle();
        become(session.restore(file, attachment -> ChatState.read(attachment, model().vocabularySize())));
    }

    /**
     * How many tokens the model has read and written of this conversation, as far as they are in the cache.
     *
     * @return tokens, up to {@link #contextLength()}
     */
    public int tokens() {
        return session.length(0);
    }

    /**
     * How many tokens the conversation may have.
     *
     * @return tokens
     */
    public int contextLength() {
        return session.contextLength();
    }

    /**
     * Memory taken for keys and values so far.
     *
     * @return bytes outside the Java heap
     */
    public long cacheBytes() {
        return session.cacheBytes();
    }

    /**
     * How many messages, after the system message, the model did not see when it last answered.
     *
     * @return 0 but for {@link Overflow#DROP_OLDEST}
     */
    public synchronized int droppedMessages() {
        return dropped;
    }

    /**
     * How many tokens of the conversation have been taken out of the cache.
     *
     * @return 0 but for {@link Overflow#SHIFT}
     */
    public synchronized int shiftedTokens() {
        return gap.length();
    }

    /**
     * The model of this chat.
     *
     * @return the model
     */
    public Model model() {
        return session.model();
    }

    /** Cancels the answer that is being generated, waits for its step, and frees the cache. Closing twice is fine. */
    @Override
    public void close() {
        Generation running;
        synchronized (this) {
            running = active;
        }
        // Not while holding the monitor, which the end of the answer needs.
        if (running != null) {
            running.close();
        }
        session.close();
    }

    private ChatState state() {
        return new ChatState(List.copyOf(messages), transcript, dropped, gap);
    }

    private void become(ChatState other) {
        messages.clear();
        messages.addAll(other.messages());
        transcript = other.transcript();
        dropped = other.dropped();
        gap = other.gap();
    }

    private void checkIdle() {
        if (active != null) {
            throw new IllegalStateException("the answer before has not ended: take all its tokens, or close it");
        }
    }

    /** The answer that is being generated. */
    private final class Answer implements Reply {
        private final int[] cached;
        /** How many tokens are never shifted out. */
        private final int beginning;
        /** How many messages there were before those that are answered. */
        private final int before;

        private final ToolCallReader calls = form.newCallReader();
        private final StringBuilder written = new StringBuilder();
        private final StringBuilder shown = new StringBuilder();
        private int[] tokens = new int[16];
        private int count;
        private boolean plain = true;

        Answer(int[] cached, int before, int beginning) {
            this.cached = cached;
            this.before = before;
            this.beginning = beginning;
        }

        @Override
        public int[] cached() {
            return cached;
        }

        @Override
        public String add(int id) {
            if (count == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * count);
            }
            tokens[count++] = id;
            plain &= !form.isControl(id);
            return calls == null ? "" : form.callMark(id);
        }

        @Override
        public String show(String piece) {
            written.append(piece);
            return shown(calls == null ? piece : calls.append(piece));
        }

        @Override
        public String rest() {
            return calls == null ? "" : shown(calls.flush());
        }

        private String shown(String piece) {
            String text = shown.isEmpty() ? piece.stripLeading() : piece;
            shown.append(text);
            return text;
        }

        @Override
        public List<ToolCall> toolCalls() {
            return calls == null ? List.of() : calls.calls();
        }

        @Override
        public boolean canMakeRoom() {
            return overflow == Overflow.SHIFT && room() > 0;
        }

        /** How many positions {@link #makeRoom} frees: half of what is not the beginning. */
        private int room() {
            return (session.length(0) - from()) / 2;
        }

        private int from() {
            return gap.length() > 0 ? gap.from() : beginning;
        }

        @Override
        public void makeRoom() {
            synchronized (Chat.this) {
                int from = from();
                int length = room();
                session.remove(0, from, length);
                gap = new Gap(from, gap.length() + length);
            }
        }

        @Override
        public void end(FinishReason reason) {
            synchronized (Chat.this) {
                active = null;
                boolean cutShort = reason == FinishReason.CANCELLED;
                List<ToolCall> asked = toolCalls();
                if (shown.isEmpty() && asked.isEmpty() && (cutShort || reason == FinishReason.MAX_TOKENS)) {
                    messages.subList(before, messages.size()).clear();
                } else {
                    String text = asked.isEmpty()
                            ? shown.toString()
                            : shown.toString().stripTrailing();
                    messages.add(new Message.Assistant(text, Optional.empty(), asked));
                    // Otherwise there are tokens of which not all text has been shown.
                    if (plain && asked.isEmpty() && !cutShort && reason != FinishReason.STOP) {
                        transcript = transcript.and(form.marked(written.toString()), Arrays.copyOf(tokens, count));
                    }
                }
                if (gap.end() > transcript.tokens().length) {
                    // It reaches into an answer that is not kept as it was generated.
                    gap = Gap.NONE;
                }
            }
        }
    }
}
