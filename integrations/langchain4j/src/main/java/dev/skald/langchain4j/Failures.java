package dev.skald.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.UnsupportedModelException;

/** Skald's exceptions as LangChain4j's, so that nobody tries again what cannot work. */
final class Failures {
    private Failures() {}

    /** The exception to throw for another; others than Skald's own stay as they are. */
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
