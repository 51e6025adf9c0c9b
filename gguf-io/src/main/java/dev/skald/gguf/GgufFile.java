package dev.skald.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A GGUF file of version 2 or 3, or all parts of a split one, mapped into memory and checked. Immutable and safe for
 * any number of threads; {@link #close()} unmaps it.
 *
 * <p>All counts, sizes and offsets are checked when the file is opened, so the results of the getters can be trusted.
 * Tensors may lie in any order and with gaps; the padding after the last one may be missing, as when llama.cpp loads a
 * model.
 *
 * <p>The file must not be changed or cut off while it is open. (Replacing it by renaming another file is safe: the old one
 * stays mapped.) If a mapped page is missing, the JVM throws an {@link InternalError}. The methods of this class and of {@link
 * GgufMetadata} throw a {@link GgufFormatException} instead. For a caller that reads {@link #data}, {@link #reading} does so.
 */
public final class GgufFile implements AutoCloseable {
    private final Path path;
    private final Arena arena;
    private final List<Part> parts;
    private final Map<String, TensorInfo> tensors;
    private final List<TensorInfo> order;

    private GgufFile(Path path, Arena arena, List<Part> parts, Map<String, TensorInfo> tensors) {
        this.path = path;
        this.arena = arena;
        this.parts = parts;
        this.tensors = tensors;
        this.order = List.copyOf(tensors.values());
    }

    /**
     * Opens a file and checks it.
     *
     * @param file a GGUF file; of a split model any part (named {@code *-00001-of-00003.gguf}), the others beside it
     * @return the open file; the caller closes it
     * @throws GgufFormatException if it is not a valid GGUF file, or a part is missing
     * @throws IOException if it cannot be read
     */
    public static GgufFile open(Path file) throws IOException {
        Arena arena = Arena.ofShared();
        try {
            return open(file, arena);
        } catch (GgufFormatException e) {
            arena.close();
            throw CutPiece.explained(file, e);
        } catch (ClosedChannelException e) {
            arena.close();
            throw new IOException(file + ": opening was interrupted", e);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    private static GgufFile open(Path file, Arena arena) throws IOException {
        Part opened = map(file, arena);
        List<Part> parts = new ArrayList<>();
        Optional<SplitName> split = SplitName.of(opened);
        if (split.isEmpty()) {
            parts.add(opened);
        } else {
            SplitName name = split.get();
            name.checkAllThere();
            for (int i = 0; i < name.count(); i++) {
                Part part = i == name.index() ? opened : map(name.part(i), arena);
                name.checkPart(part, i);
                parts.add(part);
            }
        }
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            int index = i;
            Mapping.reading(part.path, part.file.byteSize(), () -> {
                part.tensors(index, tensors);
                return part;
            });
        }
        if (split.isPresent()) {
            split.get().checkTensors(parts.getFirst(), tensors.size());
        }
        return new GgufFile(file, arena, List.copyOf(parts), tensors);
    }

    private static Part map(Path file, Arena arena) throws IOException {
        // Checked before opening: opening a pipe would wait for a writer, and opening a folder gives an error without a
        // reason.
        BasicFileAttributes attributes = attributes(file);
        if (attributes.isDirectory()) {
            throw new GgufFormatException(file, "is a folder, not a GGUF file" + filesIn(file));
        }
        if (!attributes.isRegularFile()) {
            throw new GgufFormatException(file, "is not a regular file and cannot be mapped: copy it to a file first");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return Mapping.reading(file, bytes.byteSize(), () -> new Part(file, bytes));
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        if (file.toString().isEmpty()) {
            throw new NoSuchFileException("", null, "the name of the file is empty");
        }
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            throw file.toString().matches("https?:/.*")
                    ? new NoSuchFileException(
                            file.toString(), null, "is an address, and models are read from files: download it first")
                    : e;
        }
    }

    private static String filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names = files.map(f -> f.getFileName().toString())
                    .filter(name -> name.endsWith(".gguf"))
                    .sorted()
                    .toList();
            if (names.isEmpty()) {
                return "; there is none in it";
            }
            String shown = String.join(", ", names.subList(0, Math.min(5, names.size())));
            return "; in it are " + names.size() + ": " + shown + (names.size() > 5 ? ", …" : "");
        }
    }

    /**
     * Returns the path that the file was opened with.
     *
     * @return the argument of {@link #open}
     */
    public Path path() {
        return path;
    }

    /**
     * Returns the files of the model.
     *
     * @return all parts in order; only {@link #path()} if the model is not split
     */
    public List<Path> parts() {
        return parts.stream().map(part -> part.path).toList();
    }

    /**
     * Returns the version of the format.
     *
     * @return 2 or 3 (of the first part)
     */
    public int version() {
        return parts.getFirst().version;
    }

    /**
     * Returns the alignment of the tensors' offsets.
     *
     * @return bytes, a power of two (of the first part)
     */
    public int alignment() {
        return parts.getFirst().alignment;
    }

    /**
     * Returns the size of all parts.
     *
     * @return bytes
     */
    public long bytes() {
        return parts.stream().mapToLong(part -> part.file.byteSize()).sum();
    }

    /**
     * Returns the keys and values.
     *
     * @return the metadata (of the first part, which has the model's)
     */
    public GgufMetadata metadata() {
        return parts.getFirst().metadata;
    }

    /**
     * Returns all tensors.
     *
     * @return an unmodifiable list in the file's order, part after part
     */
    public List<TensorInfo> tensors() {
        return order;
    }

    /**
     * Returns the tensor of a name.
     *
     * @param name such as {@code token_embd.weight}
     * @return the tensor, or empty when there is none of that name
     */
    public Optional<TensorInfo> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /**
     * Returns a tensor's data in the mapped file. The slice is valid until {@link #close()}.
     *
     * @param tensor one of {@link #tensors()}
     * @return {@link TensorInfo#bytes()} bytes, read-only
     * @throws IllegalArgumentException if the tensor belongs to another file
     * @throws IllegalStateException if this file is closed
     */
    public MemorySegment data(TensorInfo tensor) {
        if (tensors.get(tensor.name()) != tensor) {
            throw new IllegalArgumentException("tensor '" + tensor.name() + "' is not one of " + path);
        }
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException(path + " is closed");
        }
        return parts.get(tensor.part()).file.asSlice(tensor.offset(), tensor.bytes());
    }

    /**
     * Runs something that reads {@link #data}, and throws an ordinary exception if the file has changed. The body should read with
     * {@link MemorySegment#copy}: if a page is missing, a copy throws, but some compiled loops crash the JVM (JDK 25, x86-64).
     *
     * @param <T> the type of the result
     * @param body reads the data, on this thread or on others whose errors it throws
     * @return the result of the body
     * @throws GgufFormatException if the file was cut off since it was opened, or its disk fails
     */
    public <T> T reading(Supplier<T> body) {
        return reading(() -> List.of(this), body);
    }

    /**
     * Runs something that reads the {@link #data} of several files, as {@link #reading(Supplier)} does for one file. The exception
     * names the file that was cut off.
     *
     * @param <T> the type of the result
     * @param files the files that the body reads, at least one; asked for only if a page is missing
     * @param body reads the data, on this thread or on others whose errors it throws
     * @return the result of the body
     * @throws GgufFormatException if one of the files was cut off since it was opened, or its disk fails
     */
    public static <T> T reading(Supplier<List<GgufFile>> files, Supplier<T> body) {
        try {
            return body.get();
        } catch (InternalError fault) {
            List<Part> parts =
                    files.get().stream().flatMap(file -> file.parts.stream()).toList();
            Part cutOff = parts.stream()
                    .filter(part -> Mapping.isShorter(part.path, part.file.byteSize()))
                    .findFirst()
                    .orElse(parts.getFirst());
            throw Mapping.changed(cutOff.path, cutOff.file.byteSize(), fault);
        }
    }

    /**
     * Opens the file to read tensors into the caller's memory, piece by piece. Unlike the pages of {@link #data}, what
     * is read this way does not stay in this process's memory.
     *
     * @return a reader; the caller closes it
     * @throws IllegalStateException if this file is closed
     * @throws IOException if it cannot be opened
     */
    public TensorReader reader() throws IOException {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException(path + " is closed");
        }
        return new TensorReader(this);
    }

    /**
     * Removes the pages read so far from this process's memory, for example after the caller has copied a vocabulary.
     * Later accesses read from the file, or from the system's copy of it, again.
     *
     * @throws IllegalStateException if this file is closed
     */
    public void unload() {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException(path + " is closed");
        }
        parts.forEach(part -> part.file.unload());
    }

    /**
     * Unmaps the file; a second call does nothing. Later accesses to metadata or data throw {@link
     * IllegalStateException}.
     *
     * @throws IllegalStateException if an operating-system call of another thread is using the data; the file stays
     *     open
     */
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    /**
     * Describes the file by its path and its numbers of parts and tensors.
     *
     * @return such as {@code model.gguf (291 tensors)}
     */
    @Override
    public String toString() {
        String split = parts.size() == 1 ? "" : parts.size() + " parts, ";
        return path + " (" + split + order.size() + " tensors)";
    }
}
