package dev.skald.server.serving;

import dev.skald.server.http.ApiError;
import java.util.List;
import java.util.Optional;

/** The models of a server, by name. Requests without a model name get the first one. */
public final class Models {
    private final List<ServedModel> all;

    public Models(List<ServedModel> all) {
        if (all.isEmpty()) {
            throw new IllegalArgumentException("no model to serve");
        }
        this.all = List.copyOf(all);
    }

    public List<ServedModel> all() {
        return all;
    }

    /**
     * Finds a model. If there is only one, any name finds it, because many clients send the names of other models.
     *
     * @throws ApiError if there are several, but none with this name
     */
    public ServedModel find(Optional<String> name) {
        if (name.isEmpty()) {
            return all.getFirst();
        }
        return exact(name.get())
                .or(() -> all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty())
                .orElseThrow(() -> unknown(name.get()));
    }

    /** Returns the model with exactly this name. */
    public Optional<ServedModel> exact(String name) {
        // Ollama's clients add a tag.
        String bare = name.endsWith(":latest") ? name.substring(0, name.length() - ":latest".length()) : name;
        return all.stream()
                .filter(m -> m.name().equals(name) || m.name().equals(bare))
                .findFirst();
    }

    public ApiError unknown(String name) {
        return ApiError.coded(
                ApiError.Kind.NOT_FOUND,
                "model_not_found",
                "there is no model '" + name + "'; this server has "
                        + String.join(", ", all.stream().map(ServedModel::name).toList()));
    }
}
