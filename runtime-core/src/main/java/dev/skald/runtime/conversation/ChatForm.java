package dev.skald.runtime.conversation;

import dev.skald.gguf.io.Printable;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.ChatTemplate;
import dev.skald.runtime.chat.ChatTemplateOptions;
import dev.skald.runtime.chat.ChatTemplates;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ReasoningForm;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallForm;
import dev.skald.runtime.chat.ToolChoice;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.sampling.ConstraintSource;
import dev.skald.runtime.tokenizer.TokenKind;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Writes messages in the form of a template, and as tokens. Text in a message is only text: the name of a control
 * token, or of another mark of the template, has no effect there. To tell them apart after the template has added its
 * own marks, {@link #MARK} precedes each such name in a message; it is removed when the text becomes tokens.
 */
public final class ChatForm {
    /** A noncharacter of Unicode, which text for people never contains; it is removed from messages. */
    private static final char MARK = '\uFDD0';

    /** The template asks for an answer between its own marks (Granite 3). */
    private static final String WRAPPED = "<response></response>";
    /** The number of words of a message to search for in the text that the template writes. */
    private static final int COMPARED_WORDS = 32;

    /** The number of characters of a message that an error shows. */
    private static final int SHOWN = 60;

    private static final Pattern NO_LETTERS = Pattern.compile("[^\\p{L}\\p{N}]+");
    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final ChatTemplateOptions options;
    private final ToolCallForm calls;
    private final List<ToolDefinition> tools;
    private final boolean constrains;
    private final boolean several;
    private final Map<ToolChoice, ConstraintSource> constraints = new ConcurrentHashMap<>();
    private final ReasoningForm reasoning;
    private final int maxThinkingTokens;
    private final Marks marks;

    public ChatForm(Tokenizer tokenizer, FileTemplates templates, ChatOptions options) {
        this.tokenizer = tokenizer;
        template = options.template()
                .orElseGet(() -> templates.get(
                        !options.tools().isEmpty() && !options.toolChoice().equals(ToolChoice.NONE)));
        ChatTemplateOptions.Builder variables = options.variables();
        tokenizer.bos().ifPresent(id -> variables.bosToken(tokenizer.piece(id)));
        tokenizer.eos().ifPresent(id -> variables.eosToken(tokenizer.piece(id)));
        this.options = variables.build();
        constrains = options.constrainsCalls();
        several = options.parallelToolCalls();
        tools = options.toolChoice().equals(ToolChoice.NONE) ? List.of() : options.tools();
        calls = tools.isEmpty() ? null : options.toolCalls().orElseGet(this::callForm);
        reasoning = options.reasoning().or(() -> ReasoningForm.of(template)).orElse(null);
        maxThinkingTokens = options.maxThinkingTokens();
        marks = templates.marks(tokenizer);
    }

    private ToolCallForm callForm() {
        return ToolCallForm.of(template)
                .orElseThrow(() -> new UnsupportedModelException(
                        "the chat template has no place for tools, or its calls are of a form that Skald does not read:"
                                + " name the form by the option tool-calls, one of "
                                + Arrays.toString(ToolCallForm.values()) + ", or choose another template"));
    }

    /** Returns a reader of the calls in an answer; null in a chat without tools. */
    ToolCallReader newCallReader() {
        return calls == null ? null : new ToolCallReader(calls, tools);
    }

    /**
     * Constrains an answer according to a choice: it must consist of calls, or any calls in it must match their
     * schemas. If the answer has a grammar of its own, it either matches that grammar or, unless the model uses
     * channels, consists of calls.
     *
     * @return whether the constraint applies to the whole text and not only to the answer; this is so for models with
     *     channels, whose message headers show where a call begins
     * @throws IllegalArgumentException if the choice needs functions that the chat does not have, or if the answer
     *     already has another constraint
     */
    boolean constrain(GenerationOptions options, ToolChoice choice) {
        boolean called = choice.mode() == ToolChoice.Mode.REQUIRED || choice.mode() == ToolChoice.Mode.NAMED;
        if (called && options.constraint().isPresent()) {
            throw new IllegalArgumentException(
                    "the answer has a constraint of its own and so can't be a call: drop it, or the" + " tool choice "
                            + choice.mode());
        }
        if (calls == null || !called && !constrains) {
            return false;
        }
        ConstraintSource own = options.constraint().orElse(null);
        if (own == null) {
            options.constraint(constraints.computeIfAbsent(choice, this::constraint));
            return calls == ToolCallForm.HARMONY;
        }
        // In channels, a call has another header than the answer, and the answer's own grammar applies to the answer
        // only.
        if (own instanceof Grammar grammar && calls != ToolCallForm.HARMONY) {
            options.constraint(Grammar.either(callGrammar(choice).required(), grammar));
        }
        return false;
    }

    /** Throws if a choice names a function that the chat does not have. */
    void check(ToolChoice choice) {
        boolean known = switch (choice.mode()) {
            case NONE -> calls == null;
            case AUTO -> true;
            case REQUIRED -> calls != null;
            case NAMED -> tools.stream().anyMatch(tool -> tool.name().equals(choice.function()));
        };
        if (!known) {
            throw new IllegalArgumentException("tool choice " + choice.mode() + " " + choice.function()
                    + ": the chat has the functions "
                    + tools.stream().map(ToolDefinition::name).toList()
                    + (choice.mode() == ToolChoice.Mode.NONE ? "; to have none, choose that as it is opened" : ""));
        }
    }

    private ConstraintSource constraint(ToolChoice choice) {
        CallGrammar grammar = callGrammar(choice);
        return choice.mode() == ToolChoice.Mode.AUTO ? new FreeUntilCall(grammar.triggers()) : grammar.required();
    }

    private CallGrammar callGrammar(ToolChoice choice) {
        boolean named = choice.mode() == ToolChoice.Mode.NAMED;
        List<ToolDefinition> chosen = tools.stream()
                .filter(tool -> !named || tool.name().equals(choice.function()))
                .toList();
        return new CallGrammar(
                calls,
                chosen,
                tokenizer,
                template.source().contains(MistralCalls.ARGUMENTS),
                several && !named,
                ReasoningForm.CHANNELS.equals(reasoning));
    }

    /** Returns a reader that separates thoughts from an answer to this prompt; null if the model does not think. */
    ReasoningReader newReasoningReader(String written) {
        return reasoning == null
                ? null
                : ReasoningReader.of(
                        reasoning,
                        begins(written),
                        template.source().contains(WRAPPED),
                        spaceBehind(template.source(), reasoning.end()));
    }

    /** Returns whether a prompt ends with the beginning of thoughts. */
    private boolean begins(String written) {
        return written.stripTrailing().endsWith(reasoning.begin().strip());
    }

    /**
     * Lets the model think between marks before an answer that has a constraint.
     *
     * @param written the prompt
     * @return whether the constraint now applies to the whole text; false if the model does not think between marks or
     *     should not think, and if only calls in free text are constrained
     */
    boolean allowThoughts(GenerationOptions options, String written) {
        if (reasoning == null || reasoning.equals(ReasoningForm.CHANNELS)) {
            return false;
        }
        boolean open = begins(written);
        boolean over = written.stripTrailing().endsWith(reasoning.end().strip())
                || Boolean.FALSE.equals(this.options.variables().get("enable_thinking"));
        if (!open && over) {
            return false;
        }
        Optional<ConstraintSource> answer = options.constraint().filter(source -> !(source instanceof FreeUntilCall));
        answer.ifPresent(source -> options.constraint(new AfterThoughts(reasoning, open, source)));
        return answer.isPresent();
    }

    /** Returns the line breaks that most often follow a mark in the template. */
    private static String spaceBehind(String source, String mark) {
        int most = 0;
        for (int at = source.indexOf(mark); at >= 0; at = source.indexOf(mark, at + 1)) {
            int count = 0;
            // In an expression, a line break is written as an escape.
            while (source.startsWith("\\n", at + mark.length() + 2 * count)) {
                count++;
            }
            most = Math.max(most, count);
        }
        return "\n".repeat(Math.max(1, most));
    }

    int maxThinkingTokens() {
        return maxThinkingTokens;
    }

    /** Returns the name of a control token if it is one of some marks or a mark of thoughts; empty for other tokens. */
    String mark(int token, Set<String> marks) {
        String piece = isControl(token) ? tokenizer.piece(token) : "";
        return marks.contains(piece) || isReasoningMark(piece) ? piece : "";
    }

    private boolean isReasoningMark(String piece) {
        if (reasoning == null) {
            return false;
        }
        return reasoning.equals(ReasoningForm.CHANNELS)
                ? ChannelReasoning.MARKS.contains(piece)
                : reasoning.begin().contains(piece) || reasoning.end().contains(piece);
    }

    /** Returns how many of a conversation's first tokens precede the first message of the user. */
    int beginning(List<Message> messages) {
        List<Message> first = new ArrayList<>();
        if (!messages.isEmpty() && messages.getFirst() instanceof Message.System system) {
            first.add(system);
        }
        first.add(Message.user("0"));
        int[] one = tokens(write(first), true);
        first.set(first.size() - 1, Message.user("1"));
        int mismatch = Arrays.mismatch(one, tokens(write(first), true));
        return mismatch < 0 ? one.length : mismatch;
    }

    int vocabularySize() {
        return tokenizer.vocabularySize();
    }

    ChatTemplate template() {
        return template;
    }

    /**
     * Returns the conversation up to where the model's answer begins, with marks.
     *
     * @throws UnsupportedModelException if the template leaves out the system message, or the last message of the user
     */
    String write(List<Message> messages) {
        List<Message> marked = messages.stream().map(this::marked).toList();
        String text = template.render(marked, options);
        if (!marked.isEmpty() && marked.getFirst() instanceof Message.System system) {
            checkHas(text, system.content(), "the system message");
        }
        for (Message message : marked.reversed()) {
            if (message instanceof Message.User user) {
                checkHas(text, user.content(), "what the user says");
                break;
            }
        }
        return text;
    }

    /**
     * Templates may trim messages, or remove a command such as {@code /think}. So this looks for the first words in
     * order; if most of them are missing, the message is missing.
     */
    private static void checkHas(String text, String said, String what) {
        List<String> words = words(said, NO_LETTERS);
        if (words.isEmpty()) {
            words = words(said, WHITE_SPACE);
        }
        int found = 0;
        int from = 0;
        for (String word : words) {
            int at = text.indexOf(word, from);
            if (at >= 0) {
                found++;
                from = at + word.length();
            }
        }
        if (2 * found < words.size()) {
            throw new UnsupportedModelException("the chat template leaves out " + what + " ("
                    + Printable.line(said.substring(0, Math.min(said.length(), SHOWN)))
                    + "), so that the model would answer something else: choose another by the option"
                    + " template, from " + ChatTemplates.names());
        }
    }

    private static List<String> words(String text, Pattern between) {
        return between.splitAsStream(text)
                .filter(word -> !word.isEmpty())
                .limit(COMPARED_WORDS)
                .toList();
    }

    /**
     * Returns the tokens of a text with marks. If it begins a conversation, BOS is added where the vocabulary asks for
     * it.
     */
    int[] tokens(String text, boolean begins) {
        StringBuilder clean = new StringBuilder(text.length());
        BitSet literal = new BitSet();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == MARK) {
                literal.set(clean.length());
            } else {
                clean.append(text.charAt(i));
            }
        }
        int[] tokens = tokenizer.encode(clean.toString(), false, literal);
        if (!begins || !tokenizer.addsBos()) {
            return tokens;
        }
        int bos = tokenizer.bos().getAsInt();
        if (tokens.length > 0 && tokens[0] == bos) {
            return tokens;
        }
        int[] all = new int[tokens.length + 1];
        all[0] = bos;
        System.arraycopy(tokens, 0, all, 1, tokens.length);
        return all;
    }

    boolean isControl(int token) {
        return tokenizer.kind(token) == TokenKind.CONTROL;
    }

    /** Returns a text with a mark before each name of a control token. */
    String marked(String text) {
        StringBuilder marked = null;
        int done = 0;
        for (int i = 0; i < text.length(); i++) {
            if (marks.isAt(text, i)) {
                marked = marked == null ? new StringBuilder() : marked;
                marked.append(text, done, i).append(MARK);
                done = i;
            }
        }
        return marked == null ? text : marked.append(text, done, text.length()).toString();
    }

    /** Returns whether the name of a control token begins here. */
    boolean isMarkAt(String text, int at) {
        return marks.isAt(text, at);
    }

    private Message marked(Message message) {
        return switch (message) {
            case Message.System system -> new Message.System(marked(system.content()));
            case Message.User user -> new Message.User(marked(user.content()));
            case Message.Tool tool -> new Message.Tool(tool.callId(), tool.name(), marked(tool.content()));
            case Message.Assistant assistant ->
                new Message.Assistant(
                        marked(assistant.content()),
                        assistant.reasoning().map(this::marked),
                        assistant.toolCalls().stream().map(this::marked).toList());
        };
    }

    private ToolCall marked(ToolCall call) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        call.arguments().forEach((name, value) -> arguments.put(marked(name), markedValue(value)));
        return new ToolCall(call.id(), call.name(), arguments);
    }

    private Object markedValue(Object value) {
        return switch (value) {
            case String text -> marked(text);
            case List<?> list -> list.stream().map(this::markedValue).toList();
            case Map<?, ?> map -> {
                Map<String, Object> marked = new LinkedHashMap<>();
                map.forEach((name, element) -> marked.put(marked((String) name), markedValue(element)));
                yield marked;
            }
            case null, default -> value;
        };
    }
}
