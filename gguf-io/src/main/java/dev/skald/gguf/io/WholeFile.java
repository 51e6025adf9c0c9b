package dev.skald.gguf.io;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The one writer of every file that Skald makes. A file gets its name when all of it is written; until then it has a temporary
 * name beside it ({@code *.part}), which only a process that is killed leaves behind.
 *
 * <p>Nothing is destroyed. A file that is there is replaced only if it is empty or {@link Existing} allows it. Symbolic links are
 * followed and stay. A pipe, a character device or an open descriptor ({@code /dev/stdout}, {@code >(command)}) is written
 * into as it is; a folder, a disk and a socket are refused.
 */
public final class WholeFile implements AutoCloseable {
    /** The name that stands for the process's own output, on every system. */
    public static final Path STANDARD_OUTPUT = Path.of("/dev/stdout");

    private static final int MOST_LINKS = 40;
    private static final String FOR_OWNER = "rw-------";

    private final Target target;
    private final Existing existing;
    /** Null where the target is written into. */
    private final Path temporary;

    private final FileChannel channel;
    private boolean closed;
    private boolean kept;

    private WholeFile(Target target, Existing existing, Path temporary, FileChannel channel) {
        this.target = target;
        this.existing = existing;
        this.temporary = temporary;
        this.channel = channel;
    }

    /** Where the bytes end up: a path without links, and whether that is written into rather than replaced. */
    private record Target(Path path, boolean into) {}

    /**
     * Finds out whether a file can be written, before the work whose result it is.
     *
     * @param file the name
     * @param existing which files may be replaced
     * @return the file that will be made or replaced; empty if the name is a pipe's or a device's
     * @throws IOException if it cannot; the message says why
     */
    public static Optional<Path> check(Path file, Existing existing) throws IOException {
        Target target = target(file, existing);
        if (target.into) {
            return Optional.empty();
        }
        if (!Files.isWritable(target.path.getParent())) {
            throw notWritable(target);
        }
        return Optional.of(target.path);
    }

    private static IOException notWritable(Target target) {
        return new AccessDeniedException(
                target.path.getParent().toString(), null, "no permission to write " + name(target) + " in it");
    }

    /**
     * Begins a file. One that has the name already stays until {@link #commit}.
     *
     * @param file the name
     * @param existing which files may be replaced
     * @return the file; the caller closes it
     * @throws FileAlreadyExistsException if there is one that may not be replaced
     * @throws IOException if none can be made there
     */
    public static WholeFile create(Path file, Existing existing) throws IOException {
        return create(file, existing, false);
    }

    /**
     * Begins a file that nobody but its owner may read, where the system knows owners.
     *
     * @param file the name
     * @param existing which files may be replaced
     * @return the file; the caller closes it
     * @throws FileAlreadyExistsException if there is one that may not be replaced
     * @throws IOException if none can be made there
     */
    public static WholeFile createForOwner(Path file, Existing existing) throws IOException {
        return create(file, existing, true);
    }

