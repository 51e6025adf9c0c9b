package dev.skald.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import java.util.ArrayList;
import java.util.List;

/**
 * The calls of an answer while they arrive: first pieces of a call, then the whole call, before the pieces of the next.
 * Every call gets an id. Joined together, the pieces of a call are its arguments.
 */
final class Calls {
    private final Answer answer;
    private final Answering.Events events;
    private final List<Begun> begun = new ArrayList<>();
    private final List<ToolExecutionRequest> complete = new ArrayList<>();

    Calls(Answer answer, Answering.Events events) {
        this.answer = answer;
        this.events = events;
    }

    /** Returns the complete calls in order. */
    List<ToolExecutionRequest> complete() {
        return complete;
    }

    /** Passes on the calls that the last token has added. */
    void take() {
        List<ToolCall> calls = answer.toolCalls();
        for (ToolCallDelta delta : answer.takeToolCallDeltas()) {
            if (delta.index() == begun.size()) {
                // An earlier call is complete now, if it is a call.
                while (complete.size() < calls.size() && !begun.isEmpty() && !begun.getLast().done) {
                    complete(calls.get(complete.size()));
                }
                begun.add(new Begun(delta));
            }
            begun.get(delta.index()).add(delta.arguments());
        }
        while (complete.size() < calls.size()) {
            complete(calls.get(complete.size()));
        }
    }

    private void complete(ToolCall call) {
        Begun source = begun.stream()
                .filter(one -> !one.done && one.is(call))
                .findFirst()
                .orElseGet(() -> add(call));
        source.done = true;
        source.finish();
        ToolExecutionRequest request = ToolExecutionRequest.builder()
                .id(source.id)
                .name(source.name)
                .arguments(source.arguments.toString())
                .build();
        complete.add(request);
        if (!events.isOver()) {
            events.completeCall(new CompleteToolCall(source.index, request));
        }
    }

    /** Adds a call that arrived without pieces. */
    private Begun add(ToolCall call) {
        Begun whole = new Begun(new ToolCallDelta(begun.size(), call.id(), call.name(), ""));
        begun.add(whole);
        whole.add(call.argumentsJson());
        return whole;
    }

    /** A call that the model has begun, and may abandon. */
    private final class Begun {
        private final int index;
        private final String id;
        private final String name;
        private final StringBuilder arguments = new StringBuilder();
        /** White space to send with the next piece, since LangChain4j accepts no blank piece. */
        private String held = "";

        private boolean done;

        Begun(ToolCallDelta first) {
            index = first.index();
            id = first.id().isEmpty() ? ToolCall.newId() : first.id();
            name = first.name();
        }

        boolean is(ToolCall call) {
            try {
                return name.equals(call.name())
                        && ToolCall.of("", name, arguments + held).arguments().equals(call.arguments());
            } catch (IllegalArgumentException broken) {
                return false;
            }
        }

        void add(String piece) {
            held += piece;
            if (!held.isBlank() && !held.strip().equals("{")) {
                say(held);
                held = "";
            }
        }

        /** Ends the call. White space at the end is dropped. */
        void finish() {
            if (!held.isBlank()) {
                say(held);
            }
            held = "";
        }

        private void say(String piece) {
            arguments.append(piece);
            if (!events.isOver()) {
                events.partialCall(PartialToolCall.builder()
                        .index(index)
                        .id(id)
                        .name(name)
                        .partialArguments(piece)
                        .build());
            }
        }
    }
}
