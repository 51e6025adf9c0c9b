package dev.skald.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Models by name: finds them on Hugging Face, downloads them, and keeps them in the cache that other tools use too.
 *
 * {@snippet :
 * Hub hub = Hub.open();
 * Path file = hub.resolve("org/repo:Q4_K_M");   // downloaded the first time
 * try (Model model = Model.open(file)) {
 *     System.out.println(model.complete("Oslo er", g -> g.maxTokens(16)));
 * }
 * }
 *
 * <p>{@link HubName} lists the forms of a name. Models in the cache are found without a request. A hub keeps
 * nothing open; any number of threads and processes may use the same cache.
 */
public final class Hub {
    private static final String GGUF = ".gguf";
    private static final int NAMED_AT_MOST = 8;

    private final HubOptions options;
    private final HubCache cache;

    private Hub(HubOptions options) {
        this.options = options;
        cache = new HubCache(options.cache, options.links);
    }

    /**
     * Opens a hub with the options of the environment.
     *
     * @return the hub
     */
    public static Hub open() {
        return open(o -> {});
    }

    /**
     * Opens a hub.
     *
     * @param settings changes the options, which start from the environment
     * @return the hub
     */
    public static Hub open(Consumer<HubOptions> settings) {
        return open(System.getenv(), settings);
    }

    static Hub open(Map<String, String> environment, Consumer<HubOptions> settings) {
        HubOptions options = new HubOptions(environment);
        settings.accept(options);
        return new Hub(options);
    }

    /**
     * Returns the folder of the cache.
     *
     * @return the folder, which may not exist
     */
    public Path cache() {
        return cache.root();
    }

    /**
     * Finds the file of a model, as {@link #resolve(String, HubListener)} does without a listener.
     *
     * @param name a file's path, or a model's name
     * @return the file to open
     * @throws IOException if there is no such model, or if it cannot be downloaded
     */
    public Path resolve(String name) throws IOException {
        return resolve(name, HubListener.NONE);
    }

    /**
     * Finds the file of a model. A path that exists is returned as it is. A model that is in the cache is returned
     * without a request, even if its repository has changed since; any other is downloaded.
     *
     * @param name a file's path, or a model's name
     * @param listener receives the progress, and can stop the download
     * @return the file to open; the first part of a split model
     * @throws HubException if there is no such model, or it cannot be downloaded
     * @throws NoSuchFileException if the name can only be a path, and there is no such file
     * @throws IOException if the cache cannot be used
     * @throws java.util.concurrent.CancellationException if the listener or an interrupt stopped the download
     */
    public Path resolve(String name, HubListener listener) throws IOException {
        Optional<Path> local = local(name);
        if (local.isPresent()) {
            return local.get();
        }
        HubName parsed = HubName.of(name, options.endpoint).orElseThrow(() -> new NoSuchFileException(name));
        Optional<HubModel> cached = cached(parsed, listener);
        if (cached.isPresent()) {
            return cached.get().file();
        }
        try {
            return pull(parsed, listener).file();
        } catch (HubException failed) {
            boolean unknown = failed.kind() == HubException.Kind.NOT_FOUND || failed.kind() == HubException.Kind.ACCESS;
            if (unknown && name.startsWith(parsed.repository())) {
                throw new HubException(
                        failed.kind(),
                        "there is no file " + name + ", so it is looked for on the Hub: " + failed.getMessage(),
                        failed);
            }
            throw failed;
        }
    }

    private static Optional<Path> local(String name) {
        try {
            return Optional.of(Path.of(name)).filter(Files::exists);
        } catch (InvalidPathException noPath) {
            return Optional.empty();
        }
    }

    /**
     * Downloads the newest version of a model. Without network access ({@link HubOptions#offline}), returns the version
     * in the cache.
     *
     * @param name a model's name
     * @param listener receives the progress, and can stop the download
     * @return the model in the cache
     * @throws HubException if there is no such model, or it cannot be downloaded
     * @throws IOException if the cache cannot be used
     * @throws java.util.concurrent.CancellationException if the listener or an interrupt stopped the download
     */
    public HubModel pull(String name, HubListener listener) throws IOException {
        return pull(name(name), listener);
    }

    private HubName name(String text) throws HubException {
        return HubName.of(text, options.endpoint)
                .orElseThrow(() -> new HubException(
                        HubException.Kind.BAD_NAME,
                        "'" + text
                                + "' is no name of a model on the Hub; names look like org/repo or org/repo:Q4_K_M"));
    }

