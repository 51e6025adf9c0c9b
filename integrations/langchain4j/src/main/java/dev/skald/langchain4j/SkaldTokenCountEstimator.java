package dev.skald.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.error.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Counts the tokens of a model. A conversation is counted in the form of the model's chat template, with the marks
 * around messages and the beginning of an answer. A single message is counted as its text and the marks around it. The
 * same applies to each message of a conversation that the template rejects; some reject one that begins with an answer.
 */
public class SkaldTokenCountEstimator implements TokenCountEstimator {
    private static final Message QUESTION = Message.user("?");

    private final Model model;
    private final Consumer<ChatOptions> chatOptions;
    /** The tokens that the template writes around a message. */
    private final int around;

    /**
     * Counts with the template of the model's file.
     *
     * @param model the model; its owner closes it, and it must be open while tokens are counted
     */
    public SkaldTokenCountEstimator(Model model) {
        this(model, options -> {});
    }

    /**
     * Counts with other chat options.
     *
     * @param model the model; its owner closes it, and it must be open while tokens are counted
     * @param chatOptions the options, such as another template
     */
    public SkaldTokenCountEstimator(Model model, Consumer<ChatOptions> chatOptions) {
        this.model = Objects.requireNonNull(model, "model");
        this.chatOptions = Objects.requireNonNull(chatOptions, "chatOptions");
        // One more question and answer are two more messages.
        int more = prompt(List.of(QUESTION, Message.assistant("?"), QUESTION)) - prompt(List.of(QUESTION));
        around = Math.max(0, more / 2 - model.tokenizer().encode("?").length);
    }

    @Override
    public int estimateTokenCountInText(String text) {
        return model.tokenizer().encode(text).length;
    }

    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        return count(Messages.of(message));
    }

    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        List<Message> all = new ArrayList<>();
        messages.forEach(message -> all.add(Messages.of(message)));
        if (all.isEmpty()) {
            return 0;
        }
        try {
            return prompt(all);
        } catch (ChatTemplateException | UnsupportedModelException refused) {
            return all.stream().mapToInt(this::count).sum();
        }
    }

    private int count(Message message) {
        StringBuilder text = new StringBuilder(message.content());
        if (message instanceof Message.Assistant answer) {
            answer.toolCalls().forEach(call -> text.append(call.name()).append(call.argumentsJson()));
        }
        return around + estimateTokenCountInText(text.toString());
    }

    private int prompt(List<Message> messages) {
        try (Chat chat = model.newChat(options -> {
            chatOptions.accept(options);
            options.messages(messages);
        })) {
            return chat.prompt().length;
        }
    }
}
