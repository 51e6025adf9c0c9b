package dev.skald.cli;

import dev.skald.bench.Home;
import dev.skald.gguf.io.Printable;
import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Token;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;

/** A chat on a terminal: lines with history, answers as they are generated, and commands that begin with a slash. */
final class ChatConsole {
    private static final List<String> HELP = List.of(
            "/help           this list",
            "/reset          remove all messages except the system message",
            "/clear          the same",
            "/system [TEXT]  show or change the system message; - for none",
            "/undo           remove the last question and its answer",
            "/edit           remove them and edit the question",
            "/again          answer the last question again",
            "/save FILE      save the conversation to a file, with everything computed",
            "/load FILE      continue a conversation saved with this model",
            "/stats          token counts and times of the last answer, and how full the context is",
            "/quit           end; so do exit, /bye and Ctrl-D",
            "",
            "Ctrl-C stops an answer; the part generated so far is kept. A line that ends with \\ continues on the next.",
            "To send a message that begins with a slash, type two slashes.");

    /** What people type to leave other programs; one such word would tell a model nothing. */
    private static final Set<String> FAREWELLS = Set.of("exit", "quit");

    private final String name;
    private final Chat chat;
    private final Terminal terminal;
    private final LineReader reader;
    private final PrintWriter out;
    private final boolean stats;
    private final boolean hideReasoning;
    private final Progress.Reading reading;

    private volatile Generation running;
    private GenerationResult last;
    private int dropped;
    /** The beginning of the next line. */
    private String draft = "";

    ChatConsole(
            String name,
            Chat chat,
            Terminal terminal,
            Optional<Path> history,
            boolean stats,
            boolean hideReasoning,
            Progress.Reading reading) {
        this.name = name;
        this.chat = chat;
        this.terminal = terminal;
        this.out = terminal.writer();
        this.stats = stats;
        this.hideReasoning = hideReasoning;
        this.reading = reading;
        LineReaderBuilder builder = LineReaderBuilder.builder()
                .terminal(terminal)
                .appName("skald")
                .completer(new StringsCompleter(HELP.stream()
                        .filter(line -> line.startsWith("/"))
                        .map(line -> line.split("[ \\[]", 2)[0])
                        .toList()))
                // An exclamation mark is an exclamation mark, and a tab inserts nothing.
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .option(LineReader.Option.INSERT_TAB, false)
                .variable(LineReader.HISTORY_SIZE, 1000)
                .variable(LineReader.HISTORY_FILE_SIZE, 1000);
        history.ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
        reader = builder.build();
    }

    static void run(
            String name, Chat chat, boolean noHistory, boolean stats, boolean hideReasoning, Progress.Reading reading)
            throws IOException {
        try (Terminal terminal = TerminalBuilder.builder()
                .system(true)
                .encoding(StandardCharsets.UTF_8)
                // Asking the terminal for its abilities would read, and lose, what was typed while the model was
                // opened.
                .graphemeCluster(false)
                .build()) {
            Optional<Path> history = noHistory ? Optional.empty() : historyFile();
            new ChatConsole(name, chat, terminal, history, stats, hideReasoning, reading).run();
        }
    }

