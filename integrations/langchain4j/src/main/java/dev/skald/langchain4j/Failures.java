package dev.skald.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.UnsupportedModelException;

/** Converts Skald's exceptions to LangChain4j's, so that requests that cannot succeed are not retried. */
final class Failures {
    private Failures() {}

    /** Returns the exception to throw. Exceptions that are not Skald's are returned unchanged. */
    static RuntimeException of(RuntimeException failure) {
        return switch (failure) {
            case UnsupportedModelException e -> unsupported(e);
            case GrammarException e when e.reason() == GrammarException.Reason.UNSUPPORTED -> unsupported(e);
            case ContextOverflowException e -> new InvalidRequestException(e.getMessage(), e);
            case ChatTemplateException e -> new InvalidRequestException(e.getMessage(), e);
            case IllegalArgumentException e -> new InvalidRequestException(e.getMessage(), e);
            default -> failure;
        };
    }

    private static RuntimeException unsupported(RuntimeException cause) {
        UnsupportedFeatureException failure = new UnsupportedFeatureException(cause.getMessage());
        failure.initCause(cause);
        return failure;
    }
}
