package dev.skald.cli;

import dev.skald.hub.Hub;
import dev.skald.hub.HubException;
import dev.skald.hub.HubListener;
import dev.skald.hub.HubModel;
import dev.skald.hub.HubProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** The Hub, as the commands use it. */
final class HubModels {
    /** Which ways to prove who one is a proxy must not use for encrypted connections. */
    private static final String DISABLED_SCHEMES = "jdk.http.auth.tunneling.disabledSchemes";

    private HubModels() {}

    static Hub hub() {
        // The JDK refuses passwords to a proxy otherwise; whoever writes one into HTTPS_PROXY wants it to be used.
        if (System.getProperty(DISABLED_SCHEMES) == null) {
            System.setProperty(DISABLED_SCHEMES, "");
        }
        return Hub.open();
    }

    /** The file of a model, which is downloaded if it is neither a file nor in the cache. */
    static Path resolve(String name, PrintWriter err) throws IOException {
        try (Listener listener = new Listener(err)) {
            return hub().resolve(name, listener);
        } catch (HubException e) {
            throw withRemedy(e, name);
        }
    }

    static HubModel pull(String name, PrintWriter err) throws IOException {
        try (Listener listener = new Listener(err)) {
            return hub().pull(name, listener);
        } catch (HubException e) {
            throw withRemedy(e, name);
        }
    }

    /** The folder with a model's original weights: its own, or that of the cache, into which they are downloaded. */
    static Path originals(String name, PrintWriter err) throws IOException {
        if (!Files.notExists(Path.of(name))) {
            return Path.of(name);
        }
        try (Listener listener = new Listener(err)) {
            return hub().folder(name, HubModels::isOfOriginals, listener);
        } catch (HubException e) {
            if (e.kind() == HubException.Kind.BAD_NAME) {
                throw new NoSuchFileException(
                        name, null, "there is no such folder: name that of a model as its maker publishes it");
            }
            throw e;
        }
    }

    /** Weights, and what describes them and the tokenizer; not the same weights once more in another form. */
    private static boolean isOfOriginals(String path) {
        boolean weights = path.matches("[^/]*\\.safetensors") && !path.startsWith("consolidated");
        boolean described =
                path.matches("[^/]*\\.(json|jinja|model|txt|md)") || path.matches("[^/]*Pooling/config\\.json");
        return weights || described;
    }

    private static IOException withRemedy(HubException e, String name) {
        return e.kind() == HubException.Kind.NO_GGUF
                ? new IOException(e.getMessage() + ", or make the file: skald convert " + name + " OUT.gguf", e)
                : e;
    }

    /** Says what is done, and shows progress to who watches. */
    private static final class Listener implements HubListener, AutoCloseable {
        private final PrintWriter err;
        private Progress bar;
        private long most;

        Listener(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void note(String text) {
            err.println("skald: " + text);
            err.flush();
        }

        @Override
        public void progress(HubProgress progress) {
            if (bar == null) {
                bar = Progress.ofBytes("downloading", progress.totalBytes());
            }
            // A download may have to begin again.
            most = Math.max(most, progress.doneBytes());
            bar.accept(
                    most,
                    progress.checking()
                            ? "checking"
                            : String.format(Locale.ROOT, "%.1f MB/s", progress.bytesPerSecond() * 1e-6));
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }
}