    private static WholeFile create(Path file, Existing existing, boolean forOwner) throws IOException {
        Target target = target(file, existing);
        if (target.into) {
            return new WholeFile(target, existing, null, openInto(target.path));
        }
        boolean posix =
                target.path.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = forOwner && posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(FOR_OWNER))
                }
                : new FileAttribute<?>[0];
        while (true) {
            String random = String.format("%08x", ThreadLocalRandom.current().nextInt());
            Path temporary = target.path.resolveSibling(name(target) + "." + random + ".part");
            FileChannel channel;
            try {
                channel = FileChannel.open(
                        temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
            } catch (FileAlreadyExistsException taken) {
                continue;
            } catch (AccessDeniedException denied) {
                throw notWritable(target);
            }
            WholeFile created = new WholeFile(target, existing, temporary, channel);
            if (posix && !forOwner && Files.exists(target.path)) {
                created.takePermissions();
            }
            return created;
        }
    }

    /** A file that replaces another is open to the same people. */
    private void takePermissions() throws IOException {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(target.path);
            Files.setPosixFilePermissions(temporary, permissions);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static Target target(Path file, Existing existing) throws IOException {
        if (file.toString().isEmpty()) {
            throw new FileSystemException("", null, "the name of the file to write is empty");
        }
        Path path = withoutLinks(file);
        if (isDescriptor(path) || isOther(path)) {
            return new Target(path, true);
        }
        if (Files.isDirectory(path)) {
            throw new FileSystemException(
                    file.toString(), null, "is a folder, so no file can be written under that name");
        }
        checkFolder(path.getParent(), path.getFileName());
        checkReplaceable(file, path, existing);
        return new Target(path, false);
    }

    private static void checkFolder(Path folder, Path name) throws IOException {
        try {
            if (!Files.readAttributes(folder, BasicFileAttributes.class).isDirectory()) {
                throw new FileSystemException(
                        folder.toString(), null, "is not a folder, so " + name + " cannot be written in it");
            }
        } catch (NoSuchFileException none) {
            throw new NoSuchFileException(folder.toString(), null, "there is no such folder to write " + name + " in");
        }
    }

    private static void checkReplaceable(Path file, Path path, Existing existing) throws IOException {
        if (Files.exists(path) && Files.size(path) > 0 && !existing.mayBeReplaced(path)) {
            throw new FileAlreadyExistsException(file.toString(), null, existing.advice());
        }
    }

    /** Where links lead, also when nothing is there yet; an open descriptor is a link of its own kind and stays one. */
    private static Path withoutLinks(Path file) throws IOException {
        Path path = file.equals(STANDARD_OUTPUT) ? file : file.toAbsolutePath();
        for (int i = 0; Files.isSymbolicLink(path) && !isDescriptor(path); i++) {
            if (i == MOST_LINKS) {
                throw new FileSystemException(file.toString(), null, "is a symbolic link that leads to itself");
            }
            path = path.resolveSibling(Files.readSymbolicLink(path));
        }
        return path;
    }

    private static boolean isDescriptor(Path path) {
        String name = path.toString();
        return path.equals(STANDARD_OUTPUT)
                || name.equals("/dev/stderr")
                || name.startsWith("/dev/fd/")
                || name.matches("/proc/(self|\\d+)/fd/\\d+");
    }

    /** Whether it is a pipe or a character device. A disk, as a device that has blocks, and a socket are refused. */
    private static boolean isOther(Path path) throws IOException {
        if (!Files.exists(path) || Files.isRegularFile(path) || Files.isDirectory(path)) {
            return false;
        }
        if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            int kind = (int) Files.getAttribute(path, "unix:mode") & 0170000;
            if (kind == 0060000 || kind == 0140000) {
                throw new FileSystemException(
                        path.toString(), null, "is a " + (kind == 0060000 ? "disk" : "socket") + ": name a file");
            }
        }
        return true;
    }

    /** The process's own output is written on where it stands, and a file that another descriptor has open at its end. */
    private static FileChannel openInto(Path path) throws IOException {
        if (path.equals(STANDARD_OUTPUT)) {
            return new FileOutputStream(FileDescriptor.out).getChannel();
        }
        return switch (path.toString()) {
            case "/dev/fd/1", "/proc/self/fd/1" -> new FileOutputStream(FileDescriptor.out).getChannel();
            case "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2" -> new FileOutputStream(FileDescriptor.err).getChannel();
            default ->
                FileChannel.open(
                        path, Files.isRegularFile(path) ? StandardOpenOption.APPEND : StandardOpenOption.WRITE);
        };
    }

    private static boolean isStandard(Path path) {
        return path.equals(STANDARD_OUTPUT) || path.toString().matches("/dev/stderr|(/dev|/proc/self)/fd/[12]");
    }

    private static Path name(Target target) {
        return target.path.getFileName();
    }

    /**
     * Appends what is left in a buffer.
     *
     * @param bytes the buffer
     * @throws IOException if writing fails; the message names the file
     */
    public void write(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw named(e);
        }
    }

    /**
     * Writes what is left in a buffer at a place of the file. Any number of threads may, at different places. A pipe has
     * no places.
     *
     * @param bytes the buffer
     * @param position the place, in bytes from the beginning
     * @throws IOException if writing fails; the message names the file
     */
    public void write(ByteBuffer bytes, long position) throws IOException {
        long place = position;
        try {
            while (bytes.hasRemaining()) {
                place += channel.write(bytes, place);
            }
        } catch (IOException e) {
            throw temporary == null && !(e instanceof ClosedChannelException)
                    ? new FileSystemException(
                            target.path.toString(),
                            null,
                            e.getMessage() + ": the output is not written in order, so name a file")
                    : named(e);
        }
    }

    /** The failure with the file's name, and the way out. */
    private IOException named(IOException failure) {
        if (failure instanceof FileSystemException || failure instanceof ClosedChannelException) {
            return failure;
        }
        String room = "";
        try {
            if (temporary != null) {
                long free = Files.getFileStore(temporary).getUsableSpace() >> 20;
                room = String.format(": %,d MiB are free there; make room, or write it elsewhere", free);
            }
        } catch (IOException unknown) {
            failure.addSuppressed(unknown);
        }
        FileSystemException named = new FileSystemException(target.path.toString(), null, failure.getMessage() + room);
        named.initCause(failure);
        return named;
    }

    /**
     * Forces all to the disk and gives the file its name, in place of one that had it.
     *
     * @throws FileAlreadyExistsException if a file that may not be replaced has come there meanwhile; what was written stays
     *     under its temporary name
     * @throws IOException if it fails; nothing is changed under the file's name then
     */
    public void commit() throws IOException {
        if (temporary == null) {
            close();
            return;
        }
        closed = true;
        try {
            channel.force(true);
            channel.close();
        } catch (IOException e) {
            throw named(e);
        }
        if (Files.exists(target.path)) {
            checkUnchanged();
        }
        Files.move(temporary, target.path, StandardCopyOption.ATOMIC_MOVE);
        forceFolder();
    }

    private void checkUnchanged() throws IOException {
        if (!Files.isRegularFile(target.path) || Files.size(target.path) > 0 && !existing.mayBeReplaced(target.path)) {
            kept = true;
            throw new FileAlreadyExistsException(
                    target.path.toString(), null, "it appeared while this was computed; the result is in " + temporary);
        }
    }

    /** Makes the new name last; not every system lets a folder be opened for that, and the file itself is safe by then. */
    private void forceFolder() {
        try (FileChannel folder = FileChannel.open(target.path.getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        } catch (IOException e) {
            System.getLogger(WholeFile.class.getName())
                    .log(System.Logger.Level.DEBUG, "the folder of " + target.path + " cannot be forced to disk", e);
        }
    }

    /**
     * Whether it can still be written.
     *
     * @return false once it is committed or closed, or an interrupt has closed it
     */
    public boolean isOpen() {
        return !closed && channel.isOpen();
    }

    /**
     * Without a {@link #commit}, deletes what was written. A second call does nothing.
     *
     * @throws IOException if it cannot be deleted
     */
    @Override
    public void close() throws IOException {
        closed = true;
        try {
            if (temporary != null || !isStandard(target.path)) {
                channel.close();
            }
        } finally {
            if (temporary != null && !kept) {
                Files.deleteIfExists(temporary);
            }
        }
    }
}
