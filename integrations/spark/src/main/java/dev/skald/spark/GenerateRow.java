package dev.skald.spark;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Session;
import java.io.Serial;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Answers a text. */
record GenerateRow(SkaldSpec spec) implements RowWork {
    @Serial
    private static final long serialVersionUID = 1;

    @Override
    public Row run(Model model, String text, String key) {
        Consumer<GenerationOptions> options = g -> {
            g.maxTokens(spec.maxTokens)
                    .temperature(spec.temperature)
                    .topP(spec.topP)
                    .seed(spec.seedOf(key))
                    .stop(spec.stops);
            if (spec.jsonSchema != null) {
                g.jsonSchema(spec.jsonSchema);
            }
        };
        int context = Math.min(spec.contextLength, model.contextLength());
        try {
            if (spec.raw) {
                try (Session session = model.newSession(s -> s.contextLength(context));
                        Generation generation = session.generate(text, options)) {
                    return row(generation);
                }
            }
            try (Chat chat = model.newChat(c -> {
                        c.session(s -> s.contextLength(context));
                        if (spec.system != null) {
                            c.system(spec.system);
                        }
                    });
                    Generation generation = chat.send(List.of(Message.user(text)), options)) {
                return row(generation);
            }
        } catch (ContextOverflowException | ChatTemplateException e) {
            return RowFactory.create(null, null, null, null, e.getMessage());
        }
    }

    private static Row row(Generation generation) {
        String text = generation.wholeText();
        GenerationResult result = generation.result();
        return RowFactory.create(
                text,
                result.reason().name().toLowerCase(Locale.ROOT),
                result.cachedTokens() + result.promptTokens(),
                result.generatedTokens(),
                null);
    }
}
