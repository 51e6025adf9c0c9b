package dev.skald.gguf.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Opens files that are read at any place, which a pipe does not allow. */
public final class InputFile {
    private InputFile() {}

    /**
     * Opens a regular file for reading.
     *
     * @param file the file
     * @return the channel; the caller closes it
     * @throws NoSuchFileException if there is none
     * @throws FileSystemException if it is a folder, a pipe or a device
     * @throws IOException if it cannot be opened
     */
    public static FileChannel open(Path file) throws IOException {
        check(file);
        return FileChannel.open(file, StandardOpenOption.READ);
    }

    /**
     * Finds out what a path names, without opening it: opening a pipe would wait for a writer.
     *
     * @param file the path
     * @throws NoSuchFileException if there is nothing
     * @throws FileSystemException if it is a folder, a pipe or a device
     * @throws IOException if that cannot be found out
     */
    public static void check(Path file) throws IOException {
        if (file.toString().isEmpty()) {
            throw new FileSystemException("", null, "the name of the file to read is empty");
        }
        var attributes = Files.readAttributes(file, "isDirectory,isRegularFile");
        if ((boolean) attributes.get("isDirectory")) {
            throw new FileSystemException(file.toString(), null, "is a folder; name a file");
        }
        if (!(boolean) attributes.get("isRegularFile")) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    "is a pipe or a device, and this file is not read from beginning to end: save it as a regular file first");
        }
    }
}
