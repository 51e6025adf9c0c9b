package dev.skald.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page's files. What they do in a browser is tested in one, see CONTRIBUTING.md. */
class PageTest {
    private static final Pattern FILES = Pattern.compile("(?:src|href|from)[= ]['\"]\\.?/?([\\w./]+)['\"]");

    @Test
    void everyFileThatItNeedsIsThere() throws Exception {
        try (Served served = new Served(options -> options.apiKey("secret"))) {
            int files = 0;
            for (String path : new String[] {"/", "/app.js", "/api.js", "/store.js", "/text.js"}) {
                HttpResponse<String> response = served.get(path);
                assertEquals(200, response.statusCode(), path);
                String policy =
                        response.headers().firstValue("Content-Security-Policy").orElseThrow();
                assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
                Matcher file = FILES.matcher(response.body());
                while (file.find()) {
                    files++;
                    assertEquals(200, served.get("/" + file.group(1)).statusCode(), file.group(1));
                }
            }
            assertTrue(files >= 7, files + " files");
        }
    }
}
