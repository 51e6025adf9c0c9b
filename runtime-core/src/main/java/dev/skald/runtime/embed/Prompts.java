package dev.skald.runtime.embed;

import dev.skald.gguf.GgufMetadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What an embedding model wants in front of a query, and in front of a text that is to be found.
 *
 * @param query in front of a query; may be empty
 * @param document in front of a text that is to be found; may be empty
 */
public record Prompts(String query, String document) {
    /** Nothing, for models that treat all texts alike. */
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
     * The names of those that are known.
     *
     * @return such as {@code e5}
     */
    public static List<String> names() {
        return List.copyOf(NAMED.keySet());
    }

    /**
     * Prompts by their name.
     *
     * @param name one of {@link #names()}
     * @return the prompts
     * @throws IllegalArgumentException if there is no such name; the message has all
     */
    public static Prompts named(String name) {
        Prompts prompts = NAMED.get(name);
        if (prompts == null) {
            throw new IllegalArgumentException("no prompts are called \"" + name + "\"; known are " + names());
        }
        return prompts;
    }

    /**
     * What a model is known to want: its file says nothing of it, but its name and its architecture do.
     *
     * @param metadata of its file
     * @return prompts from its card; {@link #NONE} for a model that is not known
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
