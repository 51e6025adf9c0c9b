package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.chat.ToolCallForm;
import dev.skald.runtime.chat.ToolDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds calls in an answer as it comes, in pieces that may end anywhere. What is no call comes out as text, as soon as it
 * cannot become one; nothing that a model writes is an error.
 */
final class ToolCallReader {
    private final CallSyntax syntax;
    private final Set<String> names;
    private final List<ToolCall> calls = new ArrayList<>();
    private final List<ToolCallDelta> deltas = new ArrayList<>();
    private final Held held = new Held();
    /** Whether {@link #held} is what follows a mark or, without marks, may be a call from its beginning. */
    private boolean inCall;

    private String mark = "";
    private boolean afterCall;
    /** How much of the arguments of a call that is not complete has been told; -1 if it has not been told of. */
    private int told = -1;

    ToolCallReader(ToolCallForm form, List<ToolDefinition> tools) {
        syntax = CallSyntax.of(form, tools);
        names = tools.stream().map(ToolDefinition::name).collect(Collectors.toSet());
        inCall = syntax.mayBeginAtOnce();
    }

    /** The calls found so far. */
    List<ToolCall> calls() {
        return List.copyOf(calls);
    }

    /** What has come of calls since this was last asked. */
    List<ToolCallDelta> takeDeltas() {
        List<ToolCallDelta> taken = List.copyOf(deltas);
        deltas.clear();
        return taken;
    }

    /** Takes a piece; returns the text that is certainly no part of a call. */
    String append(String piece) {
        held.append(piece);
        StringBuilder text = new StringBuilder();
        while (inCall ? readCall(text, false) : readText(text)) {
            // Each round takes something off what is held, or sees it in another way.
        }
        return text.toString();
    }

    /** Ends the answer; returns what turned out to be no call. */
    String flush() {
        StringBuilder text = new StringBuilder();
        while (inCall && readCall(text, true)) {
            // As above.
        }
        String rest = held.take(held.length());
        return text.append(afterCall && rest.isBlank() ? "" : rest).toString();
    }

    /** Text up to the next mark; true if there is one. */
    private boolean readText(StringBuilder text) {
        int at = -1;
        int unfinished = 0;
        for (String begin : syntax.begins()) {
            int found = held.indexOf(begin);
            if (found >= 0 && (at < 0 || found < at)) {
                at = found;
                mark = begin;
            }
            unfinished = Math.max(unfinished, held.unfinished(begin));
        }
        if (at < 0) {
            show(text, held.take(held.length() - unfinished));
            return false;
        }
        show(text, held.take(at));
        held.take(mark.length());
        inCall = true;
        return true;
    }

    /** Shows text; white space between calls and behind them is none. */
    private void show(StringBuilder text, String piece) {
        String shown = afterCall ? piece.stripLeading() : piece;
        if (!shown.isEmpty()) {
            text.append(shown);
            afterCall = false;
        }
    }

    /** Reads a call, if all of it is there; true if something was taken off what is held. */
    private boolean readCall(StringBuilder text, boolean last) {
        CallSyntax.Part part = syntax.part(held);
        if (part != null && names.contains(part.name())) {
            tell(part);
        }
        CallSyntax.Found found = syntax.read(held, mark, last);
        if (found == null) {
            return false;
        }
        held.take(found.length());
        for (ToolCall call : found.calls()) {
            if (told < 0) {
                deltas.add(new ToolCallDelta(calls.size(), call.id(), call.name(), call.argumentsJson()));
            }
            told = -1;
            calls.add(call);
            afterCall = true;
        }
        told = -1;
        show(text, found.text());
        inCall = found.goesOn();
        if (!inCall) {
            mark = "";
        }
        return true;
    }

    /** Tells of a call that is not complete, as far as it has come. */
    private void tell(CallSyntax.Part part) {
        int length = part.to() - part.from();
        if (length > Math.max(0, told)) {
            String more = held.substring(part.from() + Math.max(0, told), part.to());
            deltas.add(new ToolCallDelta(calls.size(), "", told < 0 ? part.name() : "", more));
            told = length;
        }
    }

    /** Control tokens whose names the reader wants to see. */
    Set<String> marks() {
        return syntax.marks();
    }
}
