package dev.skald.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that breaks between the Hub and the cache. */
class HubFaultsTest {
    private static final String NAME = "org/repo";
    private static final String FILE = "a-Q4_K_M.gguf";
    private static final int PIECES = 10;
    private static final int SIZE = PIECES * Pull.PIECE - 100;

    @TempDir
    Path folder;

    private final FakeHub server = new FakeHub();
    private Duration silence = Duration.ofSeconds(10);
    private byte[] content;

    @BeforeEach
    void publish() {
        content = server.file(FILE, SIZE);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Hub hub() {
        return hub(o -> {});
    }

    private Hub hub(Consumer<HubOptions> settings) {
        return Hub.open(Map.of(), options -> {
            options.cache(folder).endpoint(server.uri()).stallTimeout(silence);
            options.pieceBytes = Pull.PIECE;
            options.pause = Duration.ofMillis(20);
            settings.accept(options);
        });
    }

    private void assertArrives() throws IOException {
        assertArrayEquals(content, Files.readAllBytes(hub().resolve(NAME)));
        assertLeavesNothingOver();
    }

    private void assertLeavesNothingOver() throws IOException {
        try (Stream<Path> blobs = Files.list(folder.resolve("models--org--repo/blobs"))) {
            assertEquals(
                    List.of(),
                    blobs.map(path -> path.getFileName().toString())
                            .filter(name -> name.contains("part"))
                            .toList());
        }
    }

    private HubException assertFails(HubException.Kind kind, String... parts) throws IOException {
        return assertFails(hub(), kind, parts);
    }

    private HubException assertFails(Hub hub, HubException.Kind kind, String... parts) throws IOException {
        HubException failure = assertThrows(HubException.class, () -> hub.pull(NAME, HubListener.NONE));
        assertEquals(kind, failure.kind(), failure.getMessage());
        for (String part : parts) {
            assertTrue(failure.getMessage().contains(part), failure.getMessage());
        }
        assertFalse(Files.exists(folder.resolve("models--org--repo/snapshots")), "something was published");
        return failure;
    }

    @Test
    void eachPieceMayBreakOnce() throws IOException {
        Set<String> broken = ConcurrentHashMap.newKeySet();
        server.fault = (seen, exchange) -> {
            if (seen.cdn() && broken.add(seen.range())) {
                server.send(exchange, content, seen.range(), 1000);
                return true;
            }
            return false;
        };
        assertArrives();
        assertTrue(broken.size() >= PIECES, broken.toString());
    }

    @Test
    void aPieceGoesOnWhereItBroke() throws IOException {
        AtomicInteger breaks = new AtomicInteger();
        server.fault = (seen, exchange) -> {
            if (seen.cdn() && "bytes=0-16383".equals(seen.range()) && breaks.getAndIncrement() == 0) {
                server.send(exchange, content, seen.range(), 1000);
                return true;
            }
            return false;
        };
        assertArrives();
        assertTrue(server.seen.stream().anyMatch(s -> "bytes=1000-16383".equals(s.range())), server.seen.toString());
    }

    @Test
    void aConnectionThatIsSilentIsTriedAgain() throws IOException {
        silence = Duration.ofMillis(400);
        AtomicInteger stalls = new AtomicInteger();
        server.fault = (seen, exchange) -> {
            if (seen.cdn() && stalls.getAndIncrement() == 3) {
                server.send(exchange, content, seen.range(), 500);
                return stall();
            }
            return false;
        };
        assertArrives();
    }

    private static boolean stall() {
        try {
            Thread.sleep(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    @Test
    void aServerThatIsAlwaysSilentIsGivenUp() throws IOException {
        silence = Duration.ofMillis(400);
        server.fault = (seen, exchange) -> seen.isFile() && stall();
        assertFails(HubException.Kind.UNREACHABLE, "has sent nothing for 0.4 s", "tried 5 times");
        assertEquals(5, server.fileRequests());
    }

    @Test
    void aServerThatIsNotThere() throws IOException {
        server.close();
        assertFails(HubException.Kind.UNREACHABLE, "cannot connect to 127.0.0.1", "tried 3 times");
    }

    @Test
    void aHostThatIsNotThere() throws IOException {
        Hub hub = hub(o -> o.endpoint(URI.create("http://hub.invalid")));
        assertFails(hub, HubException.Kind.UNREACHABLE, "there is no host hub.invalid");
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aFileOfAnotherLength(boolean ranges) throws IOException {
        server.ranges = ranges;
        server.fault = (seen, exchange) -> {
            server.files.put(FILE, seen.isFile() ? new byte[SIZE + 1] : content);
            return false;
        };
        assertFails(HubException.Kind.DAMAGED, (SIZE + 1) + " bytes at the server", SIZE + " by its repository");
    }

    @Test
    void aShorterFile() throws IOException {
        server.fault = (seen, exchange) -> {
            if (seen.cdn() && !seen.range().startsWith("bytes=0-")) {
                return FakeHub.status(exchange, 416);
            }
            return false;
        };
        assertFails(HubException.Kind.DAMAGED, "shorter than its repository says", "416");
    }

    @Test
    void moreBytesThanWereAskedFor() throws IOException {
        server.fault = (seen, exchange) -> {
            if (!seen.cdn()) {
                return false;
            }
            exchange.getResponseHeaders().add("Content-Range", "bytes 0-16383/" + SIZE);
            exchange.sendResponseHeaders(206, SIZE);
            exchange.getResponseBody().write(content);
            return true;
        };
        assertFails(HubException.Kind.DAMAGED, "more bytes than were asked for");
    }

    @Test
    void anotherRangeThanWasAskedFor() throws IOException {
        server.fault = (seen, exchange) -> {
            if (!seen.cdn()) {
                return false;
            }
            exchange.getResponseHeaders().add("Content-Range", "bytes 5-16388/" + SIZE);
            exchange.sendResponseHeaders(206, 16384);
            exchange.getResponseBody().write(content, 5, 16384);
            return true;
        };
        assertFails(HubException.Kind.DAMAGED, "asked for bytes from 0 to 16383", "bytes 5-16388");
    }

    @Test
    void anotherContent() throws IOException {
        byte[] other = content.clone();
        other[SIZE / 2] ^= 1;
        server.fault = (seen, exchange) -> {
            server.files.put(FILE, seen.isFile() ? other : content);
            return false;
        };
        assertFails(
                HubException.Kind.DAMAGED,
                FILE,
                FakeHub.sha256(other),
                "should be " + FakeHub.sha256(content),
                "deleted");
        assertLeavesNothingOver();
        server.fault = (seen, exchange) -> {
            server.files.put(FILE, content);
            return false;
        };
        assertArrives();
    }

    @Test
    void damagedBytesOfAnEarlierDownloadAreFetchedAgain() throws IOException {
        cancelInTheMiddle();
        Path part = folder.resolve("models--org--repo/blobs/" + FakeHub.sha256(content) + ".part");
        byte[] bytes = Files.readAllBytes(part);
        bytes[0] ^= 1;
        Files.write(part, bytes);
        assertArrives();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | | | ACCESS | there is no org/repo, or it is private",
                "401 | GatedRepo | | ACCESS | wants its licence to be accepted",
                "403 | GatedRepo | Access to model org/repo is restricted | ACCESS | Access to model org/repo is restricted",
                "404 | RepoNotFound | Repository not found | NOT_FOUND | Repository not found",
                "410 | | | NOT_FOUND | there is no such repository",
                "416 | | | DAMAGED | shorter than its repository says",
                "418 | | | UNREACHABLE | answered 418",
            })
    void statusesThatAreFinal(int status, String code, String reason, HubException.Kind kind, String message)
            throws IOException {
        server.fault = (seen, exchange) -> seen.isFile()
                && FakeHub.status(
                        exchange,
                        status,
                        "X-Error-Code",
                        String.valueOf(code),
                        "X-Error-Message",
                        reason == null ? "" : reason);
        HubException failure =
                assertFails(kind, message, server.uri() + "/org/repo/resolve/" + FakeHub.COMMIT + "/" + FILE);
        assertEquals(1, server.fileRequests());
        if (kind == HubException.Kind.ACCESS) {
            assertTrue(failure.getMessage().contains(server.uri() + "/settings/tokens"), failure.getMessage());
            assertTrue(failure.getMessage().contains("HF_TOKEN"), failure.getMessage());
        }
        if (status == 403 || code != null && status == 401) {
            assertTrue(failure.getMessage().contains("at " + server.uri() + "/org/repo,"), failure.getMessage());
        }
    }

    @Test
    void aRepositoryThatIsNoFileEither() throws IOException {
        server.fault = (seen, exchange) -> FakeHub.status(exchange, 401);
        HubException failure = assertThrows(HubException.class, () -> hub().resolve("org/modl"));
        assertTrue(failure.getMessage().startsWith("there is no file org/modl, so"), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504, 408})
    void statusesThatPass(int status) throws IOException {
        Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
        server.fault = (seen, exchange) -> {
            String request = seen.path() + seen.range();
            return counts.computeIfAbsent(request, r -> new AtomicInteger()).getAndIncrement() < 2
                    && FakeHub.status(exchange, status);
        };
        assertArrives();
    }

    @Test
    void aStatusThatDoesNotPassIsTriedAFewTimes() throws IOException {
        server.fault = (seen, exchange) -> seen.isFile() && FakeHub.status(exchange, 503);
        assertFails(HubException.Kind.UNREACHABLE, "answered 503", "tried 5 times");
        assertEquals(5, server.fileRequests());
    }

    @Test
    void aServerThatWantsAPauseGetsIt() throws IOException {
        AtomicInteger count = new AtomicInteger();
        server.fault =
                (seen, exchange) -> count.getAndIncrement() == 0 && FakeHub.status(exchange, 429, "Retry-After", "1");
        long start = System.nanoTime();
        assertArrives();
        assertTrue(System.nanoTime() - start >= TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void aPauseMayBeADate() throws IOException {
        AtomicInteger count = new AtomicInteger();
        server.fault = (seen, exchange) ->
                count.getAndIncrement() == 0 && FakeHub.status(exchange, 503, "Retry-After", soon());
        long start = System.nanoTime();
        assertArrives();
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(500));
    }

    private static String soon() {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(2));
    }

    @Test
    void aPauseThatIsTooLongIsAnError() throws IOException {
        server.fault = (seen, exchange) -> FakeHub.status(exchange, 429, "Retry-After", "3600");
        assertFails(HubException.Kind.UNREACHABLE, "429", "asks to wait 3600 s");
    }

    @Test
    void theTokenStaysWithTheHub() throws IOException {
        hub(o -> o.token("hf_secret")).pull(NAME, HubListener.NONE);
        assertTrue(server.seen.stream().anyMatch(FakeHub.Seen::cdn));
        for (FakeHub.Seen seen : server.seen) {
            if (seen.cdn()) {
                assertNull(seen.authorization());
            } else {
                assertEquals("Bearer hf_secret", seen.authorization());
            }
        }
    }

    @Test
    void anAddressThatExpiresIsAskedForAgain() throws IOException {
        AtomicInteger count = new AtomicInteger();
        server.fault = (seen, exchange) -> seen.cdn() && count.incrementAndGet() == 4 && FakeHub.status(exchange, 403);
        assertArrives();
        assertTrue(
                server.seen.stream().filter(s -> s.path().contains("/resolve/")).count() >= 2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "file:///etc/passwd | which is not followed",
                "'' | which is not followed",
                "ftp://localhost/x | which is not followed",
                "http:///x | which is not followed",
                "/loop | redirects more than 8 times",
            })
    void redirectsThatLeadNowhere(String location, String message) throws IOException {
        server.fault = (seen, exchange) ->
                !seen.path().startsWith("/api") && FakeHub.status(exchange, 302, "Location", location);
        assertFails(HubException.Kind.DAMAGED, message);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutRanges(boolean breaks) throws IOException {
        server.ranges = false;
        AtomicInteger count = new AtomicInteger();
        server.fault = (seen, exchange) -> {
            if (breaks && seen.cdn() && count.getAndIncrement() == 1) {
                server.send(exchange, content, null, 50_000);
                return true;
            }
            return false;
        };
        assertArrives();
    }

    @Test
    void namesThatWouldLeaveTheCacheAreLeftOut() throws IOException {
        String evil = "{\"rfilename\":\"%s\",\"size\":1,\"lfs\":{\"sha256\":\"" + "a".repeat(64) + "\",\"size\":1}}";
        server.listing = "{\"sha\":\"" + FakeHub.COMMIT + "\",\"siblings\":["
                + String.join(
                        ",",
                        Stream.of(
                                        "../../evil.gguf",
                                        "/tmp/evil.gguf",
                                        "C:\\\\evil.gguf",
                                        "CON.gguf",
                                        "a\\u0000.gguf",
                                        "a\\u001b[1m.gguf")
                                .map(evil::formatted)
                                .toList())
                + "]}";
        assertFails(HubException.Kind.DAMAGED, "6 files of org/repo have names that cannot be stored");
        assertEquals(0, server.fileRequests());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<html>hello</html> | is not JSON",
                "{} | has no commit",
                "{\"sha\":\"../../../../x\",\"siblings\":[]} | has no commit",
                "{\"sha\":\"0123456789abcdef0123456789abcdef01234567\"} | has no list of files",
                "[1,2] | has no commit",
                "'' | has no commit",
            })
    void listingsThatAreNone(String listing, String message) throws IOException {
        server.listing = listing;
        assertFails(HubException.Kind.DAMAGED, message);
    }

    @Test
    void aListingOfAnyDepth() throws IOException {
        server.listing = "[".repeat(1_000_000);
        assertFails(HubException.Kind.DAMAGED, "is not JSON");
    }

    @Test
    void anEndlessListing() throws IOException {
        byte[] spaces = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
        server.fault = (seen, exchange) -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 1000; i++) {
                exchange.getResponseBody().write(spaces);
            }
            return true;
        };
        assertFails(HubException.Kind.DAMAGED, "is larger than 67.1 MB");
    }

    @Test
    void hashesThatAreNoneComeFromTheFileItself() throws IOException {
        server.listing = "{\"sha\":\"" + FakeHub.COMMIT + "\",\"siblings\":[{\"rfilename\":\"" + FILE + "\"}]}";
        assertArrives();
        assertTrue(server.seen.stream().anyMatch(seen -> seen.method().equals("HEAD")));
    }

    @Test
    void hashesThatAreNowhere() throws IOException {
        server.redirects = false;
        server.listing = "{\"sha\":\"" + FakeHub.COMMIT + "\",\"siblings\":[{\"rfilename\":\"" + FILE
                + "\",\"size\":5,\"lfs\":{\"sha256\":\"../../x\",\"size\":5}}]}";
        assertFails(HubException.Kind.DAMAGED, "says neither");
    }

    @Test
    void aFileOutsideLargeFileStorageHasGitsHash() throws IOException {
        byte[] text = "hello".getBytes(StandardCharsets.US_ASCII);
        server.files.put(FILE, text);
        // git hash-object, of a file with these five letters.
        server.listing = "{\"sha\":\"" + FakeHub.COMMIT + "\",\"siblings\":[{\"rfilename\":\"" + FILE
                + "\",\"size\":5,\"blobId\":\"b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0\"}]}";
        content = text;
        assertArrives();
        assertTrue(Files.exists(folder.resolve("models--org--repo/blobs/b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0")));
    }

    @Test
    void noRoomIsNoticedFirst() throws IOException {
        server.listing = "{\"sha\":\"" + FakeHub.COMMIT + "\",\"siblings\":[{\"rfilename\":\"" + FILE
                + "\",\"lfs\":{\"sha256\":\"" + "a".repeat(64) + "\",\"size\":100000000000000000}}]}";
        assertFails(
                HubException.Kind.NO_SPACE,
                "needs 100000000.00 GB",
                folder.toString(),
                "HF_HUB_CACHE to a folder on another");
        assertEquals(0, server.fileRequests());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theDiskIsFullInTheMiddle() throws Exception {
        ProcessBuilder limited = Pull.process(folder, server.uri(), NAME);
        List<String> line = limited.command();
        // A limit on the size of a file, in blocks of 512 bytes, stands for a full disk: the write fails.
        limited.command(List.of(
                "/bin/sh",
                "-c",
                "ulimit -f 100; exec \"$@\"",
                "sh",
                line.get(0),
                "-XX:-UsePerfData",
                line.get(1),
                line.get(2),
                line.get(3),
                line.get(4),
                line.get(5),
                line.get(6),
                line.get(7)));
        Process process = limited.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, process.waitFor(), output);
        assertTrue(output.contains("cannot write ") && output.contains("the next download continues"), output);
        assertArrives();
    }

    @Test
    void aPartOfASplitModelIsMissing() throws IOException {
        server.files.clear();
        server.file("a-Q4_K_M-00001-of-00002.gguf", 100);
        assertFails(HubException.Kind.DAMAGED, "only 1 of the 2 parts");
        assertEquals(0, server.fileRequests());
    }

    @Test
    void noGgufIsSaidBeforeAnyDownload() throws IOException {
        server.files.clear();
        server.file("model.safetensors", 100);
        assertFails(HubException.Kind.NO_GGUF, "has no model in GGUF", "model.safetensors");
        assertEquals(0, server.fileRequests());
    }

    /** Stops when a few pieces have come. Returns the ranges that came whole. */
    private void cancelInTheMiddle() {
        CountDownLatch some = new CountDownLatch(4);
        server.fault = (seen, exchange) -> {
            if (seen.cdn()) {
                if (some.getCount() == 0) {
                    return stall();
                }
                some.countDown();
            }
            return false;
        };
        HubListener listener = new HubListener() {
            @Override
            public boolean cancelled() {
                return some.getCount() == 0;
            }
        };
        assertThrows(CancellationException.class, () -> hub().pull(NAME, listener));
        server.fault = (seen, exchange) -> false;
    }

    @Test
    void aCancelledDownloadIsContinued() throws IOException {
        cancelInTheMiddle();
        assertTrue(hub().list().stream()
                .anyMatch(model -> !model.complete() && model.name().equals("org/repo:Q4_K_M")));
        server.seen.clear();
        assertArrives();
        assertTrue(server.seen.stream().filter(FakeHub.Seen::cdn).count() < PIECES, server.seen.toString());
    }

    @Test
    void anInterruptStopsIt() throws InterruptedException {
        server.fault = (seen, exchange) -> seen.cdn() && stall();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            thrown.set(assertThrows(CancellationException.class, () -> hub().pull(NAME, HubListener.NONE)));
            flag.set(Thread.currentThread().isInterrupted());
        });
        while (server.fileRequests() < 2) {
            Thread.sleep(10);
        }
        thread.interrupt();
        assertTrue(thread.join(Duration.ofSeconds(3)));
        assertTrue(thrown.get() instanceof CancellationException);
        assertTrue(flag.get());
    }

