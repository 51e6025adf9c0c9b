package dev.skald.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The result of a batch: a line for each row, added when the row is answered. A run that is stopped leaves whole lines, and at most
 * one that is cut off, which the next run takes away. No other process writes it meanwhile.
 */
final class BatchOutput implements AutoCloseable {
    private final Path file;
    /** Null where lines are printed. */
    private final FileChannel channel;

    private final PrintWriter printer;
    private final Set<String> answered = new HashSet<>();
    private long failures;

    private BatchOutput(Path file, FileChannel channel, PrintWriter printer) {
        this.file = file;
        this.channel = channel;
        this.printer = printer;
    }

    /** Prints the lines; none has been there before. */
    static BatchOutput printing(PrintWriter printer) {
        return new BatchOutput(null, null, printer);
    }

    /**
     * Opens the file, or makes it.
     *
     * @param anew whether what it holds is thrown away
     * @throws IOException if it holds something else than answers
     */
    static BatchOutput open(Path file, boolean anew) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new FileSystemException(file.toString(), null, "is no file that answers can be added to");
        }
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        BatchOutput output = new BatchOutput(file, channel, null);
        try {
            output.lock();
            if (anew) {
                channel.truncate(0);
            }
            output.readAnswers();
            return output;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void lock() throws IOException {
        boolean locked;
        try {
            locked = channel.tryLock() != null;
        } catch (OverlappingFileLockException here) {
            locked = false;
        }
        if (!locked) {
            throw new FileSystemException(file.toString(), null, "another skald batch writes it just now");
        }
    }

    private void readAnswers() throws IOException {
        long whole = 0;
        long number = 0;
        InputStream in = new BufferedInputStream(Channels.newInputStream(channel.position(0)), 1 << 16);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c != '\n') {
                line.write(c);
                continue;
            }
            number++;
            whole += line.size() + 1;
            take(line.toString(StandardCharsets.UTF_8), number);
            line.reset();
        }
        if (whole == 0 && line.size() > 0 && line.toByteArray()[0] != '{') {
            throw notOurs(1);
        }
        // What follows the last line break was cut off.
        channel.truncate(whole);
        channel.position(whole);
    }

    private void take(String line, long number) throws IOException {
        Optional<String> id = BatchRow.answered(line);
        if (id.isEmpty()) {
            throw notOurs(number);
        }
        answered.add(id.get());
        failures += BatchRow.isFailure(line) ? 1 : 0;
    }

    private IOException notOurs(long line) {
        return new FileSystemException(
                file.toString(),
                null,
                "its line " + line + " answers no row of a batch: choose another name, or replace the file by --force");
    }

    /** Whether a row has a line already. */
    boolean has(String key) {
        return answered.contains(key);
    }

    /** How many lines say that their row has failed. */
    synchronized long failures() {
        return failures;
    }

    synchronized void add(byte[] line, boolean failed) throws IOException {
        if (channel == null) {
            printer.print(new String(line, StandardCharsets.UTF_8));
            printer.flush();
        } else {
            append(line);
        }
        failures += failed ? 1 : 0;
    }

    private void append(byte[] line) throws IOException {
        long end = channel.position();
        ByteBuffer bytes = ByteBuffer.wrap(line);
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (ClosedChannelException interrupted) {
            throw interrupted;
        } catch (IOException e) {
            // Another line may fit, and must not follow a part of this one.
            channel.truncate(end);
            throw new FileSystemException(
                    file.toString(), null, e.getMessage() + "; run the batch again to continue when that is mended");
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
