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

/** The options for a text: {@code -p}, {@code -f}, or else standard input. */
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
                description =
                        "A UTF-8 file with the text, or - for standard input, which is also read without -p and -f.")
        private Path file;
    }

    boolean given() {
        return source != null;
    }

    /** The file that was named; null for other sources. */
    Path file() {
        return source == null || isStandardInput() ? null : source.file;
    }

    private boolean isStandardInput() {
        return source.file != null && source.file.toString().equals("-");
    }

    /** The name of the text: its file's name, or empty. */
    String name() {
        return file() == null ? "" : file().getFileName().toString();
    }

    String read(InputStream standardInput) throws IOException {
        if (source == null || isStandardInput()) {
            if (source == null && System.console() != null) {
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

    /** A text from the command line, unless the JVM lost characters of it. */
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

    /** Reads all of a file, which may be a pipe. */
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

    /** Removes the line break that an editor or {@code echo} has put at the end of a text. */
    static String withoutFinalNewline(String text) {
        return text.endsWith("\r\n")
                ? text.substring(0, text.length() - 2)
                : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /** Whether the text is an argument that the person typed. */
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
