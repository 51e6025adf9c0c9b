package dev.skald.runtime.record;

import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.grammar.JsonStyle;
import dev.skald.runtime.json.JsonReader;
import dev.skald.runtime.json.JsonWriter;

/**
 * The JSON form of a Java type: its schema, a grammar that holds a model to it, and a reader that returns objects.
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
 * <p>Supported types are records, enums, sealed interfaces of records (distinguished by the key {@code type}), strings,
 * numbers, booleans, {@code char}, dates and times, {@code UUID}, {@code URI}, {@code Optional}, lists, sets, arrays,
 * and maps with strings or enums as keys. They can be nested to any depth, and a record may contain itself. Every
 * component must be present; an {@code Optional} one may be null. The annotation {@link Description} is read, and so
 * are the annotations of Jackson and LangChain4j for descriptions and names.
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
     * Returns the JSON form of a type.
     *
     * @param type the type, usually a record
     * @param <T> the type
     * @return its schema, its grammar and its reader
     * @throws IllegalArgumentException if the type, or a type within it, is not supported
     */
    public static <T> JsonType<T> of(Class<T> type) {
        return new JsonType<>(type);
    }

    /**
     * Returns the type's JSON schema.
     *
     * @return the schema as JSON, on one line
     */
    public String schema() {
        return schema;
    }

    /**
     * Returns a grammar for objects of the type, in compact JSON with the components in order.
     *
     * @return the grammar
     */
    public Grammar grammar() {
        return grammar;
    }

    /**
     * Reads an object.
     *
     * @param json the text that a model has written
     * @return the object; lists, sets and maps in it are unmodifiable
     * @throws IllegalArgumentException if the text is not JSON or not an object of the type, or if the record's
     *     constructor rejects it
     */
    @SuppressWarnings("unchecked")
    public T read(String json) {
        return (T) ValueOfType.read(type, JsonReader.read(json), "#");
    }
}
