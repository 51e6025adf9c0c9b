package dev.skald.hub;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Downloads the content of one file into the cache: in pieces, several at a time, continuing an earlier download. The
 * content gets its final name when it is complete and its hash is right.
 */
final class BlobDownload {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int READ_AT_ONCE = 1 << 20;

    /** Thrown if the server sends the whole file, whatever range was requested. */
    private static final class NoRanges extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Called on the caller's thread, several times a second. */
    interface Look {
        void at(long doneBytes, boolean checking);
    }

    private final Http http;
    private final HubOptions options;
    private final Cancel cancel;
    private final String repository;
    private final URI source;
    private final Entry entry;
    private final Path blob;
    private final Look look;
    private final AtomicLong received = new AtomicLong();

    /** The address to which the source redirects. It is valid only for some time. */
    private volatile URI location;

    /**
     * Creates a download that has not begun.
     *
     * @param source the file's address at the hub
     * @param entry the file, with a known size and hash
     * @param blob the target of the content
     */
    BlobDownload(
            Http http,
            HubOptions options,
            Cancel cancel,
            String repository,
            URI source,
            Entry entry,
            Path blob,
            Look look) {
        this.http = http;
        this.options = options;
        this.cancel = cancel;
        this.repository = repository;
        this.source = source;
        this.entry = entry;
        this.blob = blob;
        this.look = look;
        location = source;
    }

    static boolean isThere(Path blob, Entry entry) throws IOException {
        return Files.isRegularFile(blob) && Files.size(blob) == entry.size();
    }

    /** Returns the number of bytes that an earlier download has left. */
    static long bytesThere(Path blob, Entry entry) throws IOException {
        return isThere(blob, entry)
                ? entry.size()
                : Pieces.find(blob.resolveSibling(blob.getFileName() + Pieces.ENDING))
                        .filter(pieces -> pieces.part().getFileName().toString().startsWith(entry.hash()))
                        .map(Pieces::doneBytes)
                        .orElse(0L);
    }

