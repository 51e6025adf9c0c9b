package dev.skald.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Reads the data of tensors into the caller's memory. Any number of threads may use a reader. */
public final class TensorReader implements AutoCloseable {
    private final GgufFile file;
    private final List<FileChannel> parts = new ArrayList<>();

    TensorReader(GgufFile file) throws IOException {
        this.file = file;
        try {
            for (Path part : file.parts()) {
                parts.add(FileChannel.open(part, StandardOpenOption.READ));
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /**
     * Reads a piece of a tensor.
     *
     * @param tensor a tensor of the file
     * @param offset bytes from the beginning of the tensor
     * @param target the memory to fill
     * @throws IllegalArgumentException if the tensor belongs to another file
     * @throws IllegalStateException if the file is closed
     * @throws IndexOutOfBoundsException if the tensor has fewer bytes
     * @throws GgufFormatException if the file has become shorter since it was opened
     * @throws java.nio.channels.ClosedChannelException if the reader is closed, or the thread is interrupted
     * @throws IOException if the file cannot be read
     */
    public void read(TensorInfo tensor, long offset, MemorySegment target) throws IOException {
        file.data(tensor);
        Objects.checkFromIndexSize(offset, target.byteSize(), tensor.bytes());
        FileChannel channel = parts.get(tensor.part());
        for (long done = 0; done < target.byteSize(); ) {
            // A buffer has an int's length.
            ByteBuffer rest = target.asSlice(done, Math.min(1 << 30, target.byteSize() - done))
                    .asByteBuffer();
            int count = channel.read(rest, tensor.offset() + offset + done);
            if (count < 0) {
                throw new GgufFormatException(
                        file.parts().get(tensor.part()),
                        "has become shorter since it was opened: tensor '" + tensor.name() + "' ends at "
                                + (tensor.offset() + tensor.bytes()) + ", the file at " + channel.size());
            }
            done += count;
        }
    }

    /** Closes the reader, not the file; closing a second time does nothing. */
    @Override
    public void close() throws IOException {
        for (FileChannel part : parts) {
            part.close();
        }
    }
}
