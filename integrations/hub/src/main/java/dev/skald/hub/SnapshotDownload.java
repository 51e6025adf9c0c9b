package dev.skald.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Downloads files of one version of a repository into the cache. */
final class SnapshotDownload implements AutoCloseable {
    private static final int MOST_BYTES_OF_A_LISTING = 64 << 20;
    private static final long ROOM_TO_LEAVE = 64L << 20;

    private final HubOptions options;
    private final HubCache cache;
    private final HubName name;
    private final HubListener listener;
    private final Cancel cancel;
    private final Http http;

    SnapshotDownload(HubOptions options, HubCache cache, HubName name, HubListener listener) {
        this.options = options;
        this.cache = cache;
        this.name = name;
        this.listener = listener;
        cancel = new Cancel(listener);
        http = new Http(options, cancel::isSet);
    }

    /** Asks which files the repository has. */
    Listing listing() throws IOException {
        URI address = URI.create(options.endpoint + "/api/models/" + name.repository() + "/revision/"
                + encoded(name.revision()) + "?blobs=true");
        Listing listing =
                Listing.read(http.get(address, MOST_BYTES_OF_A_LISTING, name.repository()), address.toString());
        if (listing.unsafe() > 0 && listing.entries().stream().noneMatch(Entry::isGguf)) {
            throw new HubException(
                    HubException.Kind.DAMAGED,
                    listing.unsafe() + " files of " + name.repository()
                            + " have names that cannot be stored, and there is no GGUF file among the others");
        }
        return listing;
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private URI address(String commit, Entry entry) {
        String path = Arrays.stream(entry.path().split("/"))
                .map(SnapshotDownload::encoded)
                .collect(Collectors.joining("/"));
        return URI.create(options.endpoint + "/" + name.repository() + "/resolve/" + commit + "/" + path);
    }

    /** Downloads files and adds them to the snapshot. */
    void bring(String commit, List<Entry> listed) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : listed) {
            entries.add(entry.hash().isEmpty() ? asked(commit, entry) : entry);
        }
        long total = entries.stream().mapToLong(Entry::size).reduce(0, SnapshotDownload::sum);
        announce(entries, total, checkRoom(entries, total));
        Rate rate = new Rate();
        long before = 0;
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            int part = i + 1;
            long done = before;
            BlobDownload download = new BlobDownload(
                    http,
                    options,
                    cancel,
                    name.repository(),
                    address(commit, entry),
                    entry,
                    cache.blob(name.repository(), entry.hash()),
                    (bytes, checking) -> listener.progress(new HubProgress(
                            entry.path(),
                            part,
                            entries.size(),
                            checking,
                            done + bytes,
                            total,
                            rate.at(System.nanoTime(), done + bytes))));
            download.run(
                    cache.lock(name.repository(), entry.hash()),
                    () -> listener.note(HubException.printable(
                            "waiting for another download of " + entry.path() + " of " + name.repository())));
            before = sum(before, entry.size());
        }
        for (Entry entry : entries) {
            cache.link(name.repository(), commit, entry);
        }
        cache.reference(name.repository(), name.revision(), commit);
        listener.progress(
                new HubProgress(entries.getLast().path(), entries.size(), entries.size(), false, total, total, 0));
    }

    private void announce(List<Entry> entries, long total, long missing) {
        String what =
                entries.getFirst().path() + (entries.size() > 1 ? " and " + (entries.size() - 1) + " more files" : "");
        listener.note(HubException.printable(
                missing == 0
                        ? what + " of " + name.repository() + " is in the cache"
                        : "downloading " + what + " of " + name.repository() + " (" + Hub.size(missing)
                                + (missing < total ? " of " + Hub.size(total) : "") + ") to " + cache.root()));
    }

    /** Returns the entry with the size and hash that the file's own address reports. */
    private Entry asked(String commit, Entry entry) throws IOException {
        URI address = address(commit, entry);
        Http.Answer answer = http.head(address, name.repository());
        String hash = answer.header("X-Linked-Etag")
                .or(() -> answer.header("ETag"))
                .orElse("")
                .replaceFirst("^W/", "")
                .replace("\"", "")
                .toLowerCase(Locale.ROOT);
        long size = number(answer.header("X-Linked-Size")
                .or(() -> answer.header("Content-Length"))
                .orElse(""));
        boolean known =
                Entry.SHA256.matcher(hash).matches() || Entry.SHA1.matcher(hash).matches();
        if (!known || size < 0) {
            throw new HubException(
                    HubException.Kind.DAMAGED,
                    address
                            + " says neither in its repository's list nor in X-Linked-Etag and X-Linked-Size what the file's hash"
                            + " and size are");
        }
        return new Entry(entry.path(), size, hash);
    }

    private static long number(String text) {
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }

    /** Checks that the disk has room. Returns the number of bytes that are still missing. */
    private long checkRoom(List<Entry> entries, long total) throws IOException {
        long there = 0;
        for (Entry entry : entries) {
            there = sum(there, BlobDownload.bytesThere(cache.blob(name.repository(), entry.hash()), entry));
        }
        long missing = total - there;
        long free = cache.free();
        if (missing > 0 && sum(missing, ROOM_TO_LEAVE) > free) {
            throw new HubException(
                    HubException.Kind.NO_SPACE,
                    "the download needs " + Hub.size(missing) + ", and the disk of " + cache.root() + " has "
                            + Hub.size(free) + " left: make room, or set HF_HUB_CACHE to a folder on another disk");
        }
        return missing;
    }

    /** Returns the sum, or the largest number if it overflows. */
    static long sum(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    @Override
    public void close() {
        http.close();
    }
}
