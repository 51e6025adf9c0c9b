package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.Overflow;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.chat.ToolChoice;
import dev.skald.runtime.check.Checks;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.session.OpenSession;
import dev.skald.runtime.session.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A chat with an open model. */
public final class OpenChat implements Chat {
    private final OpenSession session;
    private final ChatForm form;
    private final Overflow overflow;
    private final ChatPlanner planner;
    private final Consumer<GenerationOptions> settings;
    private final List<Message> messages;

    private ToolChoice toolChoice;
    private Transcript transcript = Transcript.EMPTY;
    /** The number of messages after the system message that the model no longer sees. */
    private int dropped;

    private Generation active;

    /** The part of the transcript that has been removed from the cache. */
    private Gap gap = Gap.NONE;

    public OpenChat(OpenSession session, ChatForm form, ChatOptions options) {
        this.session = session;
        this.form = form;
        this.overflow = options.overflow();
        this.planner = new ChatPlanner(session, form, overflow);
        this.settings = options.generation();
        this.toolChoice = options.toolChoice();
        form.check(toolChoice);
        this.messages = options.messages();
    }

    private OpenChat(OpenSession session, OpenChat other) {
        this.session = session;
        this.form = other.form;
        this.overflow = other.overflow;
        this.planner = new ChatPlanner(session, form, overflow);
        this.settings = other.settings;
        this.toolChoice = other.toolChoice;
        this.messages = new ArrayList<>();
        become(other.state());
    }

    @Override
    public synchronized Answer send(List<? extends Message> more, Consumer<GenerationOptions> settings) {
        checkIdle();
        boolean[] held = new boolean[1];
        GenerationOptions options = session.options(this.settings
                .andThen(settings)
                .andThen(all -> all.stop(form.template().stops().toArray(String[]::new)))
                .andThen(all -> held[0] = form.constrain(all, toolChoice)));
        List<Message> all = new ArrayList<>(messages);
        all.addAll(more);
        ChatPlanner.Plan plan = planner.plan(state(), all, options.maxTokens());
        int[] tokens = plan.tokens();
        if (plan.shift() > 0) {
            session.remove(0, plan.gap().from(), plan.shift());
        }
        // The last token is always computed, because its logits are not in the cache.
        int same = Math.min(Transcript.common(tokens, session.tokens(0)), tokens.length - 1);
        int kept = session.shorten(0, same);
        // From here on, the gap describes the cache, even if something fails.
        transcript = plan.transcript();
        gap = plan.gap();
        int beginning = overflow == Overflow.SHIFT ? form.beginning(all) : 0;
        String prompt = plan.transcript().text();
        boolean aware = form.allowThoughts(options, prompt);
        AnswerReply reply = new AnswerReply(messages.size(), beginning, prompt, held[0], aware);
        Generation generation = session.generate(Arrays.copyOfRange(tokens, kept, tokens.length), options, reply);
        messages.addAll(more);
        dropped = plan.dropped();
        active = generation;
        return new OpenAnswer(generation, reply::toolCalls, reply::takeDeltas, reply.thoughts::text);
    }

    @Override
    public synchronized int[] prompt() {
        return form.tokens(form.write(messages), true);
    }

    @Override
    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    @Override
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

    @Override
    public synchronized void truncate(int count) {
        checkIdle();
        Checks.range("count", count, 0, messages.size());
        messages.subList(count, messages.size()).clear();
        dropped = 0;
    }

    @Override
    public synchronized void reset() {
        truncate(ChatPlanner.leading(messages));
    }

    @Override
    public synchronized void system(String text) {
        checkIdle();
        messages.subList(0, ChatPlanner.leading(messages)).clear();
        if (text != null) {
            messages.addFirst(Message.system(text));
        }
        dropped = 0;
    }

    @Override
    public synchronized void toolChoice(ToolChoice choice) {
        checkIdle();
        form.check(choice);
        toolChoice = choice;
    }

    @Override
    public synchronized OpenChat fork() {
        checkIdle();
        return new OpenChat(session.fork(), this);
    }

    @Override
    public synchronized void save(Path file) throws IOException {
        checkIdle();
        session.save(file, state().write());
    }

    @Override
    public synchronized void load(Path file) throws IOException {
        checkIdle();
        become(session.restore(file, attachment -> ChatState.read(attachment, form.vocabularySize())));
    }

    @Override
    public int tokens() {
        return session.length(0);
    }

    @Override
    public int contextLength() {
        return session.contextLength();
    }

