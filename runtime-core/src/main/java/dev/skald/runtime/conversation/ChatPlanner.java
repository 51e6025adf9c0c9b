package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.Overflow;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.session.OpenSession;
import java.util.ArrayList;
import java.util.List;

/** Decides which part of a conversation the model reads, and makes room for it in the context. */
final class ChatPlanner {
    /**
     * The part of a conversation that the model reads.
     *
     * @param dropped the number of messages after the system message that are left out
     * @param tokens the tokens of the transcript, without the gap
     * @param gap the gap after {@code shift} more tokens have been removed from the cache
     */
    record Plan(Transcript transcript, int dropped, int[] tokens, Gap gap, int shift) {}

    private final OpenSession session;
    private final ChatForm form;
    private final Overflow overflow;

    ChatPlanner(OpenSession session, ChatForm form, Overflow overflow) {
        this.session = session;
        this.form = form;
        this.overflow = overflow;
    }

    /**
     * Plans an answer.
     *
     * @param now the part of the conversation that the model has read so far
     * @param all the messages that the model should read
     * @throws ContextOverflowException if they do not fit
     */
    Plan plan(ChatState now, List<Message> all, int maxTokens) {
        int context = session.contextLength();
        Plan plan = planned(now, all, now.dropped());
        if (plan.tokens.length == 0) {
            throw new IllegalArgumentException("the conversation has no text: send a message");
        }
        if (plan.tokens.length + Math.min(maxTokens, context / 4) > context) {
            plan = switch (overflow) {
                case FAIL -> plan;
                case DROP_OLDEST -> dropping(now, all, plan);
                case SHIFT -> shifting(now, all, plan);
            };
        }
        if (plan.tokens.length > context) {
            int used = Math.min(Transcript.common(plan.tokens, session.tokens(0)), context);
            throw new ContextOverflowException(plan.tokens.length - used, used, context);
        }
        return plan;
    }

    private Plan planned(ChatState now, List<Message> all, int without) {
        int lead = leading(all);
        List<Message> seen = new ArrayList<>(all.subList(0, lead));
        seen.addAll(all.subList(lead + without, all.size()));
        Transcript next = now.transcript().with(form.write(seen), form);
        boolean same = Transcript.common(next.tokens(), now.transcript().tokens())
                >= now.gap().end();
        Gap gap = same ? now.gap() : Gap.NONE;
        return new Plan(next, without, gap.cutFrom(next.tokens()), gap, 0);
    }

    private Plan dropping(ChatState now, List<Message> all, Plan full) {
        Plan plan = full;
        int next = endOfTurn(all, plan.dropped);
        while (plan.tokens.length > session.contextLength() / 2 && next > 0) {
            plan = planned(now, all, next);
            next = endOfTurn(all, next);
        }
        return plan;
    }

    private Plan shifting(ChatState now, List<Message> all, Plan full) {
        int from = full.gap.length() > 0 ? full.gap.from() : form.beginning(all);
        int wanted = full.tokens.length - session.contextLength() / 2;
        int cached = Transcript.common(full.tokens, session.tokens(0)) - from;
        int count = Math.min(cached, wanted);
        if (count > 0 && full.tokens.length - count <= session.contextLength()) {
            return shifted(full, from, count, count);
        }
        // The cache holds too little to make room by moving positions up, so the rest is computed again.
        int last = all.size() - 1;
        while (last > leading(all) && !(all.get(last) instanceof Message.User)) {
            last--;
        }
        if (last <= leading(all)) {
            return full;
        }
        Transcript before = now.transcript().with(form.write(all.subList(0, last)), form);
        int lastTurn = Transcript.common(full.transcript.tokens(), before.tokens());
        count = Math.min(wanted, lastTurn - from - full.gap.length());
        return count > 0 ? shifted(full, from, count, 0) : full;
    }

    private static Plan shifted(Plan full, int from, int count, int inCache) {
        Gap longer = new Gap(from, full.gap.length() + count);
        return new Plan(full.transcript, full.dropped, longer.cutFrom(full.transcript.tokens()), longer, inCache);
    }

    /** Returns how many messages after the system message are dropped with the next turn; 0 if it is the last turn. */
    private static int endOfTurn(List<Message> all, int dropped) {
        int lead = leading(all);
        for (int i = lead + dropped + 1; i < all.size(); i++) {
            if (all.get(i) instanceof Message.User) {
                return i - lead;
            }
        }
        return 0;
    }

    /** Returns how many messages precede the first turn: the system message, if there is one. */
    static int leading(List<Message> all) {
        return !all.isEmpty() && all.getFirst() instanceof Message.System ? 1 : 0;
    }
}