    /**
     * Downloads the content, unless it exists.
     *
     * @param lock the file that locks the content
     * @param waiting called once if another process has the lock
     */
    void run(Path lock, Runnable waiting) throws IOException {
        Files.createDirectories(blob.getParent());
        Optional<BlobLock> taken = BlobLock.tryToTake(lock);
        if (taken.isEmpty()) {
            waiting.run();
        }
        while (taken.isEmpty()) {
            cancel.check();
            sleep();
            taken = BlobLock.tryToTake(lock);
        }
        try (BlobLock _ = taken.get()) {
            if (!isThere(blob, entry)) {
                download();
            }
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(LOOK);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void download() throws IOException {
        try (Pieces pieces = Pieces.open(blob, entry, options.pieceBytes)) {
            while (true) {
                long before = pieces.doneBytes();
                received.set(before);
                fetch(pieces);
                String hash = hash(pieces.part());
                if (hash.equals(entry.hash())) {
                    Files.move(
                            pieces.part(), blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                    pieces.delete();
                    return;
                }
                // Bytes of an earlier download may have caused this. Bytes that have just arrived are not requested
                // twice.
                if (before == 0) {
                    Files.deleteIfExists(pieces.part());
                    pieces.delete();
                    throw new HubException(
                            HubException.Kind.DAMAGED,
                            entry.path() + " of " + repository + " arrived damaged: its hash is " + hash
                                    + " and should be " + entry.hash() + "; what came was deleted, so try again");
                }
                pieces.restart();
            }
        }
    }

    private void fetch(Pieces pieces) throws IOException {
        try (FileChannel file = FileChannel.open(pieces.part(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Queue<Integer> missing = new ConcurrentLinkedQueue<>();
            for (int piece = 0; piece < pieces.count(); piece++) {
                if (!pieces.has(piece)) {
                    missing.add(piece);
                }
            }
            try {
                // Send one request alone, to find out whether the server supports ranges.
                together(1, () -> fetchNext(missing, pieces, file));
                together(Math.min(options.connections, missing.size()), () -> {
                    while (!missing.isEmpty()) {
                        fetchNext(missing, pieces, file);
                    }
                });
            } catch (NoRanges whole) {
                pieces.restart();
                together(1, () -> fetchWhole(pieces, file));
            }
            file.truncate(entry.size());
            file.force(true);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    /** Runs work on several threads, while this thread watches them. */
    private void together(int count, Work work) throws IOException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofVirtual().name("skald-download").start(() -> {
                try {
                    work.run();
                } catch (NoRanges sequel) {
                    failure.compareAndSet(null, sequel);
                } catch (IOException | RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                    cancel.stop();
                }
            }));
        }
        threads.forEach(this::await);
        switch (failure.get()) {
            case null -> cancel.check();
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void await(Thread thread) {
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = thread.join(LOOK);
            } catch (InterruptedException e) {
                interrupted = true;
                cancel.stop();
            }
            cancel.isSet();
            look.at(received.get(), false);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void fetchNext(Queue<Integer> missing, Pieces pieces, FileChannel file) throws IOException {
        Integer piece = missing.poll();
        if (piece == null) {
            return;
        }
        Sink sink = new Sink(file, pieces.begin(piece), pieces.end(piece), true);
        http.retry(
                () -> {
                    while (sink.at < sink.end) {
                        request("bytes=" + sink.at + "-" + (sink.end - 1), sink);
                    }
                    return null;
                },
                () -> sink.at);
        pieces.add(piece);
    }

    /** Fetches the file in one answer, from the beginning each time. */
    private void fetchWhole(Pieces pieces, FileChannel file) throws IOException {
        http.retry(
                () -> {
                    received.set(0);
                    Sink sink = new Sink(file, 0, entry.size(), false);
                    request("", sink);
                    if (sink.at < sink.end) {
                        throw new Http.Again(
                                entry.path() + " ended after " + sink.at + " of " + entry.size() + " bytes", null);
                    }
                    return null;
                },
                () -> 0);
        for (int piece = 0; piece < pieces.count(); piece++) {
            pieces.add(piece);
        }
    }

    private void request(String range, Sink sink) throws IOException {
        URI at = location;
        long before = sink.at;
        Http.Answer answer = http.send("GET", at, range, sink);
        boolean elsewhere = !at.equals(source);
        if (elsewhere && (answer.status() == 401 || answer.status() == 403 || answer.status() == 404)) {
            location = source;
            throw new Http.Again("the address of " + entry.path() + " has expired", null);
        }
        http.check(answer, repository);
        if (!elsewhere) {
            location = answer.address();
        }
        if (!range.isEmpty() && sink.at == before) {
            throw new Http.Again(entry.path() + ": the server sent nothing", null);
        }
    }

    /** Writes the bytes of an answer to their position. */
    private final class Sink implements Http.Sink {
        private final FileChannel file;
        private final long end;
        private final boolean ranged;
        private volatile long at;

        Sink(FileChannel file, long from, long end, boolean ranged) {
            this.file = file;
            this.end = end;
            this.ranged = ranged;
            at = from;
        }

        @Override
        public void begin(int status, HttpHeaders headers) throws IOException {
            if (!ranged) {
                long length = headers.firstValueAsLong("Content-Length").orElse(end);
                if (length != end) {
                    throw wrongLength(length);
                }
                return;
            }
            if (status != 206) {
                throw new NoRanges();
            }
            Matcher range =
                    CONTENT_RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
            if (!range.matches() || Long.parseLong(range.group(1)) != at || Long.parseLong(range.group(2)) >= end) {
                throw new HubException(
                        HubException.Kind.DAMAGED,
                        entry.path() + ": asked for bytes from " + at + " to " + (end - 1) + ", the server sends '"
                                + headers.firstValue("Content-Range").orElse("") + "'");
            }
            if (!range.group(3).equals("*") && Long.parseLong(range.group(3)) != entry.size()) {
                throw wrongLength(Long.parseLong(range.group(3)));
            }
        }

        private HubException wrongLength(long length) {
            return new HubException(
                    HubException.Kind.DAMAGED,
                    entry.path() + " of " + repository + " has " + length + " bytes at the server, and " + entry.size()
                            + " by its repository; try again later");
        }

        @Override
        public void accept(ByteBuffer bytes) throws IOException {
            if (bytes.remaining() > end - at) {
                throw new HubException(
                        HubException.Kind.DAMAGED, entry.path() + ": the server sends more bytes than were asked for");
            }
            try {
                while (bytes.hasRemaining()) {
                    int written = file.write(bytes, at);
                    at += written;
                    received.addAndGet(written);
                }
            } catch (IOException failed) {
                throw new HubException(
                        HubException.Kind.NO_SPACE,
                        "cannot write " + blob + ".part: " + failed.getMessage()
                                + "; what has arrived is kept, and the next download continues from there",
                        failed);
            }
        }
    }

    private String hash(Path file) throws IOException {
        boolean sha256 = Entry.SHA256.matcher(entry.hash()).matches();
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance(sha256 ? "SHA-256" : "SHA-1");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
        if (!sha256) {
            // Git names the content of a file by this hash.
            digest.update(("blob " + entry.size() + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        ByteBuffer some = ByteBuffer.allocateDirect(READ_AT_ONCE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long shown = System.nanoTime();
            while (channel.read(some) >= 0) {
                digest.update(some.flip());
                some.clear();
                cancel.check();
                if (System.nanoTime() - shown > LOOK.toNanos()) {
                    shown = System.nanoTime();
                    look.at(entry.size(), true);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
