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
 * Finds calls in an answer, in pieces that may end anywhere. Other text is returned as soon as it cannot become a call.
 * Nothing that a model writes is an error.
 */
final class ToolCallReader {
    private final CallSyntax syntax;
    private final Set<String> names;
    private final List<ToolCall> calls = new ArrayList<>();
    private final List<ToolCallDelta> deltas = new ArrayList<>();
    private final Held held = new Held();
    /** Whether {@link #held} follows a mark or, if there are no marks, could be a call from its beginning. */
    private boolean inCall;

    private String mark = "";
    private boolean afterCall;
    /** The length of the reported arguments of an incomplete call; -1 if the call has not been reported. */
    private int told = -1;

    ToolCallReader(ToolCallForm form, List<ToolDefinition> tools) {
        syntax = CallSyntax.of(form, tools);
        names = tools.stream().map(ToolDefinition::name).collect(Collectors.toSet());
        inCall = syntax.mayBeginAtOnce();
    }

    /** Returns the calls found so far. */
    List<ToolCall> calls() {
        return List.copyOf(calls);
    }

    /** Returns the parts of calls that are new since the last call of this method. */
    List<ToolCallDelta> takeDeltas() {
        List<ToolCallDelta> taken = List.copyOf(deltas);
        deltas.clear();
        return taken;
    }

    /** Adds a piece; returns the text that is certainly not part of a call. */
    String append(String piece) {
        held.append(piece);
        StringBuilder text = new StringBuilder();
        while (inCall ? readCall(text, false) : readText(text)) {
            // Each round removes some held text or changes how it is read.
        }
        return text.toString();
    }

    /** Ends the answer; returns the text that turned out not to be a call. */
    String flush() {
        StringBuilder text = new StringBuilder();
        while (inCall && readCall(text, true)) {
            // As in append.
        }
        String rest = held.take(held.length());
        return text.append(afterCall && rest.isBlank() ? "" : rest).toString();
    }

    /** Reads text up to the next mark; returns true if there is one. */
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

    /** Adds text to show, without white space between and after calls. */
    private void show(StringBuilder text, String piece) {
        String shown = afterCall ? piece.stripLeading() : piece;
        if (!shown.isEmpty()) {
            text.append(shown);
            afterCall = false;
        }
    }

    /** Reads a call if it is complete; returns true if it removed held text. */
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

    /** Reports the new part of an incomplete call. */
    private void tell(CallSyntax.Part part) {
        int length = part.to() - part.from();
        if (length > Math.max(0, told)) {
            String more = held.substring(part.from() + Math.max(0, told), part.to());
            deltas.add(new ToolCallDelta(calls.size(), "", told < 0 ? part.name() : "", more));
            told = length;
        }
    }

    /** Returns the control tokens whose names the reader needs to see. */
    Set<String> marks() {
        return syntax.marks();
    }
}
