package dev.skald.cli;

import dev.skald.gguf.io.WholeFile;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The names of files that a command writes, as people type them. {@code -} is standard output; {@code ./-} is a file. */
final class OutputFile {
    private static final String STANDARD_OUTPUT = "-";

    private OutputFile() {}

    static boolean isStandardOutput(Path out) {
        return out.equals(WholeFile.STANDARD_OUTPUT);
    }

    /** Converts the name of a text file. */
    static final class OfText implements ITypeConverter<Path> {
        @Override
        public Path convert(String name) {
            return name.equals(STANDARD_OUTPUT) ? WholeFile.STANDARD_OUTPUT : Path.of(name);
        }
    }

    /** Converts the name of a file that is no text, so it cannot go to a terminal. */
    static final class OfBytes implements ITypeConverter<Path> {
        @Override
        public Path convert(String name) {
            if (!name.equals(STANDARD_OUTPUT)) {
                return Path.of(name);
            }
            if (Terminal.onStandardOutput()) {
                throw new TypeConversionException(
                        "standard output is a terminal, and the result is not text: name a file,"
                                + " or redirect the output with > FILE");
            }
            return WholeFile.STANDARD_OUTPUT;
        }
    }

    /** Converts the name of something that cannot go to standard output: a folder, or a file beside text that goes there. */
    static final class OnDisk implements ITypeConverter<Path> {
        @Override
        public Path convert(String name) {
            if (name.equals(STANDARD_OUTPUT)) {
                throw new TypeConversionException(
                        "this cannot be written to standard output (-): choose a name, such as ./- for the name -");
            }
            return Path.of(name);
        }
    }
}
