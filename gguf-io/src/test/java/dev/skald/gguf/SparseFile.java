package dev.skald.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files whose zeros take no room on the disk, if the file system can do that. */
final class SparseFile {
    private SparseFile() {}

    static void write(Path file, byte[] start, long size) throws IOException {
        write(file, start, size, new byte[1]);
    }

    /** Bytes at the beginning and at the end, zeros between. */
    static void write(Path file, byte[] start, long size, byte[] end) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(start));
            channel.write(ByteBuffer.wrap(end), size - end.length);
        }
    }
}
