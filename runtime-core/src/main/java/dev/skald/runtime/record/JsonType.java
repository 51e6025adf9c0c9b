package dev.skald.runtime.record;

import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.grammar.JsonStyle;
import dev.skald.runtime.json.JsonReader;
import dev.skald.runtime.json.JsonWriter;

/**
 * A Java type as JSON: its schema, a grammar that lets a model write nothing else, and the way back to an object.
 *
 * {@snippet :
 * record Person(String name, @Description("in years") int age, Optional<String> town) {}
 *
 * JsonType<Person> type = JsonType.of(Person.class);
 * try (Generation text = session.generate(prompt, options -> options.constraint(type.grammar()))) {
 *     Person person = type.read(text.wholeText());
 * }
 * }
 *
 * <p>Records, enums, sealed interfaces of records (told apart by the key {@code type}), strings, numbers, booleans, {@code char},
 * dates and times, {@code UUID}, {@code URI}, {@code Optional}, lists, sets, arrays, and maps with strings or enums as keys, within
 * each other as deep as one likes; a record may hold itself. Every component must be there; one that is an {@code Optional} may be
 * null. {@link Description}, and the annotations of Jackson and LangChain4j for descriptions and names, are read.
 *
 * @param <T> the type
 */
public final class JsonType<T> {
    private final Class<T> type;
    private final String schema;
    private final Grammar grammar;

    private JsonType(Class<T> type) {
        this.type = type;
        this.schema = JsonWriter.write(SchemaOfType.of(type));
        this.grammar = Grammar.jsonSchema(schema, JsonStyle.COMPACT);
    }

    /**
     * A type as JSON.
     *
     * @param type a record as a rule
     * @param <T> the type
     * @return its schema, its grammar and its reader
     * @throws IllegalArgumentException if it, or what it holds, has no form in JSON here
     */
    public static <T> JsonType<T> of(Class<T> type) {
        return new JsonType<>(type);
    }

    /**
     * The type's JSON schema.
     *
     * @return JSON, on one line
     */
    public String schema() {
        return schema;
    }

    /**
     * Texts that are such objects, compact, with the components in their order.
     *
     * @return the grammar
     */
    public Grammar grammar() {
        return grammar;
    }

    /**
     * Makes an object.
     *
     * @param json what a model has written
     * @return the object; lists, sets and maps in it are unmodifiable
     * @throws IllegalArgumentException if the text is no JSON, or no object of the type, or the record's constructor refuses it
     */
    @SuppressWarnings("unchecked")
    public T read(String json) {
        return (T) ValueOfType.read(type, JsonReader.read(json), "#");
    }
}
