package dev.skald.cli;

import picocli.CommandLine.ParseResult;

/** Marks the commands that multiply matrices, and so benefit from the flags of {@link Restart#jvmOptions}. */
interface Computes {
    /** The command of a command line. */
    static Object command(ParseResult parsed) {
        return last(parsed).commandSpec().userObject();
    }

    /** The part of a command line that belongs to its last subcommand. */
    static ParseResult last(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return last;
    }

    /** Whether the command line runs such a command, and does not only show its help. */
    static boolean isAskedFor(ParseResult parsed) {
        ParseResult last = last(parsed);
        return command(parsed) instanceof Computes && !last.isUsageHelpRequested() && !last.isVersionHelpRequested();
    }
}
