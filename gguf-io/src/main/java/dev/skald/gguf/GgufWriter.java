package dev.skald.gguf;

import dev.skald.gguf.io.Existing;
import dev.skald.gguf.io.WholeFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a GGUF file of version 3 that llama.cpp can read. Keys and tensors are written in the order of the calls, and
 * tensors without gaps except for the alignment. The same calls give the same bytes.
 *
 * <p>First declare all keys and tensors, then write the tensors' data in the declared order. Data go straight to the
 * file, so the heap does not grow with their size. The file is written under a temporary name beside the target ({@code
 * *.part}); {@link #commit()} gives it its own name. {@link #close()} without a commit deletes the temporary file. A
 * killed process leaves the temporary file, which may be deleted. Only one thread may use a writer.
 *
 * <p>Arrays of arrays are written as the specification defines them; llama.cpp refuses a file with such a key.
 *
 * {@snippet :
 * try (GgufWriter writer = GgufWriter.create(Path.of("tiny.gguf"))) {
 *     writer.put("general.architecture", "llama").putUint32("llama.block_count", 2);
 *     writer.tensor("token_embd.weight", GgmlType.F32, 64, 256);
 *     writer.data("token_embd.weight", MemorySegment.ofArray(weights));
 *     writer.commit();
 * }
 * }
 */
public final class GgufWriter implements AutoCloseable {
    /**
     * The elements of an array with an explicit type, for {@link #put(String, Object)}.
     *
     * @param type the type of every element
     * @param values values that {@link #put(String, GgufValueType, Object)} accepts for that type
     */
    public record Elements(GgufValueType type, List<?> values) {
        /** The elements as they are now. */
        public Elements {
            values = List.copyOf(values);
        }
    }

    private static final int VERSION = 3;
    /** llama.cpp stores a tensor's name in 64 bytes, the last of which is 0. */
    private static final int MAX_NAME_BYTES = 63;

    /** Keys and descriptions are encoded in memory, so each must fit an array. */
    private static final long MAX_HEAD_BYTES = 3L * Integer.MAX_VALUE;

    private static final int BUFFER_BYTES = 1 << 20;

    private record Declared(String name, byte[] utf8, GgmlType type, long[] shape, long bytes) {}

    private final Path target;
    private final WholeFile file;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private final Encoder keys = new Encoder();
    private final Set<String> keyNames = new HashSet<>();
    private final Set<String> tensorNames = new HashSet<>();
    private final List<Declared> tensors = new ArrayList<>();
    private long total = MAX_HEAD_BYTES;
    private int alignment = Part.DEFAULT_ALIGNMENT;

    private boolean begun;
    private boolean failed;
    private boolean committed;
    private long position;
    private int current;
    private long written;

    private GgufWriter(Path target, WholeFile file) {
        this.target = target;
        this.file = file;
    }

    /**
     * Begins a new file. It appears under its name with {@link #commit()}.
     *
     * @param file the target; a symbolic link is followed, and an empty file counts as missing
     * @return the writer; the caller closes it
     * @throws java.nio.file.FileAlreadyExistsException if the file exists and is not empty
     * @throws IOException if the file cannot be created
     */
    public static GgufWriter create(Path file) throws IOException {
        return new GgufWriter(file, WholeFile.create(file, Existing.KEEP));
    }

    /**
     * Begins a file that replaces an existing one with {@link #commit()}.
     *
     * @param file the target; a symbolic link is followed
     * @return the writer; the caller closes it
     * @throws IOException if the file cannot be created
     */
    public static GgufWriter replace(Path file) throws IOException {
        return new GgufWriter(file, WholeFile.create(file, Existing.REPLACE));
    }

    /**
     * Adds a key. The value's class determines the type: String, Boolean, Byte (INT8), Short (INT16), Integer (INT32),
     * Long (INT64), Float, Double; arrays of int, long, float, double or boolean; a list of Strings; {@link Elements}
     * or {@link GgufArray} for arrays of any type. llama.cpp expects counts and sizes as {@code UINT32}: {@link
     * #putUint32}.
     *
     * @param key a name that no other key has
     * @param value its value
     * @return this
     * @throws IllegalArgumentException if the key is empty, too long or already used, or the value has another class
     * @throws IllegalStateException if data have been written, or the writer is closed
     */
    public GgufWriter put(String key, Object value) {
        return put(key, Encoder.typeOf(key, value), value);
    }

    /**
     * Adds a key with a value of an explicit type. It accepts what {@link GgufMetadata#get} returns, with the type from
     * {@link GgufMetadata#type}.
     *
     * @param key a name that no other key has
     * @param type the type in the file
     * @param value any integer that fits for an integer type, any number for a floating-point type, a Boolean, a String,
     *     or one of the arrays of {@link #put(String, Object)}
     * @return this
     * @throws IllegalArgumentException if the key is empty, too long or already used, or the value does not fit the
     *     type
     * @throws IllegalStateException if data have been written, or the writer is closed
     */
    public GgufWriter put(String key, GgufValueType type, Object value) {
        checkDeclaring();
        byte[] name = Encoder.utf8(key, "the key");
        if (name.length == 0 || name.length > Part.MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "key '" + key + "' has " + name.length + " bytes; 1 to " + Part.MAX_KEY_BYTES + " are allowed");
        }
        if (keyNames.contains(key)) {
            throw new IllegalArgumentException("key '" + key + "' exists already");
        }
        if (keyNames.size() == Part.MAX_KEYS) {
            throw new IllegalArgumentException(
                    "key '" + key + "' is one more than the " + Part.MAX_KEYS + " supported");
        }
        int before = keys.size();
        try {
            keys.string(name).u32(type.id()).value(key, type, value);
            if (key.equals(Part.ALIGNMENT)) {
                alignment = checkedAlignment(type, value);
            }
        } catch (RuntimeException e) {
            keys.truncate(before);
            throw e;
        }
        keyNames.add(key);
        return this;
    }

    /**
     * Adds a key with an unsigned 32-bit integer, the type of a model's counts and sizes.
     *
     * @param key a name that no other key has
     * @param value 0 to 4294967295
     * @return this
     * @throws IllegalArgumentException if the key is empty, too long or already used, or the value is out of range
     * @throws IllegalStateException if data have been written, or the writer is closed
     */
    public GgufWriter putUint32(String key, long value) {
        return put(key, GgufValueType.UINT32, value);
    }

    /**
     * Declares a tensor. Data must be written in the order of these calls.
     *
     * @param name a name that no other tensor has, at most 63 bytes
     * @param type the type of the blocks
     * @param shape 1 to 4 sizes, the row's length first, which is a multiple of the type's block
     * @return this
     * @throws IllegalArgumentException if the name or the shape is invalid, or the size does not fit a long
     * @throws IllegalStateException if data have been written, or the writer is closed
     */
    public GgufWriter tensor(String name, GgmlType type, long... shape) {
        checkDeclaring();
        byte[] utf8 = Encoder.utf8(name, "the tensor's name");
        if (utf8.length == 0 || utf8.length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("tensor name '" + name + "' has " + utf8.length + " bytes; 1 to "
                    + MAX_NAME_BYTES + " are allowed, as in llama.cpp");
        }
        if (tensorNames.contains(name)) {
            throw new IllegalArgumentException("tensor '" + name + "' exists already");
        }
        if (tensors.size() == Part.MAX_TENSORS) {
            throw new IllegalArgumentException(
                    "tensor '" + name + "' is one more than the " + Part.MAX_TENSORS + " supported");
        }
        String what = "tensor '" + name + "' of type " + type + " and shape " + TensorInfo.describe(shape);
        if (shape.length == 0 || shape.length > Part.MAX_RANK) {
            throw new IllegalArgumentException(
                    what + " has " + shape.length + " dimensions; 1 to " + Part.MAX_RANK + " are allowed");
        }
        if (shape[0] % type.blockElements() != 0) {
            throw new IllegalArgumentException(what + " has rows of " + shape[0]
                    + " elements, not a whole number of blocks of " + type.blockElements());
        }
        try {
            long elements = 1;
            for (long size : shape) {
                if (size <= 0) {
                    throw new IllegalArgumentException(what + " has a dimension of size " + size);
                }
                elements = Math.multiplyExact(elements, size);
            }
            long bytes = type.bytes(elements);
            // With the largest padding there is, so that no place computed later can overflow.
            total = Math.addExact(total, Math.addExact(bytes, Part.MAX_ALIGNMENT));
            tensors.add(new Declared(name, utf8, type, shape.clone(), bytes));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(what + " has more than " + Long.MAX_VALUE + " elements or bytes");
        }
        tensorNames.add(name);
        return this;
    }

    /**
     * Writes all data of the next tensor.
     *
     * @param name the tensor, the first in declared order without data
     * @param blocks its data: exactly its size in bytes
     * @throws IllegalArgumentException if this is not the next tensor, or the size is wrong
     * @throws IllegalStateException if part of its data has been written, or the writer is closed or has failed
     * @throws IOException if writing fails; after that the writer can only be closed
     */
    public void data(String name, MemorySegment blocks) throws IOException {
        Declared tensor = next(name);
        if (written != 0) {
            throw new IllegalStateException("tensor '" + name + "' has " + written + " bytes of data already");
        }
        if (blocks.byteSize() != tensor.bytes) {
            throw new IllegalArgumentException(
                    "tensor '" + name + "' takes " + tensor.bytes + " bytes, not " + blocks.byteSize());
        }
        append(name, blocks);
    }

    /**
     * Writes more data of the next tensor, for tensors that are too large for memory. When its data are complete, the
     * following tensor is next.
     *
     * @param name the tensor, the first in declared order whose data are not complete
     * @param chunk the bytes that follow those written so far
     * @throws IllegalArgumentException if this is not the next tensor, or the chunk goes beyond its end
     * @throws IllegalStateException if the writer is closed or has failed
     * @throws IOException if writing fails; after that the writer can only be closed
     */
    public void append(String name, MemorySegment chunk) throws IOException {
        Declared tensor = next(name);
        if (chunk.byteSize() > tensor.bytes - written) {
            throw new IllegalArgumentException("tensor '" + name + "' takes " + tensor.bytes + " bytes and has "
                    + written + " already; " + chunk.byteSize() + " more are too many");
        }
        // Until the chunk is through; whatever stops it half-way leaves a file that cannot go on.
        failed = true;
        begin();
        write(chunk);
        written += chunk.byteSize();
        if (written == tensor.bytes) {
            pad();
            current++;
            written = 0;
        }
        failed = false;
    }

    /**
     * Completes the file: checks that all data are written, forces them to the disk and gives the file its name. It
     * replaces an existing file if {@link #replace} was used. A process that has the old file open can go on reading it
     * (on Windows, the commit fails). After a commit, call {@link #close()}.
     *
     * @throws IllegalStateException if data are missing, or the writer is closed, has failed or is already committed
     * @throws IOException if writing or renaming fails; the file of that name is unchanged then
     */
    public void commit() throws IOException {
        checkUsable();
        if (current < tensors.size()) {
            Declared tensor = tensors.get(current);
            throw new IllegalStateException("tensor '" + tensor.name + "' (" + current + " of " + tensors.size()
                    + ") has " + written + " of " + tensor.bytes + " bytes of data: write the rest before the commit");
        }
        failed = true;
        begin();
        flush();
        file.commit();
        committed = true;
    }

    /**
     * Closes the writer; without a {@link #commit()}, the temporary file is deleted. A second call does nothing.
     *
     * @throws IOException if the temporary file cannot be deleted
     */
    @Override
    public void close() throws IOException {
        file.close();
    }

    private static int checkedAlignment(GgufValueType type, Object value) {
        if (type != GgufValueType.UINT32) {
            throw new IllegalArgumentException("key '" + Part.ALIGNMENT + "' is " + type + "; it must be UINT32");
        }
        long alignment = ((Number) value).longValue();
        if (alignment < Part.MIN_ALIGNMENT || alignment > Part.MAX_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw new IllegalArgumentException("key '" + Part.ALIGNMENT + "' is " + alignment
                    + "; it must be a power of two from " + Part.MIN_ALIGNMENT + " to " + Part.MAX_ALIGNMENT);
        }
        return (int) alignment;
    }

    private void checkUsable() {
        if (committed || !file.isOpen()) {
            throw new IllegalStateException("the writer of " + target + " is " + (committed ? "committed" : "closed"));
        }
        if (failed) {
            throw new IllegalStateException(
                    "an earlier write to " + target + " failed: close this writer and start again");
        }
    }

    private void checkDeclaring() {
        checkUsable();
        if (begun) {
            throw new IllegalStateException(
                    "keys and tensors of " + target + " cannot be added after data have been written");
        }
    }

    private Declared next(String name) {
        checkUsable();
        if (current == tensors.size()) {
            throw new IllegalArgumentException("data were given for tensor '" + name + "', but all " + tensors.size()
                    + " declared tensors are complete");
        }
        Declared tensor = tensors.get(current);
        if (!tensor.name.equals(name)) {
            throw new IllegalArgumentException(
                    "data were given for tensor '" + name + "', but the next in declared order" + " is '" + tensor.name
                            + "' (" + current + " of " + tensors.size() + ")");
        }
        return tensor;
    }

    /** Writes all that comes before the data. */
    private void begin() throws IOException {
        if (begun) {
            return;
        }
        begun = true;
        Encoder head = new Encoder();
        head.bytes(new byte[] {'G', 'G', 'U', 'F'})
                .u32(VERSION)
                .u64(tensors.size())
                .u64(keyNames.size());
        write(MemorySegment.ofBuffer(head.bytes()));
        write(MemorySegment.ofBuffer(keys.bytes()));
        head.truncate(0);
        long offset = 0;
        for (Declared tensor : tensors) {
            head.string(tensor.utf8).u32(tensor.shape.length);
            for (long size : tensor.shape) {
                head.u64(size);
            }
            head.u32(tensor.type.id()).u64(offset);
            offset = Part.alignUp(offset + tensor.bytes, alignment);
        }
        write(MemorySegment.ofBuffer(head.bytes()));
        pad();
    }

    private void pad() throws IOException {
        write(MemorySegment.ofArray(new byte[(int) (Part.alignUp(position, alignment) - position)]));
    }

    private void write(MemorySegment bytes) throws IOException {
        long done = 0;
        while (done < bytes.byteSize()) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            long step = Math.min(buffer.remaining(), bytes.byteSize() - done);
            MemorySegment.copy(bytes, done, MemorySegment.ofBuffer(buffer), 0, step);
            buffer.position(buffer.position() + (int) step);
            done += step;
        }
        position += bytes.byteSize();
    }

    private void flush() throws IOException {
        file.write(buffer.flip());
        buffer.clear();
    }
}
