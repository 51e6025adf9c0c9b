package dev.skald.cli;

import dev.skald.gguf.io.WholeFile;
import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.chat.ChatTemplates;
import dev.skald.runtime.chat.Overflow;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.io.Saved;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code skald chat}: a conversation, on a terminal or through a pipe. */
@Command(
        name = "chat",
        description = {
            "Talk with a model. On a terminal, /help lists the commands.",
            "With -p, -f or a pipe, the whole text is one message, and standard output contains only the answer."
        })
class ChatCommand implements Callable<Integer>, Computes {
    static final String ONLY_THOUGHTS =
            "the model only thought and gave no answer; --max-thinking-tokens lets it think less";

    /** What happens when the context is full, under the names that people type. */
    enum Full {
        FAIL(Overflow.FAIL),
        DROP(Overflow.DROP_OLDEST),
        SHIFT(Overflow.SHIFT);

        private final Overflow overflow;

        Full(Overflow overflow) {
            this.overflow = overflow;
        }
    }

    /** What there is to choose from. */
    static final class TemplateNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ChatTemplates.names().iterator();
        }
    }

    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelArguments model;

    @Mixin
    private SpokenArguments prompt;

    @Option(names = "--lines", description = "Answer each line of standard input as a message.")
    private boolean lines;

    @Option(
            names = {"-s", "--system"},
            paramLabel = "TEXT",
            description = "The system message.")
    private String system;

    @Option(
            names = "--template",
            paramLabel = "NAME",
            completionCandidates = TemplateNames.class,
            description = "The chat template, if the file has none; the model's card shows which: one of "
                    + "${COMPLETION-CANDIDATES}.")
    private String template;

    @Option(
            names = "--overflow",
            paramLabel = "HOW",
            defaultValue = "drop",
            description = "When the context is full: drop the oldest turns, shift out the oldest tokens, or"
                    + " fail (default ${DEFAULT-VALUE}).")
    private Full overflow;

    @Option(
            names = {"-n", "--max-tokens", "--predict", "--n-predict"},
            paramLabel = "N",
            defaultValue = "1024",
            description = "Maximum number of tokens in an answer (default ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(
            names = "--thinking",
            negatable = true,
            description = "Whether the model should think before it answers, if its template leaves that open ("
                    + "default: what the template says).")
    private Boolean thinking;

    @Option(
            names = "--max-thinking-tokens",
            paramLabel = "N",
            description = "Maximum number of tokens of thoughts before the answer.")
    private Integer maxThinkingTokens;

    @Option(
            names = "--hide-reasoning",
            description =
                    "Do not show on the terminal what a model thinks before it answers. In a pipe it is never shown.")
    private boolean hideReasoning;

    @Mixin
    private SamplingArguments sampling;

    @Option(names = "--load", paramLabel = "FILE", description = "Continue a saved conversation.")
    private Path load;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            converter = OutputFile.OnDisk.class,
            description = "Save the conversation at the end.")
    private Path save;

    @Option(names = "--stats", description = "Print token counts and times of each answer to standard error.")
    private boolean stats;

    @Option(names = "--no-history", description = "Do not save the lines you type.")
    private boolean noHistory;

    private final Progress.Reading reading = new Progress.Reading();

    ChatCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (lines && prompt.given()) {
            throw new ParameterException(spec.commandLine(), "--lines reads standard input: leave out -p and -f");
        }
        if (save != null) {
            ForceArguments.checkInputs(save, Arrays.asList(model.named(), prompt.file()));
            WholeFile.check(save, Saved.EXISTING);
        }
        // Since JDK 25 there is one only if a person types and watches.
        boolean terminal = !lines && !prompt.given() && System.console() != null;
        String text = terminal || lines ? null : message(prompt.read(streams.in()));
        boolean answered = true;
        try (Model opened = model.open();
                Chat chat = opened.newChat(model.settings(this::set))) {
            model.warn(opened);
            if (load != null) {
                chat.load(load);
                if (system != null) {
                    chat.system(system);
                }
            }
            if (terminal) {
                ChatConsole.run(
                        opened.metadata().getString("general.name", "A model without a name"),
                        chat,
                        noHistory,
                        stats,
                        hideReasoning,
                        reading);
            } else if (lines) {
                answered = answerLines(chat);
            } else {
                answer(chat, text);
            }
            if (save != null) {
                chat.save(save);
            }
        }
        return answered ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void set(ChatOptions options) {
        if (template != null) {
            options.template(template);
        }
        if (thinking != null) {
            options.thinking(thinking);
        }
        if (maxThinkingTokens != null) {
            options.maxThinkingTokens(maxThinkingTokens);
        }
        options.system(system)
                .session(model::setContext)
                .overflow(overflow.overflow)
                .generation(model.settings(sampling.settings(maxTokens).andThen(each -> each.progress(reading))));
    }

    private String message(String input) {
        String text = input.strip();
        if (text.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "the message is empty");
        }
        return text;
    }

    /** Answers each line, and continues after a line that cannot be answered; returns false if there was such a line. */
    private boolean answerLines(Chat chat) throws IOException {
        boolean all = true;
        // Each byte becomes a character, so that a line of other bytes ends where it ends.
        var input = new BufferedReader(new InputStreamReader(streams.in(), StandardCharsets.ISO_8859_1));
        int number = 0;
        for (String bytes = input.readLine(); bytes != null; bytes = input.readLine()) {
            number++;
            try {
                String line = PromptArguments.utf8("standard input", bytes.getBytes(StandardCharsets.ISO_8859_1));
                if (!line.isBlank()) {
                    answer(chat, line.strip());
                }
            } catch (IOException | ContextOverflowException | ChatTemplateException bad) {
                streams.err().println("skald: line " + number + ": " + Errors.message(bad));
                all = false;
            }
        }
        return all;
    }

    private void answer(Chat chat, String text) {
        try (reading;
                Answer answer = chat.send(text)) {
            String last = "";
            for (Token token : answer) {
                streams.out().print(token.text());
                streams.out().flush();
                last = token.text().isEmpty() ? last : token.text();
            }
            if (!last.endsWith("\n")) {
                streams.out().println();
                streams.out().flush();
            }
            GenerationResult result = answer.result();
            if (stats) {
                streams.err().println("skald: " + result);
            } else if (result.reason() == FinishReason.MAX_TOKENS) {
                streams.err().println("skald: cut after " + result.generatedTokens() + " tokens; -n allows more");
            } else if (result.reason() == FinishReason.CONTEXT_FULL) {
                streams.err().println("skald: cut: the context is full; --context allows a longer one");
            }
            if (last.isEmpty() && !answer.reasoning().isEmpty()) {
                streams.err().println("skald: " + ONLY_THOUGHTS);
            }
        }
    }
}
