package dev.skald.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;

/**
 * Serves the chat page and its files from the class path. The page loads nothing from other servers, and its headers
 * tell browsers so.
 */
public final class Page implements Endpoint {
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src"
                    + " 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String OWN = "/dev/skald/server/page/";

    private record File(String resource, String type) {}

    private static final Map<String, File> FILES = Map.of(
            "/", new File(OWN + "index.html", "text/html; charset=utf-8"),
            "/style.css", new File(OWN + "style.css", "text/css; charset=utf-8"),
            "/app.js", script(OWN + "app.js"),
            "/api.js", script(OWN + "api.js"),
            "/store.js", script(OWN + "store.js"),
            "/text.js", script(OWN + "text.js"),
            "/icon.svg", new File(OWN + "icon.svg", "image/svg+xml"),
            "/lib/marked.js", script("/META-INF/resources/webjars/marked/" + version("marked") + "/lib/marked.esm.js"),
            "/lib/purify.js",
                    script("/META-INF/resources/webjars/dompurify/" + version("dompurify") + "/dist/purify.es.mjs"));

    private final File file;

    private Page(File file) {
        this.file = file;
    }

    private static File script(String resource) {
        return new File(resource, "text/javascript; charset=utf-8");
    }

    /** Returns the version of a library of the page, which is the name of its folder. */
    private static String version(String library) {
        try (InputStream in = Page.class.getResourceAsStream("/dev/skald/server/page.properties")) {
            Properties versions = new Properties();
            versions.load(in);
            return versions.getProperty(library);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds the page's files to a router. */
    public static void addTo(Router router) {
        FILES.forEach((path, file) -> router.addOpen(Dialect.OPENAI, "GET", new Page(file), path));
    }

    @Override
    public void handle(Exchange exchange) {
        exchange.header("Content-Security-Policy", POLICY);
        exchange.header("X-Content-Type-Options", "nosniff");
        exchange.header("Referrer-Policy", "no-referrer");
        // Browsers check the page each time, since a newer Skald may have a newer page.
        exchange.header("Cache-Control", "no-cache");
        try (InputStream in = Page.class.getResourceAsStream(file.resource)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + file.resource);
            }
            exchange.send(200, file.type, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
