package dev.skald.hub;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a model on Hugging Face. It is written in one of these forms:
 *
 * <ul>
 *   <li>{@code org/repo}, {@code org/repo:Q4_K_M}, {@code org/repo:file.gguf}
 *   <li>{@code org/repo@revision:Q4_K_M}, where the revision is a branch, a tag or a commit
 *   <li>any of them after {@code hf.co/}, {@code huggingface.co/}, {@code hf://} or {@code https://huggingface.co/}
 *   <li>a page's address: {@code https://huggingface.co/org/repo/blob/main/file.gguf}, and the same with {@code resolve}, or with
 *       {@code tree} and a folder
 * </ul>
 *
 * @param repository the repository, such as {@code org/repo}
 * @param revision a branch, a tag or a commit; {@code main} if the name has none
 * @param choice a quantization such as {@code Q4_K_M}, or a file's name that ends in {@code .gguf}; empty for the
 *     default
 * @param folder the folder of the repository to search; empty for all folders
 */
public record HubName(String repository, String revision, String choice, String folder) {
    static final String MAIN = "main";

    private static final Pattern ADDRESS =
            Pattern.compile("(?i)(?:https?://)?(?:www\\.)?(?:huggingface\\.co|hf\\.co)/+(.*)|hf://(.*)");
    private static final Pattern WEB = Pattern.compile("(?i)https?://.*");
    private static final String SEGMENT = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}";
    private static final Pattern PLAIN =
            Pattern.compile("(" + SEGMENT + "/" + SEGMENT + ")(?:@([A-Za-z0-9_][\\w./-]*))?(?::(.+))?");
    private static final List<String> OTHER_KINDS = List.of("datasets", "spaces", "collections", "papers", "docs");

    /**
     * Reads a name.
     *
     * @param text the user's input
     * @return the name, or empty if the text has none of the forms and so can only be a path
     * @throws HubException if the text is an address that names no model
     */
    public static Optional<HubName> of(String text) throws HubException {
        return of(text, null);
    }

    /** Works as {@link #of(String)}, and also accepts addresses on the endpoint's host. */
    static Optional<HubName> of(String text, URI endpoint) throws HubException {
        String stripped = text.strip();
        Optional<String> path = afterHost(stripped, endpoint);
        if (path.isPresent()) {
            return Optional.of(address(stripped, path.get().replaceFirst("[?#].*", "")));
        }
        if (WEB.matcher(stripped).matches()) {
            throw new HubException(
                    HubException.Kind.BAD_NAME,
                    text
                            + " is not an address on Hugging Face: download the file yourself, or name a repository as org/repo");
        }
        Matcher plain = PLAIN.matcher(stripped);
        // A path with one folder looks the same, but no repository is named like a file.
        if (!plain.matches()
                || !isRepository(plain.group(1))
                || plain.group(1).toLowerCase(Locale.ROOT).endsWith(".gguf")) {
            return Optional.empty();
        }
        return Optional.of(plain(plain));
    }

    private static HubName plain(Matcher matched) {
        return new HubName(
                matched.group(1),
                matched.group(2) == null ? MAIN : matched.group(2),
                matched.group(3) == null ? "" : matched.group(3),
                "");
    }

    private static Optional<String> afterHost(String text, URI endpoint) {
        Matcher address = ADDRESS.matcher(text);
        if (address.matches()) {
            return Optional.of(address.group(1) == null ? address.group(2) : address.group(1));
        }
        String own = endpoint == null ? null : endpoint + "/";
        return own != null && text.startsWith(own) ? Optional.of(text.substring(own.length())) : Optional.empty();
    }

    private static HubName address(String text, String path) throws HubException {
        List<String> segments = Arrays.stream(path.split("/+"))
                .filter(s -> !s.isEmpty())
                .map(HubName::decoded)
                .toList();
        if (!segments.isEmpty() && OTHER_KINDS.contains(segments.getFirst())) {
            throw wrong(text, "is a page of " + segments.getFirst() + ", not of a model");
        }
        if (segments.size() == 2) {
            Matcher plain = PLAIN.matcher(String.join("/", segments));
            if (plain.matches() && isRepository(plain.group(1))) {
                return plain(plain);
            }
        }
        if (segments.size() < 2 || !isRepository(segments.get(0) + "/" + segments.get(1))) {
            throw wrong(text, "names no repository: it should be hf.co/org/repo");
        }
        String repository = segments.get(0) + "/" + segments.get(1);
        String rest = String.join("/", segments.subList(Math.min(4, segments.size()), segments.size()));
        String revision = segments.size() > 3 ? segments.get(3) : MAIN;
        return switch (segments.get(2)) {
            case "blob", "resolve", "raw" -> {
                if (!rest.toLowerCase(Locale.ROOT).endsWith(".gguf")) {
                    throw wrong(text, "names the file '" + rest + "', which is not a GGUF file");
                }
                yield new HubName(repository, revision, rest, "");
            }
            case "tree" -> new HubName(repository, revision, "", rest);
            default -> throw wrong(text, "is a page of " + repository + " without a file: name hf.co/" + repository);
        };
    }

    private static HubException wrong(String text, String why) {
        return new HubException(HubException.Kind.BAD_NAME, text + " " + why);
    }

    /** Decodes percent-encoded text. A plus sign in a path stands for itself. */
    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return segment;
        }
    }

    /** Checks Hugging Face's own rule: no two dots or hyphens in a row. */
    static boolean isRepository(String name) {
        return name.matches(SEGMENT + "/" + SEGMENT) && !name.contains("..") && !name.contains("--");
    }

    /** Returns whether the name selects a file and not a quantization. */
    boolean namesFile() {
        return choice.toLowerCase(Locale.ROOT).endsWith(".gguf");
    }

    /** Returns the short form, which {@link #of} reads. */
    @Override
    public String toString() {
        return repository + (revision.equals(MAIN) ? "" : "@" + revision) + (choice.isEmpty() ? "" : ":" + choice);
    }
}
