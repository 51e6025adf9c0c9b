package dev.skald.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A size as in llama-gguf-split: megabytes or gigabytes, of 10^6 or 10^9 bytes. */
final class ByteSize {
    private ByteSize() {}

    /**
     * Parses a size.
     *
     * @param size such as {@code 500M} or {@code 2G}
     * @param option the option that it was given for
     * @param command the option's command
     */
    static long of(String size, String option, CommandSpec command) {
        if (!size.matches("[1-9]\\d{0,8}[MG]")) {
            throw new ParameterException(
                    command.commandLine(),
                    option + " needs a number of megabytes or gigabytes, such as 500M or 2G, not '" + size + "'");
        }
        long number = Long.parseLong(size.substring(0, size.length() - 1));
        return number * (size.endsWith("M") ? 1_000_000 : 1_000_000_000);
    }
}