    private HubModel pull(HubName name, HubListener listener) throws IOException {
        if (options.offline) {
            return cached(name, listener)
                    .orElseThrow(() -> new HubException(
                            HubException.Kind.OFFLINE,
                            name + " is not in the cache " + cache.root() + ", and HF_HUB_OFFLINE allows no download"));
        }
        try (SnapshotDownload download = new SnapshotDownload(options, cache, name, listener)) {
            Listing listing = download.listing();
            List<Choice> fitting = Choice.fitting(name, listing.entries());
            Choice choice = fitting.getFirst();
            if (!choice.isComplete()) {
                throw new HubException(
                        HubException.Kind.DAMAGED,
                        name.repository() + " has only " + choice.files().size() + " of the " + choice.parts()
                                + " parts of " + choice.files().getFirst().path());
            }
            tellChoice(
                    name,
                    choice,
                    fitting,
                    Choice.models(Choice.all(listing.entries())).size(),
                    listener);
            download.bring(listing.commit(), choice.files());
            return model(name, listing.commit(), choice);
        }
    }

    /** Tells the listener which file was chosen if the name leaves that open. */
    private static void tellChoice(HubName name, Choice choice, List<Choice> fitting, int all, HubListener listener) {
        String taken = choice.files().getFirst().path() + (choice.parts() > 1 ? " and its other parts" : "");
        if (name.choice().isEmpty() && all > 1) {
            listener.note(HubException.printable("taking " + taken + " of " + name.repository() + ", which has " + all
                    + " GGUF models; name another as " + name.repository() + ":QUANTIZATION"));
        } else if (fitting.size() > 1) {
            listener.note(HubException.printable("taking " + taken + " of " + name.repository() + "; "
                    + fitting.stream()
                            .skip(1)
                            .map(other -> other.files().getFirst().path())
                            .collect(Collectors.joining(", "))
                    + (fitting.size() > 2 ? " fit too" : " fits too")));
        }
    }

    /**
     * Downloads files of a repository that need not be models, such as the original weights.
     *
     * @param name a repository's name, such as {@code org/repo}, with a revision if wanted
     * @param wanted chooses files by their paths in the repository
     * @param listener receives the progress, and can stop the download
     * @return the folder with the files, each under its path; it may have further files that were downloaded before
     * @throws HubException if there is no such repository, or a file cannot be downloaded
     * @throws IOException if the cache cannot be used
     * @throws java.util.concurrent.CancellationException if the listener or an interrupt stopped the download
     */
    public Path folder(String name, Predicate<String> wanted, HubListener listener) throws IOException {
        HubName parsed = name(name);
        if (options.offline) {
            return cache.commit(parsed.repository(), parsed.revision())
                    .map(commit -> cache.snapshot(parsed.repository(), commit))
                    .filter(Files::isDirectory)
                    .orElseThrow(() -> new HubException(
                            HubException.Kind.OFFLINE,
                            parsed + " is not in the cache " + cache.root()
                                    + ", and HF_HUB_OFFLINE allows no download"));
        }
        try (SnapshotDownload download = new SnapshotDownload(options, cache, parsed, listener)) {
            Listing listing = download.listing();
            List<Entry> entries = listing.entries().stream()
                    .filter(entry -> wanted.test(entry.path()))
                    .toList();
            if (entries.isEmpty()) {
                String there = listing.entries().stream()
                        .limit(NAMED_AT_MOST)
                        .map(Entry::path)
                        .collect(Collectors.joining(", "));
                throw new HubException(
                        HubException.Kind.NOT_FOUND,
                        HubException.printable(parsed.repository()
                                + " has none of the files that are looked for; its first files are " + there));
            }
            download.bring(listing.commit(), entries);
            return cache.snapshot(parsed.repository(), listing.commit());
        }
    }

    /**
     * Finds a model in the cache, without a request.
     *
     * @param name a model's name
     * @return the model, or empty if it is missing or incomplete
     * @throws HubException if the text is not a name
     * @throws IOException if the cache cannot be read
     */
    public Optional<HubModel> cached(String name) throws IOException {
        return cached(name(name), HubListener.NONE);
    }

    private Optional<HubModel> cached(HubName name, HubListener listener) throws IOException {
        Optional<String> commit = cache.commit(name.repository(), name.revision());
        if (commit.isEmpty()) {
            return Optional.empty();
        }
        List<Entry> whole = Choice.all(cache.files(name.repository(), commit.get())).stream()
                .filter(Choice::isComplete)
                .flatMap(choice -> choice.files().stream())
                .toList();
        List<Choice> fitting;
        try {
            fitting = whole.isEmpty() ? List.of() : Choice.fitting(name, whole);
        } catch (HubException notThere) {
            return Optional.empty();
        }
        if (fitting.isEmpty()) {
            return Optional.empty();
        }
        Choice choice = fitting.getFirst();
        if (name.choice().isEmpty() && Choice.models(Choice.all(whole)).size() > 1 || fitting.size() > 1) {
            listener.note(
                    HubException.printable("taking " + choice.files().getFirst().path() + " of " + name.repository()
                            + " from the cache, which has " + Choice.described(Choice.models(Choice.all(whole)))));
        }
        return Optional.of(model(name, commit.get(), choice));
    }

