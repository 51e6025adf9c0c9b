package dev.skald.runtime.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that gets its name when all of it is written: until then it has a temporary name beside it
 * ({@code *.part}), which only a process that is killed leaves behind.
 */
public final class WholeFile implements AutoCloseable {
    private final Path target;
    private final Path temporary;
    private final FileChannel channel;

    private WholeFile(Path target, Path temporary, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
    }

    /** Begins a file; one that has the name already stays until {@link #commit}. */
    public static WholeFile create(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(
                    file.toString(), null, "is a folder, so no file can be written under that name");
        }
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        if (!Files.isDirectory(target.getParent())) {
            throw new NoSuchFileException(
                    target.getParent().toString(),
                    null,
                    "there is no such folder to write " + target.getFileName() + " in");
        }
        while (true) {
            String random = String.format("%08x", ThreadLocalRandom.current().nextInt());
            Path temporary = target.resolveSibling(target.getFileName() + "." + random + ".part");
            try {
                return new WholeFile(
                        target,
                        temporary,
                        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
            } catch (FileAlreadyExistsException taken) {
                continue;
            }
        }
    }

    /** Appends what is left in a buffer. */
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Writes what is left in a buffer at a place of the file. Any number of threads may, at different places. */
    public void write(ByteBuffer bytes, long position) throws IOException {
        long place = position;
        while (bytes.hasRemaining()) {
            place += channel.write(bytes, place);
        }
    }

    /** Forces all to the disk and gives the file its name, in place of one that had it. */
    public void commit() throws IOException {
        channel.force(true);
        channel.close();
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Without a {@link #commit}, deletes what was written. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
