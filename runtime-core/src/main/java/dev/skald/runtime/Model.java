package dev.skald.runtime;

import dev.skald.gguf.GgufMetadata;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.EmbedderOptions;
import dev.skald.runtime.embed.Reranker;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.Adapter;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.SessionOptions;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A language model: the weights and the vocabulary of a GGUF file. A model is immutable, and any number of threads may
 * share it, each with its own {@link Session}. Rows of sessions that compute at the same time are computed together.
 */
public interface Model extends AutoCloseable {
    /**
     * Opens a model with the default options.
     *
     * @param path a GGUF file, or any part of a split one
     * @return the model; close it when done
     * @throws IOException if the file cannot be read
     * @throws dev.skald.gguf.GgufFormatException if it is not a valid GGUF file
     * @throws UnsupportedModelException if Skald does not run this model
     */
    static Model open(Path path) throws IOException {
        return open(path, options -> {});
    }

    /**
     * Opens a model.
     *
     * @param path a GGUF file, or any part of a split one
     * @param settings changes the default options
     * @return the model; close it when done
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if options contradict each other
     * @throws dev.skald.gguf.GgufFormatException if it is not a valid GGUF file
     * @throws UnsupportedModelException if Skald does not run this model
     */
    static Model open(Path path, Consumer<ModelOptions> settings) throws IOException {
        return OpenModel.open(path, settings);
    }

    /**
     * Returns the file's metadata.
     *
     * @return all keys and values
     */
    GgufMetadata metadata();

    /**
     * Returns the tokenizer, which turns text into tokens and back.
     *
     * @return the model's tokenizer
     */
    Tokenizer tokenizer();

    /**
     * Returns the number of positions that the model was trained for.
     *
     * @return tokens
     */
    int contextLength();

    /**
     * Returns the number of tokens in the vocabulary, which is also the length of a token's logits.
     *
     * @return tokens
     */
    int vocabularySize();

    /**
     * Returns the number of bytes of weights that computing one token reads.
     *
     * @return bytes
     */
    long weightBytes();

    /**
     * Describes how the model runs here: the JVM, the machine, and the choices made when the model was opened.
     *
     * @return the description
     * @throws IllegalStateException if the model is closed
     */
    ModelDiagnostics diagnostics();

    /**
     * Opens a LoRA adapter of the model, for sessions that {@linkplain SessionOptions#adapter name} it.
     *
     * @param path a GGUF file, as llama.cpp's converter makes it of a LoRA
     * @return the adapter; close it when done
     * @throws IOException if the file cannot be read
     * @throws dev.skald.gguf.GgufFormatException if it is not a valid GGUF file, no adapter, or one that does not fit
     *     the model
     * @throws UnsupportedModelException if it is of a kind that Skald does not apply
     * @throws IllegalStateException if the model is closed
     */
    Adapter openAdapter(Path path) throws IOException;

    /**
     * Opens a session with the default options.
     *
     * @return a session; close it when done
     * @throws IllegalStateException if the model is closed
     */
    default Session newSession() {
        return newSession(options -> {});
    }

    /**
     * Opens a session.
     *
     * @param settings changes the default options
     * @return a session; close it when done
     * @throws UnsupportedModelException if the model does not {@linkplain #generates continue text}
     * @throws IllegalArgumentException if the model is {@linkplain ModelOptions#exact exact} and another cache type is
     *     asked for, or an adapter is another model's
     * @throws IllegalStateException if the model is closed
     */
    Session newSession(Consumer<SessionOptions> settings);

    /**
     * Opens a chat with the default options.
     *
     * @return a chat; close it when done
     * @throws UnsupportedModelException if the file carries no chat template
     * @throws ChatTemplateException if its template cannot be compiled
     * @throws IllegalStateException if the model is closed
     */
    default Chat newChat() {
        return newChat(options -> {});
    }

    /**
     * Opens a chat.
     *
     * @param settings changes the default options
     * @return a chat; close it when done
     * @throws UnsupportedModelException if the file carries no chat template and the options name none, or the model does not
     *     {@linkplain #generates continue text}
     * @throws ChatTemplateException if the file's template cannot be compiled
     * @throws IllegalStateException if the model is closed
     */
    Chat newChat(Consumer<ChatOptions> settings);

    /**
     * Continues a text in a new session, which is closed with the generation.
     *
     * @param prompt the text; no chat template is applied to it
     * @param settings changes the default options
     * @return the generated tokens, computed on demand; close it when done
     * @throws UnsupportedModelException if the model does not {@linkplain #generates continue text}
     * @throws IllegalStateException if the model is closed
     * @throws ContextOverflowException if the prompt is longer than the model's context
     */
    Generation generate(String prompt, Consumer<GenerationOptions> settings);

    /**
     * Continues a text and waits for the whole continuation.
     *
     * @param prompt the text; no chat template is applied to it
     * @param settings changes the default options; without {@link GenerationOptions#maxTokens} the model may continue
     *     until its context is full
     * @return the continuation, without the prompt
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; its interrupt status stays set
     * @throws IllegalStateException if the model is closed
     * @throws ContextOverflowException if the prompt is longer than the model's context
     */
    default String complete(String prompt, Consumer<GenerationOptions> settings) {
        try (Generation generation = generate(prompt, settings)) {
            return generation.wholeText();
        }
    }

    /**
     * Whether the model can continue text. One that only embeds has no sessions and no chats.
     *
     * @return false if it is an encoder
     */
    boolean generates();

    /**
     * Makes an embedder with the default options.
     *
     * @return makes vectors of texts, for as long as the model is open
     * @throws UnsupportedModelException if the file does not say how the rows of a text become one vector
     * @throws IllegalStateException if the model is closed
     */
    default Embedder newEmbedder() {
        return newEmbedder(options -> {});
    }

    /**
     * Makes an embedder. Models that continue text can embed too, though only those trained for it do it well.
     *
     * @param settings changes the default options
     * @return makes vectors of texts, for as long as the model is open
     * @throws UnsupportedModelException if neither the file nor the options say how the rows of a text become one vector
     * @throws IllegalArgumentException if more dimensions are asked for than there are
     * @throws IllegalStateException if the model is closed
     */
    Embedder newEmbedder(Consumer<EmbedderOptions> settings);

    /**
     * Makes a reranker with the default options.
     *
     * @return says how well documents answer a question, for as long as the model is open
     * @throws UnsupportedModelException if the model was not trained for that: it has no classifier
     * @throws IllegalStateException if the model is closed
     */
    default Reranker newReranker() {
        return newReranker(options -> {});
    }

    /**
     * Makes a reranker.
     *
     * @param settings changes the default options; what concerns vectors has no effect
     * @return says how well documents answer a question, for as long as the model is open
     * @throws UnsupportedModelException if the model was not trained for that: it has no classifier
     * @throws IllegalStateException if the model is closed
     */
    Reranker newReranker(Consumer<EmbedderOptions> settings);

    /**
     * Waits for the step that is being computed, closes all sessions and frees all memory. Later calls on the model or
     * its sessions throw {@link IllegalStateException}. Closing a second time does nothing.
     */
    @Override
    void close();
}
