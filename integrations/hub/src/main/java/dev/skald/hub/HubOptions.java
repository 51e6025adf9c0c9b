package dev.skald.hub;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The options of a {@link Hub}. Each starts from the environment variable that Hugging Face's own tools read:
 *
 * <ul>
 *   <li>the cache: {@code HF_HUB_CACHE}, else {@code hub} in {@code HF_HOME}, else {@code huggingface/hub} in
 *       {@code XDG_CACHE_HOME} or {@code ~/.cache}
 *   <li>the token: {@code HF_TOKEN}, else the file {@code HF_TOKEN_PATH}, else the file {@code token} in {@code HF_HOME}
 *   <li>the endpoint: {@code HF_ENDPOINT}
 *   <li>offline: {@code HF_HUB_OFFLINE}
 *   <li>proxies: {@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY} and {@code NO_PROXY}, in either case of letters; the
 *       system properties {@code https.proxyHost} and so on come before them
 * </ul>
 */
public final class HubOptions {
    private static final int MOST_CONNECTIONS = 32;
    private static final List<String> TRUE = List.of("1", "true", "on", "yes");

    final Map<String, String> environment;
    Path cache;
    URI endpoint;
    String token;
    boolean offline;
    int connections = 4;
    Duration stallTimeout = Duration.ofSeconds(30);
    int attempts = 5;
    ProxySelector proxies;
    Proxies.Password proxyPassword;

    /**
     * The bytes of one request: small enough that a retry costs little, and large enough that the overhead of requests
     * is small.
     */
    int pieceBytes = 16 << 20;

    /** The pause before the first retry. Each further pause is twice as long. */
    Duration pause = Duration.ofSeconds(1);

    /** Whether links to files can be created; false in tests. */
    boolean links = true;

    HubOptions(Map<String, String> environment) {
        this.environment = environment;
        Path home = value("HF_HOME").map(HubOptions::path).orElseGet(() -> caches().resolve("huggingface"));
        cache = value("HF_HUB_CACHE")
                .or(() -> value("HUGGINGFACE_HUB_CACHE"))
                .map(HubOptions::path)
                .orElseGet(() -> home.resolve("hub"));
        endpoint = server("HF_ENDPOINT", value("HF_ENDPOINT").orElse("https://huggingface.co"));
        token = value("HF_TOKEN")
                .or(() -> value("HUGGING_FACE_HUB_TOKEN"))
                .orElseGet(() ->
                        tokenOf(value("HF_TOKEN_PATH").map(HubOptions::path).orElse(home.resolve("token"))));
        offline = value("HF_HUB_OFFLINE")
                .map(v -> TRUE.contains(v.toLowerCase(Locale.ROOT)))
                .orElse(false);
        proxies = Proxies.selector(environment);
        proxyPassword = Proxies.password(environment);
    }

    private Optional<String> value(String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(v -> !v.isEmpty());
    }

    private static URI server(String name, String address) {
        if (!address.matches("(?i)https?://[^/?#\\s]+(/[^?#\\s]*)?")) {
            throw new IllegalArgumentException(
                    name + " is '" + address + "'; it must be an address such as https://huggingface.co");
        }
        return URI.create(address.replaceFirst("/+$", ""));
    }

    private Path caches() {
        return value("XDG_CACHE_HOME").map(HubOptions::path).orElseGet(() -> home().resolve(".cache"));
    }

    private Path home() {
        return Path.of(value("HOME").orElseGet(() -> System.getProperty("user.home")));
    }

    private static Path path(String text) {
        return text.startsWith("~/")
                ? Path.of(System.getProperty("user.home")).resolve(text.substring(2))
                : Path.of(text);
    }

    private static String tokenOf(Path file) {
        try {
            String token = Files.isRegularFile(file) ? Files.readString(file).strip() : "";
            return token.isEmpty() ? null : token;
        } catch (IOException unreadable) {
            System.getLogger(Hub.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "the token in " + file + " cannot be read: " + unreadable.getMessage());
            return null;
        }
    }

    /**
     * Sets the folder of the cache.
     *
     * @param folder the folder; it is created when it is first needed
     * @return this
     */
    public HubOptions cache(Path folder) {
        cache = Objects.requireNonNull(folder, "folder");
        return this;
    }

    /**
     * Sets the server.
     *
     * @param server the address, such as {@code https://huggingface.co}
     * @return this
     * @throws IllegalArgumentException if it is not the address of a web server
     */
    public HubOptions endpoint(URI server) {
        endpoint = server("endpoint", server.toString());
        return this;
    }

    /**
     * Sets the token. Only the endpoint gets it, not a server that the endpoint redirects to.
     *
     * @param secret the token, or null for none
     * @return this
     */
    public HubOptions token(String secret) {
        token = secret;
        return this;
    }

    /**
     * Sets whether only the cache is used.
     *
     * @param only true if no request may be made
     * @return this
     */
    public HubOptions offline(boolean only) {
        offline = only;
        return this;
    }

    /**
     * Sets how many pieces of a file are downloaded at the same time.
     *
     * @param count the number of pieces, 1 to 32; the default is 4
     * @return this
     */
    public HubOptions connections(int count) {
        connections = inRange("connections", count, 1, MOST_CONNECTIONS);
        return this;
    }

    /**
     * Sets how long a connection may be silent before it is closed and the request is retried.
     *
     * @param silence the time, more than 0; the default is 30 seconds
     * @return this
     */
    public HubOptions stallTimeout(Duration silence) {
        if (silence.isNegative() || silence.isZero()) {
            throw new IllegalArgumentException("stallTimeout=" + silence + "; it must be more than 0");
        }
        stallTimeout = silence;
        return this;
    }

    /**
     * Sets the number of attempts for a request that makes no progress.
     *
     * @param count the number of attempts, 1 to 100; the default is 5
     * @return this
     */
    public HubOptions attempts(int count) {
        attempts = inRange("attempts", count, 1, 100);
        return this;
    }

    /**
     * Sets the proxies.
     *
     * @param selector chooses a proxy for each address
     * @return this
     */
    public HubOptions proxies(ProxySelector selector) {
        proxies = Objects.requireNonNull(selector, "selector");
        return this;
    }

    private static int inRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + "=" + value + "; it must be " + least + " to " + most);
        }
        return value;
    }
}
