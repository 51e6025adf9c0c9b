package dev.skald.hub;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A process that downloads a model, for tests that end it or run two of them. */
final class Pull {
    static final int PIECE = 16 << 10;

    private Pull() {}

    public static void main(String[] args) throws Exception {
        System.out.println(hub(Path.of(args[0]), URI.create(args[1])).resolve(args[2]));
    }

    static Hub hub(Path cache, URI endpoint) {
        return Hub.open(Map.of(), options -> {
            options.cache(cache).endpoint(endpoint).stallTimeout(Duration.ofSeconds(20));
            options.pieceBytes = PIECE;
            options.pause = Duration.ofMillis(20);
        });
    }

    static ProcessBuilder process(Path cache, URI endpoint, String name) {
        return new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Xmx128m",
                Pull.class.getName(),
                cache.toString(),
                endpoint.toString(),
                name));
    }
}
