/** Makes Skald models beans of a Spring Boot application, by properties that begin with {@code spring.ai.skald}. */
package dev.skald.spring.ai.autoconfigure;
