package dev.skald.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that say where a text comes from: {@code -p}, {@code -f}, or else standard input. */
class PromptArguments {
    @Spec(Target.MIXEE)
    CommandSpec command;

    @ArgGroup(exclusive = true)
    private Source source;

    private static final class Source {
        @Option(
                names = {"-p", "--prompt"},
                paramLabel = "TEXT",
                description = "The text.")
        private String text;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                description = "A UTF-8 file with the text. Without -p and -f, standard input is read.")
        private Path file;
    }

    boolean given() {
        return source != null;
    }

    /** The file that is named; null for other sources. */
    Path file() {
        return source == null ? null : source.file;
    }

    /** What the text is called: its file's name, or nothing. */
    String name() {
        return source == null || source.file == null
                ? ""
                : source.file.getFileName().toString();
    }

    String read(InputStream standardInput) throws IOException {
        if (source == null) {
            if (System.console() != null) {
                throw new ParameterException(command.commandLine(), "no text: use -p, -f or a pipe");
            }
            if (Terminal.standardInputIsClosed()) {
                throw new ParameterException(command.commandLine(), "standard input is closed: use -p or -f");
            }
            return utf8("standard input", standardInput.readAllBytes());
        }
        if (source.file != null) {
            return utf8(source.file.toString(), bytes(source.file));
        }
        return typed(source.text);
    }

    /** A text from the command line, unless letters of it were lost on the way. */
    String typed(String text) {
        String charset = System.getProperty("sun.jnu.encoding");
        if (text.indexOf('\uFFFD') >= 0 && !StandardCharsets.UTF_8.name().equalsIgnoreCase(charset)) {
            throw new ParameterException(
                    command.commandLine(),
                    "the text has letters that the locale's charset, " + charset
                            + ", lacks: set LC_ALL=C.UTF-8, or use -f or a pipe");
        }
        return text;
    }

    /** All of a file, which may be a pipe. */
    static byte[] bytes(Path file) throws IOException {
        if (file.toString().isEmpty()) {
            throw new FileSystemException("", null, "the name of the text's file is empty");
        }
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a folder; name a text file");
        }
        try {
            return Files.readAllBytes(file);
        } catch (FileSystemException named) {
            throw named;
        } catch (IOException unnamed) {
            throw new IOException(file + ": " + unnamed.getMessage(), unnamed);
        }
    }

    /** A text without the line break at its end, which an editor or {@code echo} has put there. */
    static String withoutFinalNewline(String text) {
        return text.endsWith("\r\n")
                ? text.substring(0, text.length() - 2)
                : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /** Whether the text is what the person has typed as an argument. */
    boolean isArgument() {
        return source != null && source.file == null;
    }

    static String utf8(String name, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(rest).toString();
        } catch (CharacterCodingException malformed) {
            throw new IOException(name + ": the text is not UTF-8 at byte " + rest.position(), malformed);
        }
    }
}
