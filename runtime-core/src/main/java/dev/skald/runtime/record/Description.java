package dev.skald.runtime.record;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says what a record or one of its components means, for the model that is to fill it. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.TYPE, ElementType.PARAMETER, ElementType.FIELD, ElementType.METHOD})
public @interface Description {
    /**
     * What it means.
     *
     * @return a sentence or a few words
     */
    String value();

    /**
     * How many characters a string may have. A bound keeps a small model from talking on.
     *
     * @return characters; 0 for any number
     */
    int maxLength() default 0;
}
