package dev.skald.runtime.record;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the annotations of a type or a component: Skald's own, and by name those of Jackson and LangChain4j, which many
 * programs already use on their records.
 */
final class Annotations {
    private static final Set<String> DESCRIPTIONS = Set.of(
            Description.class.getName(),
            "com.fasterxml.jackson.annotation.JsonPropertyDescription",
            "com.fasterxml.jackson.annotation.JsonClassDescription",
            "dev.langchain4j.model.output.structured.Description");
    private static final Set<String> NAMES = Set.of("com.fasterxml.jackson.annotation.JsonProperty");

    private Annotations() {}

    static Optional<String> description(AnnotatedElement element) {
        return value(element, DESCRIPTIONS);
    }

    /** Returns the JSON name that an annotation gives. */
    static Optional<String> name(AnnotatedElement element) {
        return value(element, NAMES).filter(name -> !name.isEmpty());
    }

    private static Optional<String> value(AnnotatedElement element, Set<String> types) {
        for (Annotation annotation : element.getAnnotations()) {
            if (types.contains(annotation.annotationType().getName())) {
                try {
                    Object value =
                            annotation.annotationType().getMethod("value").invoke(annotation);
                    return Optional.of(
                            value instanceof String[] lines ? String.join(" ", lines) : String.valueOf(value));
                } catch (ReflectiveOperationException e) {
                    // The annotation is from another version of its library, so it is ignored.
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }
}