    @Test
    void aKilledProcessIsContinued() throws Exception {
        AtomicInteger count = new AtomicInteger();
        server.fault = (seen, exchange) -> seen.cdn() && count.incrementAndGet() > 6 && stall();
        Process process = Pull.process(folder, server.uri(), NAME).start();
        while (count.get() < 9) {
            assertTrue(process.isAlive());
            Thread.sleep(20);
        }
        process.destroyForcibly().waitFor();
        Path record = folder.resolve("models--org--repo/blobs/" + FakeHub.sha256(content) + ".part.pieces");
        long pieces = Files.readString(record)
                .lines()
                .filter(line -> line.endsWith("."))
                .count();
        // As if the process had been killed while it wrote the number 15 of a piece that did not come.
        Files.writeString(record, Files.readString(record) + "1");
        server.fault = (seen, exchange) -> false;
        server.seen.clear();
        assertArrives();
        assertEquals(
                PIECES - pieces, server.seen.stream().filter(FakeHub.Seen::cdn).count());
    }

    @Test
    void twoProcessesDownloadOnce() throws Exception {
        Path slow = folder;
        server.fault = (seen, exchange) -> {
            if (seen.cdn()) {
                try {
                    Thread.sleep(200);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return false;
        };
        Process first = Pull.process(slow, server.uri(), NAME).start();
        Process second = Pull.process(slow, server.uri(), NAME).start();
        String one = new String(first.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String two = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, first.waitFor());
        assertEquals(0, second.waitFor());
        assertEquals(one, two);
        assertArrayEquals(content, Files.readAllBytes(Path.of(one.strip())));
        assertEquals(PIECES, server.seen.stream().filter(FakeHub.Seen::cdn).count());
    }

    @Test
    void twoThreadsDownloadOnce() throws InterruptedException {
        Set<Path> files = ConcurrentHashMap.newKeySet();
        List<Thread> threads = Stream.generate(() -> Thread.ofVirtual().start(() -> {
                    try {
                        files.add(hub().resolve(NAME));
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .limit(3)
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, files.size());
        assertEquals(PIECES, server.seen.stream().filter(FakeHub.Seen::cdn).count());
    }

    @Test
    void throughAProxyWithAPassword() throws IOException {
        Set<String> authorizations = new HashSet<>();
        HttpServer proxy = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        proxy.createContext("/", exchange -> {
            try (exchange) {
                String given = exchange.getRequestHeaders().getFirst("Proxy-Authorization");
                if (given == null) {
                    FakeHub.status(exchange, 407, "Proxy-Authenticate", "Basic realm=\"proxy\"");
                    return;
                }
                authorizations.add(given);
                assertEquals("hub.invalid", exchange.getRequestURI().getHost());
                FakeHub.status(exchange, 404, "X-Error-Message", "by the proxy");
            }
        });
        proxy.start();
        try {
            Hub hub = Hub.open(
                    Map.of(
                            "HF_ENDPOINT",
                            "http://hub.invalid/",
                            "HF_HUB_CACHE",
                            folder.toString(),
                            "http_proxy",
                            "http://kari:hemmelig%40@127.0.0.1:"
                                    + proxy.getAddress().getPort()),
                    o -> {});
            assertFails(hub, HubException.Kind.NOT_FOUND, "by the proxy");
            assertEquals(
                    Set.of("Basic "
                            + Base64.getEncoder().encodeToString("kari:hemmelig@".getBytes(StandardCharsets.US_ASCII))),
                    authorizations);
        } finally {
            proxy.stop(0);
        }
    }
}
