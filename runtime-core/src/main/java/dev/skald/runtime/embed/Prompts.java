package dev.skald.runtime.embed;

import dev.skald.gguf.GgufMetadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The prefixes that an embedding model expects before queries and documents.
 *
 * @param query the prefix of a query; may be empty
 * @param document the prefix of a document to find; may be empty
 */
public record Prompts(String query, String document) {
    /** No prefixes, for models that treat all texts alike. */
    public static final Prompts NONE = new Prompts("", "");

    private static final String SEARCHING = "Represent this sentence for searching relevant passages: ";
    private static final String RETRIEVE =
            "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ";

    /** From the models' cards. */
    private static final Map<String, Prompts> NAMED = new LinkedHashMap<>();

    static {
        NAMED.put("none", NONE);
        NAMED.put("nomic", new Prompts("search_query: ", "search_document: "));
        NAMED.put("e5", new Prompts("query: ", "passage: "));
        NAMED.put("e5-instruct", new Prompts(RETRIEVE, ""));
        NAMED.put("bge-en", new Prompts(SEARCHING, ""));
        NAMED.put("mxbai", new Prompts(SEARCHING, ""));
        NAMED.put("arctic", new Prompts(SEARCHING, ""));
        NAMED.put("arctic-2", new Prompts("query: ", ""));
        NAMED.put("gemma", new Prompts("task: search result | query: ", "title: none | text: "));
        // Its card has no space behind the colon.
        NAMED.put("qwen3", new Prompts(RETRIEVE.stripTrailing(), ""));
    }

    /** What a model's name has, all of it, and the prompts it wants; the first that fits counts. */
    private record Family(List<String> words, String prompts) {
        boolean has(String name) {
            return words.stream().allMatch(name::contains);
        }
    }

    private static final List<Family> FAMILIES = List.of(
            new Family(List.of("nomic-embed-text"), "nomic"),
            new Family(List.of("e5-", "-instruct"), "e5-instruct"),
            new Family(List.of("e5-"), "e5"),
            new Family(List.of("bge-", "-en"), "bge-en"),
            new Family(List.of("mxbai-embed"), "mxbai"),
            new Family(List.of("arctic-embed", "-v2"), "arctic-2"),
            new Family(List.of("arctic-embed"), "arctic"),
            new Family(List.of("embeddinggemma"), "gemma"),
            new Family(List.of("qwen3-embedding"), "qwen3"));

    /** Neither may be null. */
    public Prompts {
        Objects.requireNonNull(query);
        Objects.requireNonNull(document);
    }

    /**
     * Returns the names of the known prompts.
     *
     * @return such as {@code e5}
     */
    public static List<String> names() {
        return List.copyOf(NAMED.keySet());
    }

    /**
     * Returns the prompts of a name.
     *
     * @param name one of {@link #names()}
     * @return the prompts
     * @throws IllegalArgumentException if there is no such name; the message lists all names
     */
    public static Prompts named(String name) {
        Prompts prompts = NAMED.get(name);
        if (prompts == null) {
            throw new IllegalArgumentException("no prompts are called \"" + name + "\"; known are " + names());
        }
        return prompts;
    }

    /**
     * Returns what a model is known to expect, by its name and architecture. The file itself does not say.
     *
     * @param metadata the metadata of its file
     * @return the prompts from its card; {@link #NONE} for an unknown model
     */
    public static Prompts recommended(GgufMetadata metadata) {
        String name = (metadata.getString("general.name", "") + " " + metadata.getString("general.basename", ""))
                .toLowerCase(Locale.ROOT)
                .replace(' ', '-')
                .replace('_', '-');
        if (metadata.getString("general.architecture", "").equals("gemma-embedding")) {
            return named("gemma");
        }
        return FAMILIES.stream()
                .filter(family -> family.has(name))
                .findFirst()
                .map(family -> named(family.prompts()))
                .orElse(NONE);
    }
}