    private HubModel model(HubName name, String commit, Choice choice) throws IOException {
        return model(name.repository(), name.revision(), commit, choice);
    }

    private HubModel model(String repository, String revision, String commit, Choice choice) throws IOException {
        Path snapshot = cache.snapshot(repository, commit);
        List<Path> files = new ArrayList<>();
        Instant time = Instant.EPOCH;
        for (Entry entry : choice.files()) {
            Path file = snapshot.resolve(entry.path());
            files.add(file);
            Instant changed = Files.getLastModifiedTime(file).toInstant();
            time = changed.isAfter(time) ? changed : time;
        }
        return new HubModel(
                new HubName(repository, revision, choice.label(), "").toString(),
                repository,
                commit,
                choice.quantization(),
                files,
                sizeOf(files),
                time,
                true);
    }

    private static long sizeOf(List<Path> files) throws IOException {
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    /**
     * Lists the GGUF models in the cache, including incomplete ones. Older versions of a repository are listed under
     * their commits.
     *
     * @return the models, by name
     * @throws IOException if the cache cannot be read
     */
    public List<HubModel> list() throws IOException {
        List<HubModel> models = new ArrayList<>();
        for (String repository : cache.repositories()) {
            Map<String, String> references = cache.references(repository);
            for (String commit : cache.commits(repository)) {
                List<Entry> files = cache.files(repository, commit);
                for (Choice choice : Choice.all(files)) {
                    if (choice.isComplete()) {
                        models.add(model(repository, references.getOrDefault(commit, commit), commit, choice));
                    }
                }
            }
            for (Pieces pieces : cache.partial(repository)) {
                if (pieces.file().toLowerCase(Locale.ROOT).endsWith(GGUF)) {
                    models.add(partial(repository, pieces));
                }
            }
        }
        models.sort((a, b) -> a.name().compareToIgnoreCase(b.name()));
        return models;
    }

    private static HubModel partial(String repository, Pieces pieces) throws IOException {
        Choice choice = new Choice(List.of(new Entry(pieces.file(), 0, "")), 1);
        return new HubModel(
                new HubName(repository, HubName.MAIN, choice.label(), "").toString(),
                repository,
                "",
                choice.quantization(),
                List.of(pieces.part()),
                pieces.doneBytes(),
                Files.getLastModifiedTime(pieces.part()).toInstant(),
                false);
    }

    /**
     * Finds the models that a name refers to, for {@link #remove}: every model of the repository if the name has no
     * quantization; every version if it has no revision.
     *
     * @param name a model's name
     * @return the models, including incomplete ones; empty if there is none
     * @throws HubException if the text is not a name
     * @throws IOException if the cache cannot be read
     */
    public List<HubModel> find(String name) throws IOException {
        HubName parsed = name(name);
        boolean anyVersion = parsed.revision().equals(HubName.MAIN);
        String commit = anyVersion
                ? ""
                : cache.commit(parsed.repository(), parsed.revision()).orElse(parsed.revision());
        return list().stream()
                .filter(model -> model.repository().equalsIgnoreCase(parsed.repository()))
                .filter(model -> anyVersion || model.commit().equals(commit))
                .filter(model -> parsed.choice().isEmpty()
                        || model.quantization().equalsIgnoreCase(parsed.choice())
                        || model.name().endsWith(":" + parsed.choice())
                        || model.files().stream().anyMatch(file -> file.endsWith(parsed.choice())))
                .toList();
    }

    /**
     * Removes a model from the cache. Content that another version or file uses is kept.
     *
     * @param model a model from {@link #list} or {@link #find}
     * @return the number of bytes freed on the disk
     * @throws IOException if the model is being downloaded, or cannot be removed
     */
    public long remove(HubModel model) throws IOException {
        long freed = 0;
        if (model.complete()) {
            for (Path file : model.files()) {
                freed += cache.remove(model.repository(), file);
            }
        } else {
            for (Pieces pieces : cache.partial(model.repository())) {
                if (pieces.part().equals(model.file())) {
                    freed += remove(model, pieces);
                }
            }
        }
        cache.tidy(model.repository());
        return freed;
    }

    private long remove(HubModel model, Pieces pieces) throws IOException {
        try (BlobLock _ = BlobLock.tryToTake(cache.lock(model.repository(), pieces.hash()))
                .orElseThrow(() -> new IOException(model.name() + " is just being downloaded"))) {
            Files.deleteIfExists(pieces.part());
            pieces.delete();
            return pieces.doneBytes();
        }
    }

    /**
     * Returns a number of bytes in a readable form.
     *
     * @param bytes the number of bytes, at least 0
     * @return a text such as {@code 0.81 GB}; a GB has 10^9 bytes
     */
    public static String size(long bytes) {
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%,d bytes", bytes)
                : bytes < 1_000_000_000
                        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
                        : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }
}
