package dev.skald.hub;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The record of a file that is being downloaded: which pieces of it have arrived. The record is a text file beside the
 * download. Its first line describes the download, and each further line is the number of a piece. A piece is written
 * before its line, so every listed piece has been written, even if the process is killed.
 */
final class Pieces implements AutoCloseable {
    static final String ENDING = ".part.pieces";

    private static final Pattern HEAD = Pattern.compile("skald-pieces 1 (\\d{1,18}) (\\d{1,9}) (\\S+)");

    /** The point marks the end of the number, so that a truncated number is recognized. */
    private static final Pattern PIECE = Pattern.compile("(\\d{1,9})\\.");

    private final Path record;
    private final String file;
    private final long size;
    private final int pieceBytes;
    private final BitSet done;
    private FileChannel channel;

    private Pieces(Path record, String file, long size, int pieceBytes, BitSet done) {
        this.record = record;
        this.file = file;
        this.size = size;
        this.pieceBytes = pieceBytes;
        this.done = done;
    }

    /** Reads a record, if the file is one. */
    static Optional<Pieces> find(Path record) throws IOException {
        if (!Files.isRegularFile(record) || !Files.isRegularFile(part(record))) {
            return Optional.empty();
        }
        List<String> lines = new String(Files.readAllBytes(record), StandardCharsets.ISO_8859_1)
                .lines()
                .toList();
        Matcher head = HEAD.matcher(lines.isEmpty() ? "" : lines.getFirst());
        if (!head.matches() || Integer.parseInt(head.group(2)) == 0) {
            return Optional.empty();
        }
        Pieces pieces = new Pieces(
                record,
                URLDecoder.decode(head.group(3), StandardCharsets.UTF_8),
                Long.parseLong(head.group(1)),
                Integer.parseInt(head.group(2)),
                new BitSet());
        for (String line : lines.subList(1, lines.size())) {
            Matcher piece = PIECE.matcher(line);
            if (piece.matches() && Integer.parseInt(piece.group(1)) < pieces.count()) {
                pieces.done.set(Integer.parseInt(piece.group(1)));
            }
        }
        return Optional.of(pieces);
    }

    /** Continues a record, or begins a new one if there is none for this content. */
    static Pieces open(Path blob, Entry entry, int pieceBytes) throws IOException {
        Path record = blob.resolveSibling(blob.getFileName() + ENDING);
        Optional<Pieces> found = find(record).filter(pieces -> pieces.size == entry.size());
        Pieces pieces;
        if (found.isPresent()) {
            pieces = found.get();
            pieces.file(StandardOpenOption.APPEND);
            // End a truncated line.
            pieces.write("\n");
        } else {
            pieces = new Pieces(record, entry.path(), entry.size(), pieceBytes, new BitSet());
            pieces.restart();
        }
        return pieces;
    }

    private void file(StandardOpenOption option) throws IOException {
        if (channel != null) {
            channel.close();
        }
        channel = FileChannel.open(record, StandardOpenOption.CREATE, StandardOpenOption.WRITE, option);
    }

    /** Removes all pieces from the record. */
    void restart() throws IOException {
        done.clear();
        file(StandardOpenOption.TRUNCATE_EXISTING);
        write("skald-pieces 1 " + size + " " + pieceBytes + " " + URLEncoder.encode(file, StandardCharsets.UTF_8)
                + "\n");
    }

    private void write(String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.ISO_8859_1.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Records that a piece has been written. */
    synchronized void add(int piece) throws IOException {
        done.set(piece);
        write(piece + ".\n");
    }

    synchronized boolean has(int piece) {
        return done.get(piece);
    }

    int count() {
        return Math.toIntExact((size + pieceBytes - 1) / pieceBytes);
    }

    long begin(int piece) {
        return (long) piece * pieceBytes;
    }

    long end(int piece) {
        return Math.min(size, begin(piece) + pieceBytes);
    }

    /** Returns the size of the pieces that have been written. */
    synchronized long doneBytes() {
        return done.stream().mapToLong(piece -> end(piece) - begin(piece)).sum();
    }

    /** Returns the file's path in its repository. */
    String file() {
        return file;
    }

    Path part() {
        return part(record);
    }

    private static Path part(Path record) {
        String name = record.getFileName().toString();
        return record.resolveSibling(name.substring(0, name.length() - ".pieces".length()));
    }

    /** Returns the hash in the file's name. */
    String hash() {
        String name = record.getFileName().toString();
        return name.substring(0, name.length() - ENDING.length());
    }

    /** Deletes the record. */
    void delete() throws IOException {
        close();
        Files.deleteIfExists(record);
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
