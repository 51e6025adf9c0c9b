package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;

/** A generation, and the calls and thoughts found in it. */
record OpenAnswer(
        Generation generation,
        Supplier<List<ToolCall>> calls,
        Supplier<List<ToolCallDelta>> deltas,
        Supplier<String> thoughts)
        implements Answer {
    @Override
    public List<ToolCall> toolCalls() {
        return calls.get();
    }

    @Override
    public String reasoning() {
        return thoughts.get();
    }

    @Override
    public List<ToolCallDelta> takeToolCallDeltas() {
        return deltas.get();
    }

    @Override
    public Iterator<Token> iterator() {
        return generation.iterator();
    }

    @Override
    public String text() {
        return generation.text();
    }

    @Override
    public GenerationResult result() {
        return generation.result();
    }

    @Override
    public void cancel() {
        generation.cancel();
    }

    @Override
    public void close() {
        generation.close();
    }
}