    @Override
    public long cacheBytes() {
        return session.cacheBytes();
    }

    @Override
    public synchronized int droppedMessages() {
        return dropped;
    }

    @Override
    public synchronized int shiftedTokens() {
        return gap.length();
    }

    @Override
    public void close() {
        Generation running;
        synchronized (this) {
            running = active;
        }
        // Do not hold the monitor here, since the end of the answer needs it.
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
            throw new IllegalStateException("the previous answer has not ended: read all its tokens, or close it");
        }
    }

    /** The answer that is being generated. */
    private final class AnswerReply implements Reply {
        /** The number of tokens that are never shifted out. */
        private final int beginning;
        /** The number of messages before those that are being answered. */
        private final int before;

        /** Whether the constraint also applies to thoughts and message headers. */
        private final boolean held;

        /** Whether the constraint knows where thoughts begin and end. */
        private final boolean aware;
        /** The number of the next tokens that end the thoughts without the constraint knowing of them. */
        private int unbound;

        private final ToolCallReader calls = form.newCallReader();
        private final Thoughts thoughts;
        private final StringBuilder written = new StringBuilder();
        private final StringBuilder shown = new StringBuilder();
        private int[] tokens = new int[16];
        private int count;
        private boolean plain = true;

        AnswerReply(int before, int beginning, String prompt, boolean held, boolean aware) {
            this.aware = aware;
            this.held = held;
            this.before = before;
            this.beginning = beginning;
            this.thoughts = new Thoughts(form, prompt);
        }

        @Override
        public String add(int id) {
            if (count == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * count);
            }
            tokens[count++] = id;
            plain &= !form.isControl(id);
            thoughts.add();
            unbound = Math.max(0, unbound - 1);
            return form.mark(id, calls == null ? Set.of() : calls.marks());
        }

        @Override
        public String show(String piece) {
            written.append(piece);
            String answer = thoughts.append(piece);
            return shown(calls == null ? answer : calls.append(answer));
        }

        @Override
        public String reasoning() {
            return thoughts.fresh();
        }

        @Override
        public int[] ending() {
            int[] ending = thoughts.ending();
            unbound = aware ? 0 : ending.length;
            return ending;
        }

        @Override
        public boolean isConstrained() {
            return aware || unbound == 0 && (held || thoughts.areOver());
        }

        @Override
        public String rest() {
            String answer = thoughts.flush();
            return shown(calls == null ? answer : calls.append(answer) + calls.flush());
        }

        private String shown(String piece) {
            String text = shown.isEmpty() ? piece.stripLeading() : piece;
            shown.append(text);
            return text;
        }

        private List<ToolCall> toolCalls() {
            return calls == null ? List.of() : calls.calls();
        }

        private List<ToolCallDelta> takeDeltas() {
            return calls == null ? List.of() : calls.takeDeltas();
        }

        @Override
        public boolean canMakeRoom() {
            return overflow == Overflow.SHIFT && room() > 0;
        }

        /** Returns the number of positions that {@link #makeRoom} frees: half of everything after the beginning. */
        private int room() {
            return (session.length(0) - from()) / 2;
        }

        private int from() {
            return gap.length() > 0 ? gap.from() : beginning;
        }

        @Override
        public void makeRoom() {
            synchronized (OpenChat.this) {
                int from = from();
                int length = room();
                session.remove(0, from, length);
                gap = new Gap(from, gap.length() + length);
            }
        }

        @Override
        public void end(FinishReason reason) {
            synchronized (OpenChat.this) {
                active = null;
                boolean cutShort = reason == FinishReason.CANCELLED;
                List<ToolCall> asked = toolCalls();
                if (shown.isEmpty() && asked.isEmpty() && (cutShort || reason == FinishReason.MAX_TOKENS)) {
                    messages.subList(before, messages.size()).clear();
                } else {
                    String text = asked.isEmpty()
                            ? shown.toString()
                            : shown.toString().stripTrailing();
                    messages.add(new Message.Assistant(text, thoughts.message(), asked));
                    // Otherwise the text of some tokens has not been shown completely.
                    if (plain && asked.isEmpty() && !cutShort && reason != FinishReason.STOP) {
                        transcript = transcript.and(form.marked(written.toString()), Arrays.copyOf(tokens, count));
                    }
                }
                if (gap.end() > transcript.tokens().length) {
                    // The gap reaches into an answer that is not kept as it was generated.
                    gap = Gap.NONE;
                }
            }
        }
    }
}
