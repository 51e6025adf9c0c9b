package dev.skald.cli;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.io.Printable;
import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.UnsupportedModelException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns a failure into one line on standard error and an exit code. */
final class Errors {
    private Errors() {}

    static int report(Throwable failure, PrintWriter err, boolean debug) {
        if (failure instanceof OutputException output && output.readerGone()) {
            return ExitCode.OK;
        }
        if (!isInterruption(failure)) {
            err.println("skald: " + message(failure));
        }
        if (debug) {
            failure.printStackTrace(err);
        }
        return ExitCode.SOFTWARE;
    }

    static int reportUsage(ParameterException failure, PrintWriter err) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        List<String> similar =
                failure instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        err.println("skald: "
                + Printable.line(oneLine(failure.getMessage()).replaceFirst("^Error: ", ""))
                + (similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?")
                + " (help: " + command + " --help)");
        return ExitCode.USAGE;
    }

    private static boolean isInterruption(Throwable failure) {
        Throwable cause =
                failure instanceof UncheckedIOException || failure instanceof IOException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        // An interrupt closes the channel that its thread is using; other threads only see a closed channel.
        return cause instanceof ClosedChannelException
                || cause instanceof InterruptedException
                || cause instanceof CancellationException;
    }

    /** Returns the failure in one line. */
    static String message(Throwable failure) {
        return Printable.line(unchecked(failure));
    }

    private static String unchecked(Throwable failure) {
        return switch (failure) {
            case NoSuchFileException e when e.getReason() == null -> "no such file: " + e.getFile();
            case AccessDeniedException e when e.getReason() == null -> "no permission: " + e.getFile();
            case NotDirectoryException e when e.getReason() == null -> e.getFile() + ": is not a folder";
            case FileAlreadyExistsException e ->
                "already there: " + e.getFile() + (e.getReason() == null ? "" : ": " + e.getReason());
            case FileSystemException e ->
                (e.getFile() == null || e.getFile().isEmpty() ? "" : e.getFile() + ": ")
                        + (e.getReason() == null ? e.getClass().getSimpleName() : e.getReason());
            case UncheckedIOException e -> unchecked(e.getCause());
            case IOException e -> oneLine(e.getMessage());
            case GgufFormatException e -> oneLine(e.getMessage());
            case UnsupportedModelException e -> options(oneLine(e.getMessage()));
            case ContextOverflowException e -> oneLine(e.getMessage()) + " (--context)";
            case ChatTemplateException e -> oneLine(e.getMessage());
            case IllegalArgumentException e -> oneLine(e.getMessage());
            case OutputException e -> oneLine(e.getMessage());
            case OutOfMemoryError e ->
                "out of memory (" + oneLine(e.getMessage()) + ") with a heap of at most "
                        + (Runtime.getRuntime().maxMemory() >> 20)
                        + " MiB; allow more with JDK_JAVA_OPTIONS=-Xmx8g, or choose a smaller model or --context";
            default -> "unexpected error: " + oneLine(failure.toString()) + " (--debug shows where)";
        };
    }

    /** Replaces "the option top-p" in a message of the library by the option that people type. */
    static String options(String message) {
        return message.replaceAll("\\b[Tt]he option ([a-z]+(?:-[a-z]+)*)", "--$1");
    }

    private static String oneLine(String text) {
        return String.valueOf(text).strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
