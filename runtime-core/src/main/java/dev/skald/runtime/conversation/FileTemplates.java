package dev.skald.runtime.conversation;

import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.io.Printable;
import dev.skald.runtime.chat.ChatTemplate;
import dev.skald.runtime.chat.ChatTemplates;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The data that all chats of a model share: the templates of its file, each compiled once, and the names of its marks.
 */
public final class FileTemplates {
    private static final String KEY = "tokenizer.chat_template";

    private final String file;
    private final GgufMetadata metadata;
    private final Map<String, ChatTemplate> compiled = new ConcurrentHashMap<>();
    private Marks marks;

    public FileTemplates(String file, GgufMetadata metadata) {
        this.file = file;
        this.metadata = metadata;
    }

    /** Returns the file's template. If the chat has tools and the file has a template for tools, returns that one. */
    ChatTemplate get(boolean tools) {
        String key = tools && metadata.contains(KEY + ".tool_use") ? KEY + ".tool_use" : KEY;
        if (!metadata.contains(key)) {
            throw unusable(" carries no chat template (" + key + ")");
        }
        String source = metadata.getString(key);
        if (source.isBlank()) {
            throw unusable(" carries an empty chat template (" + key + ")");
        }
        if (!source.contains("{{") && !source.contains("{%")) {
            throw unusable(" carries the words \"" + Printable.line(source) + "\" in place of a chat template (" + key
                    + "), which would leave out all messages");
        }
        return compiled.computeIfAbsent(key, k -> ChatTemplate.compile(source));
    }

    /** Returns the marks of the model's vocabulary. */
    synchronized Marks marks(Tokenizer tokenizer) {
        if (marks == null) {
            marks = new Marks(tokenizer);
        }
        return marks;
    }

    private UnsupportedModelException unusable(String why) {
        return new UnsupportedModelException(file + why
                + ": the model's card shows which template it needs; set the option template to one of "
                + ChatTemplates.names() + ". A model that was not trained on conversations can only continue text");
    }
}
