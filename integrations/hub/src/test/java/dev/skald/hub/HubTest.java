package dev.skald.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cache, and what the hub does with it. */
class HubTest {
    private static final String NEWER = "f123456789abcdef0123456789abcdef01234567";

    @TempDir
    Path folder;

    private final FakeHub server = new FakeHub();

    @AfterEach
    void stop() {
        server.close();
    }

    private Hub hub() {
        return hub(o -> {});
    }

    private Hub hub(Consumer<HubOptions> settings) {
        return Hub.open(Map.of(), options -> {
            options.cache(folder).endpoint(server.uri());
            options.pieceBytes = Pull.PIECE;
            settings.accept(options);
        });
    }

    private static final class Notes implements HubListener {
        private final List<String> texts = new ArrayList<>();
        private final List<HubProgress> progress = new ArrayList<>();

        @Override
        public void note(String text) {
            texts.add(text);
        }

        @Override
        public void progress(HubProgress now) {
            progress.add(now);
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theCacheIsLaidOutAsOtherToolsDo() throws IOException {
        byte[] content = server.file("sub/a-Q4_K_M.gguf", 100_000);
        String hash = FakeHub.sha256(content);
        Path file = hub().resolve("org/repo:Q4_K_M");
        Path repository = folder.resolve("models--org--repo");
        assertEquals(repository.resolve("snapshots/" + FakeHub.COMMIT + "/sub/a-Q4_K_M.gguf"), file);
        assertEquals(Path.of("../../../blobs/" + hash), Files.readSymbolicLink(file));
        assertArrayEquals(
                content, Files.readAllBytes(repository.resolve("blobs").resolve(hash)));
        assertEquals(FakeHub.COMMIT, Files.readString(repository.resolve("refs/main")));
        try (var all = Files.walk(folder)) {
            assertEquals(
                    4, all.filter(path -> Files.isRegularFile(path)).count(), "blob, its link, reference and lock");
        }
    }

    @Test
    void whatIsThereIsFoundWithoutARequest() throws IOException {
        server.file("a-Q4_K_M.gguf", 1000);
        Path file = hub().resolve("org/repo");
        server.close();
        server.seen.clear();
        for (String name : List.of(
                "org/repo",
                "org/repo:q4_k_m",
                "hf.co/org/repo",
                "org/repo:a-Q4_K_M.gguf",
                "org/repo@" + FakeHub.COMMIT,
                "https://huggingface.co/org/repo/blob/main/a-Q4_K_M.gguf")) {
            assertEquals(file, hub().resolve(name), name);
        }
        assertEquals(List.of(), server.seen);
    }

    @Test
    void whatOtherToolsHaveDownloadedIsFoundToo() throws IOException {
        Path repository = folder.resolve("models--org--repo");
        Path snapshot = Files.createDirectories(repository.resolve("snapshots/" + NEWER));
        Files.createDirectories(repository.resolve("blobs"));
        Files.createDirectories(repository.resolve("refs"));
        Files.writeString(repository.resolve("refs/main"), NEWER);
        Files.writeString(repository.resolve("blobs/abc"), "GGUF");
        Files.writeString(snapshot.resolve("config.json"), "{}");
        Path file = snapshot.resolve("b-Q8_0.gguf");
        Files.createSymbolicLink(file, Path.of("../../blobs/abc"));
        Files.createSymbolicLink(snapshot.resolve("c-Q4_K_M.gguf"), Path.of("../../blobs/gone"));
        assertEquals(file, hub(o -> o.offline(true)).resolve("org/repo"));
        assertEquals(
                List.of("org/repo:Q8_0"),
                hub().list().stream().map(HubModel::name).toList());
    }

    @Test
    void aPathThatExistsWins() throws IOException {
        Path file = Files.writeString(folder.resolve("x.gguf"), "GGUF");
        assertEquals(file, hub().resolve(file.toString()));
        assertThrows(NoSuchFileException.class, () -> hub().resolve("nowhere.gguf"));
        assertThrows(NoSuchFileException.class, () -> hub().resolve("folder/nowhere.gguf"));
        assertEquals(List.of(), server.seen);
    }

    /** A path that cannot be looked at is opened all the same, because the error of that says why. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aPathThatCannotBeLookedAtIsAPath() throws IOException {
        String tooLong = folder.resolve("x".repeat(300) + ".gguf").toString();
        assertEquals(Path.of(tooLong), hub().resolve(tooLong));
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Path file = Files.createFile(closed.resolve("x.gguf"));
        Files.setPosixFilePermissions(closed, Set.of());
        try {
            assertEquals(file, hub().resolve(file.toString()));
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        }
        assertEquals(List.of(), server.seen);
    }

    @Test
    void aSplitModelComesWhole() throws IOException {
        byte[] one = server.file("Q8_0/a-Q8_0-00001-of-00002.gguf", 50_000);
        byte[] two = server.file("Q8_0/a-Q8_0-00002-of-00002.gguf", 60_000);
        Notes notes = new Notes();
        HubModel model = hub().pull("org/repo:Q8_0", notes);
        assertEquals(2, model.files().size());
        assertArrayEquals(one, Files.readAllBytes(model.file()));
        assertArrayEquals(two, Files.readAllBytes(model.file().resolveSibling("a-Q8_0-00002-of-00002.gguf")));
        assertEquals(110_000, model.bytes());
        assertEquals(110_000, notes.progress.getLast().doneBytes());
        assertEquals(110_000, notes.progress.getLast().totalBytes());
        long before = 0;
        for (HubProgress progress : notes.progress) {
            assertTrue(progress.doneBytes() >= before, notes.progress.toString());
            before = progress.doneBytes();
        }
    }

    @Test
    void whatIsTakenIsSaid() throws IOException {
        server.file("a-Q4_K_M.gguf", 10);
        server.file("a-Q8_0.gguf", 10);
        Notes notes = new Notes();
        hub().resolve("org/repo", notes);
        assertEquals(
                List.of(
                        "taking a-Q4_K_M.gguf of org/repo, which has 2 GGUF models; name another as org/repo:QUANTIZATION",
                        "downloading a-Q4_K_M.gguf of org/repo (10 bytes) to " + folder),
                notes.texts);
        Notes named = new Notes();
        hub().resolve("org/repo:Q8_0", named);
        assertEquals(List.of("downloading a-Q8_0.gguf of org/repo (10 bytes) to " + folder), named.texts);
        Notes none = new Notes();
        hub().resolve("org/repo:Q8_0", none);
        assertEquals(List.of(), none.texts);
        Notes newest = new Notes();
        hub().pull("org/repo:Q8_0", newest);
        assertEquals(List.of("a-Q8_0.gguf of org/repo is in the cache"), newest.texts);
        Notes again = new Notes();
        hub().resolve("org/repo", again);
        assertEquals(
                List.of(
                        "taking a-Q4_K_M.gguf of org/repo from the cache, which has Q4_K_M (10 bytes), Q8_0 (10 bytes)"),
                again.texts);
    }

    @Test
    void pullTakesTheNewestAndRemovesNothingThatIsUsed() throws IOException {
        server.file("a-Q4_K_M.gguf", 5000);
        server.file("a-Q8_0.gguf", 7000);
        Hub hub = hub();
        hub.pull("org/repo:Q4_K_M", HubListener.NONE);
        hub.pull("org/repo:Q8_0", HubListener.NONE);
        server.commit = NEWER;
        server.seen.clear();
        HubModel newest = hub.pull("org/repo:Q4_K_M", HubListener.NONE);
        assertEquals(NEWER, newest.commit());
        assertEquals(0, server.fileRequests(), "the content is the same");
        assertEquals(
                List.of(
                        "org/repo:Q4_K_M",
                        "org/repo@" + FakeHub.COMMIT + ":Q4_K_M",
                        "org/repo@" + FakeHub.COMMIT + ":Q8_0"),
                hub.list().stream().map(HubModel::name).toList());
        assertEquals(0, hub.remove(newest), "the older version has the same content");
        assertFalse(Files.exists(newest.file(), java.nio.file.LinkOption.NOFOLLOW_LINKS));
        List<HubModel> rest = hub.find("org/repo:q4_k_m");
        assertEquals(1, rest.size());
        assertEquals(5000, hub.remove(rest.getFirst()));
        assertEquals(1, hub.find("org/repo").size());
        assertEquals(7000, hub.remove(hub.find("org/repo").getFirst()));
        assertFalse(Files.exists(folder.resolve("models--org--repo")));
        assertEquals(List.of(), hub.list());
    }

    @Test
    void otherFilesOfASnapshotStay() throws IOException {
        server.file("a-Q4_K_M.gguf", 5000);
        HubModel model = hub().pull("org/repo", HubListener.NONE);
        Path config = Files.writeString(model.file().resolveSibling("config.json"), "{}");
        assertEquals(5000, hub().remove(model));
        assertTrue(Files.exists(config));
    }

    @Test
    void whatADownloadHasLeftIsListedAndRemoved() throws IOException {
        Path blobs = Files.createDirectories(folder.resolve("models--org--repo/blobs"));
        Files.writeString(blobs.resolve("ab.part"), "x".repeat(300));
        Files.writeString(blobs.resolve("ab.part.pieces"), "skald-pieces 1 250 100 sub%2Fa-Q4_0.gguf\n0.\n2.\n1");
        HubModel model = hub().list().getFirst();
        assertEquals("org/repo:Q4_0", model.name());
        assertFalse(model.complete());
        assertEquals(150, model.bytes(), "pieces 0 and 2 of 100, 100 and 50 bytes");
        assertEquals(List.of(model), hub().find("org/repo"));
        assertEquals(150, hub().remove(model));
        assertEquals(List.of(), hub().list());
        assertFalse(Files.exists(folder.resolve("models--org--repo")));
    }

    @Test
    void withoutLinksFilesAreCopied() throws IOException {
        byte[] content = server.file("a-Q4_K_M.gguf", 20_000);
        Hub hub = hub(o -> o.links = false);
        Path file = hub.resolve("org/repo");
        assertFalse(Files.isSymbolicLink(file));
        assertArrayEquals(content, Files.readAllBytes(file));
        server.close();
        assertEquals(file, hub.resolve("org/repo"));
        assertEquals(20_000, hub.remove(hub.find("org/repo").getFirst()));
        assertFalse(Files.exists(folder.resolve("models--org--repo")));
    }

    @Test
    void offlineAsksNobody() throws IOException {
        server.file("a-Q4_K_M.gguf", 100);
        Hub offline = Hub.open(
                Map.of(
                        "HF_HUB_OFFLINE",
                        "1",
                        "HF_HUB_CACHE",
                        folder.toString(),
                        "HF_ENDPOINT",
                        server.uri().toString()),
                o -> {});
        HubException failure = assertThrows(HubException.class, () -> offline.resolve("org/repo"));
        assertEquals(HubException.Kind.OFFLINE, failure.kind());
        assertTrue(failure.getMessage().contains("HF_HUB_OFFLINE"), failure.getMessage());
        assertEquals(List.of(), server.seen);
        Path file = hub().resolve("org/repo");
        server.seen.clear();
        assertEquals(file, offline.pull("org/repo", HubListener.NONE).file());
        assertEquals(List.of(), server.seen);
    }

    @Test
    void anyFilesOfARepository() throws IOException {
        server.file("model.safetensors", 3000);
        server.file("x/config.json", 20);
        server.file("other.bin", 20);
        Path snapshot =
                hub().folder("org/repo", path -> !path.endsWith(".bin") && !path.equals("README.md"), HubListener.NONE);
        assertTrue(Files.exists(snapshot.resolve("model.safetensors")));
        assertTrue(Files.exists(snapshot.resolve("x/config.json")));
        assertFalse(Files.exists(snapshot.resolve("other.bin")));
        HubException none = assertThrows(
                HubException.class, () -> hub().folder("org/repo", path -> path.equals("no"), HubListener.NONE));
        assertEquals(HubException.Kind.NOT_FOUND, none.kind());
    }

    @Test
    void aRevisionIsAskedForByItsName() throws IOException {
        server.file("a b-Q4_K_M.gguf", 100);
        Path file = hub().resolve("https://huggingface.co/org/repo/resolve/refs%2Fpr%2F1/a%20b-Q4_K_M.gguf");
        assertEquals(
                "/api/models/org/repo/revision/refs%2Fpr%2F1",
                server.seen.getFirst().path());
        assertEquals(FakeHub.COMMIT, Files.readString(folder.resolve("models--org--repo/refs/refs/pr/1")));
        assertEquals("org/repo@refs/pr/1:Q4_K_M", hub().list().getFirst().name());
        server.close();
        assertEquals(file, hub().resolve("org/repo@refs/pr/1:Q4_K_M"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HF_HUB_CACHE=/a,HF_HOME=/b,XDG_CACHE_HOME=/c | /a",
                "HF_HOME=/b,XDG_CACHE_HOME=/c | /b/hub",
                "XDG_CACHE_HOME=/c,HOME=/h | /c/huggingface/hub",
                "HOME=/h | /h/.cache/huggingface/hub",
            })
    void theCacheOfTheEnvironment(String variables, String cache) {
        assertEquals(Path.of(cache), new HubOptions(environment(variables)).cache);
    }

    private static Map<String, String> environment(String variables) {
        return java.util.Arrays.stream(variables.split(","))
                .map(variable -> variable.split("=", 2))
                .collect(java.util.stream.Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    @Test
    void theTokenOfTheEnvironment() throws IOException {
        Files.writeString(folder.resolve("token"), "hf_file\n");
        Path other = Files.writeString(folder.resolve("other"), "hf_other\n");
        String home = folder.toString();
        assertEquals("hf_file", new HubOptions(Map.of("HF_HOME", home)).token);
        assertEquals("hf_other", new HubOptions(Map.of("HF_HOME", home, "HF_TOKEN_PATH", other.toString())).token);
        assertEquals("hf_x", new HubOptions(Map.of("HF_HOME", home, "HF_TOKEN", "hf_x")).token);
        assertNull(new HubOptions(Map.of("HF_HOME", home + "/none")).token);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https_proxy=http://p:3128 | https://huggingface.co/x | p:3128",
                "HTTPS_PROXY=p:3128 | https://huggingface.co/x | p:3128",
                "HTTP_PROXY=http://p:3128 | https://huggingface.co/x | ",
                "ALL_PROXY=http://p | https://huggingface.co/x | p:80",
                "https_proxy=http://p:1,no_proxy=huggingface.co | https://cdn.huggingface.co/x | ",
                "https_proxy=http://p:1,no_proxy=.co | https://huggingface.co/x | ",
                "https_proxy=http://p:1,no_proxy=* | https://huggingface.co/x | ",
                "https_proxy=http://p:1,no_proxy=face.co | https://huggingface.co/x | p:1",
            })
    void proxiesOfTheEnvironment(String variables, String address, String proxy) {
        List<Proxy> chosen = Proxies.selector(environment(variables)).select(URI.create(address));
        Optional<String> found = chosen.getFirst().address() instanceof InetSocketAddress at
                ? Optional.of(at.getHostString() + ":" + at.getPort())
                : Optional.empty();
        assertEquals(Optional.ofNullable(proxy), found);
    }

    @Test
    void theRateIsThatOfTheLastSeconds() {
        Rate rate = new Rate();
        assertEquals(0, rate.at(0, 0));
        assertEquals(0, rate.at(100_000_000, 1000));
        assertEquals(1000, rate.at(1_000_000_000, 1000), 1e-9);
        assertEquals(0, rate.at(10_000_000_000L, 1000));
        assertEquals(Optional.of(Duration.ofSeconds(3)), new HubProgress("a", 1, 1, false, 100, 400, 100).timeLeft());
        assertEquals(Optional.empty(), new HubProgress("a", 1, 1, false, 100, 400, 0).timeLeft());
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        HubOptions options = new HubOptions(Map.of());
        assertThrows(IllegalArgumentException.class, () -> options.connections(0));
        assertThrows(IllegalArgumentException.class, () -> options.connections(33));
        assertThrows(IllegalArgumentException.class, () -> options.attempts(0));
        assertThrows(IllegalArgumentException.class, () -> options.stallTimeout(Duration.ZERO));
        IllegalArgumentException wrong = assertThrows(
                IllegalArgumentException.class, () -> new HubOptions(Map.of("HF_ENDPOINT", "huggingface.co")));
        assertTrue(wrong.getMessage().startsWith("HF_ENDPOINT is 'huggingface.co'"), wrong.getMessage());
        assertThrows(IllegalArgumentException.class, () -> options.endpoint(URI.create("ftp://x")));
    }
}
