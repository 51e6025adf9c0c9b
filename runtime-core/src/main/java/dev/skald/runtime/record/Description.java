package dev.skald.runtime.record;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes a record or one of its components to the model that fills it in. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.TYPE, ElementType.PARAMETER, ElementType.FIELD, ElementType.METHOD})
public @interface Description {
    /**
     * Returns the description.
     *
     * @return a sentence or a few words
     */
    String value();

    /**
     * Returns the maximum length of a string. A limit stops small models from rambling.
     *
     * @return the length in characters; 0 for no limit
     */
    int maxLength() default 0;
}
