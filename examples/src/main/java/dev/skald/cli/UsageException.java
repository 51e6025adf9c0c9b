package dev.skald.cli;

/** Options that each parse but don't make sense together. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