    /** The history of typed lines, readable by its owner only; none if there can be no such file. */
    private static Optional<Path> historyFile() {
        String windows = System.getenv("LOCALAPPDATA");
        String xdg = System.getenv("XDG_STATE_HOME");
        Path states = xdg != null && !xdg.isBlank()
                ? Path.of(xdg)
                : windows != null ? Path.of(windows) : Home.folder().resolve(Path.of(".local", "state"));
        Path file = states.resolve("skald").resolve("chat-history");
        try {
            Files.createDirectories(file.getParent());
            if (!Files.exists(file)) {
                Files.createFile(file);
                if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                }
            }
            return Optional.of(file);
        } catch (IOException noFile) {
            return Optional.empty();
        }
    }

    /** Talks until the person ends the chat. */
    void run() {
        terminal.handle(Signal.INT, signal -> {
            Generation generation = running;
            if (generation != null) {
                generation.cancel();
            }
        });
        say(Printable.line(name) + ", with a context of " + chat.contextLength()
                + " tokens. /help shows the commands.");
        while (true) {
            try {
                String line = read();
                if (line.isBlank()) {
                    continue;
                }
                if (FAREWELLS.contains(line.strip())) {
                    return;
                }
                if (line.startsWith("/") && !line.startsWith("//")) {
                    if (!obey(line.strip())) {
                        return;
                    }
                } else {
                    String text = line.startsWith("//") ? line.substring(1) : line;
                    answer(() -> chat.send(text));
                }
            } catch (UserInterruptException typed) {
                if (typed.getPartialLine().isEmpty()) {
                    say("(Ctrl-D or /quit ends the chat)");
                }
            } catch (EndOfFileException end) {
                return;
            } catch (RuntimeException | IOException | OutOfMemoryError failure) {
                say("skald: " + Errors.message(failure));
            }
        }
    }

    private String read() {
        String begun = draft;
        draft = "";
        StringBuilder text = new StringBuilder(reader.readLine("> ", null, begun));
        while (text.toString().endsWith("\\")) {
            text.setLength(text.length() - 1);
            text.append('\n').append(reader.readLine("… "));
        }
        return text.toString();
    }

    /** Runs a line; returns false to end. */
    private boolean obey(String line) throws IOException {
        String[] words = line.split("\\s+", 2);
        String rest = words.length > 1 ? words[1] : "";
        switch (words[0].toLowerCase(Locale.ROOT)) {
            case "/help" -> HELP.forEach(this::say);
            case "/reset", "/clear" -> {
                chat.reset();
                say("The conversation starts again.");
            }
            case "/system" -> system(rest);
            case "/undo" -> say(takeBack().isPresent() ? "Removed." : "There is nothing to remove.");
            case "/edit" -> draft = takeBack().orElse("");
            case "/again" -> again();
            case "/save" -> save(rest);
            case "/load" -> load(rest);
            case "/stats" -> stats();
            case "/quit", "/exit", "/bye" -> {
                return false;
            }
            default -> say("There is no command " + words[0] + "; /help lists the commands.");
        }
        return true;
    }

    private void save(String file) throws IOException {
        if (file.isEmpty()) {
            say("Say where to: /save FILE");
            return;
        }
        Path saved = path(file);
        chat.save(saved);
        say("Saved to " + saved.toAbsolutePath() + ".");
    }

    private void load(String file) throws IOException {
        if (file.isEmpty()) {
            say("Say which: /load FILE");
            return;
        }
        chat.load(path(file));
        dropped = chat.droppedMessages();
        say("Loaded: " + chat.messages().size() + " messages, " + chat.tokens() + " tokens.");
    }

    private static Path path(String text) throws IOException {
        try {
            return Path.of(text.replaceFirst(
                    "^~(?=/)", Matcher.quoteReplacement(Home.folder().toString())));
        } catch (InvalidPathException noPath) {
            throw new IOException(noPath.getMessage(), noPath);
        }
    }

    private void system(String text) {
        if (text.isEmpty()) {
            say(chat.messages().stream()
                    .filter(Message.System.class::isInstance)
                    .map(Message::content)
                    .findFirst()
                    .orElse("There is no system message."));
        } else {
            chat.system(text.equals("-") ? null : text);
            say("This applies from the next question on.");
        }
    }

    private void again() {
        int question = lastQuestion();
        if (question < 0) {
            say("There is no question yet.");
        } else {
            chat.truncate(question + 1);
            answer(() -> chat.send(List.of(), options -> {}));
        }
    }

    /** Removes the last question and its answer from the conversation; returns the question. */
    private Optional<String> takeBack() {
        int question = lastQuestion();
        if (question < 0) {
            return Optional.empty();
        }
        String text = chat.messages().get(question).content();
        chat.truncate(question);
        return Optional.of(text);
    }

    /** Returns its index among the messages, or -1. */
    private int lastQuestion() {
        List<Message> messages = chat.messages();
        int i = messages.size() - 1;
        while (i >= 0 && !(messages.get(i) instanceof Message.User)) {
            i--;
        }
        return i;
    }

    private void stats() {
        say(last == null ? "There is no answer yet." : last.toString());
        say(String.format(
                Locale.ROOT,
                "context: %d of %d tokens, %.1f MiB; %d messages",
                chat.tokens(),
                chat.contextLength(),
                chat.cacheBytes() / 1048576.0,
                chat.messages().size()));
    }

    private String dim(String text) {
        return new AttributedString(text, AttributedStyle.DEFAULT.faint()).toAnsi(terminal);
    }

    private void answer(Supplier<Answer> question) {
        // What is typed meanwhile is the next line, and not part of the answer.
        terminal.echo(false);
        boolean onlyThoughts = false;
        try (Answer answer = question.get()) {
            running = answer;
            boolean answered = false;
            boolean thought = false;
            for (Token token : answer) {
                if (!hideReasoning && !token.reasoning().isEmpty()) {
                    out.print(dim(Text.onTerminal(token.reasoning())));
                    thought = true;
                }
                if (thought && !token.text().isEmpty()) {
                    out.print("\n\n");
                    thought = false;
                }
                out.print(Text.onTerminal(token.text()));
                out.flush();
                answered |= !token.text().isEmpty();
            }
            last = answer.result();
            onlyThoughts = !answered && !answer.reasoning().isEmpty();
        } finally {
            running = null;
            reading.close();
            terminal.echo(true);
            out.println();
            out.flush();
        }
        if (last.reason() == FinishReason.MAX_TOKENS) {
            say("(cut after " + last.generatedTokens() + " tokens; -n allows more)");
        } else if (last.reason() == FinishReason.CONTEXT_FULL) {
            say("(cut: the context is full; /reset, or --context for a longer one)");
        }
        if (onlyThoughts && last.reason() != FinishReason.CANCELLED) {
            say("(" + ChatCommand.ONLY_THOUGHTS + ")");
        }
        if (chat.droppedMessages() > dropped) {
            say("(the context is full: the model no longer sees the first " + chat.droppedMessages() + " messages)");
        }
        dropped = chat.droppedMessages();
        if (stats) {
            say("skald: " + last);
        }
    }

    private void say(String line) {
        out.println(Text.onTerminal(line));
        out.flush();
    }
}
