package dev.skald.runtime.quantize;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufWriter;
import dev.skald.gguf.TensorInfo;
import dev.skald.gguf.io.Existing;
import dev.skald.gguf.io.InputFile;
import dev.skald.gguf.io.WholeFile;
import dev.skald.runtime.quantize.ImportanceMatrix.Entry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The two forms of llama.cpp's importance matrices (tools/imatrix and tools/quantize there).
 *
 * <p>GGUF: {@code general.type} is {@code imatrix}. Each tensor has {@code NAME.in_sum2}, the sums of squares ({@code [columns,
 * matrices]}), and {@code NAME.counts}, the number of rows added ({@code [1, matrices]}), both F32. Newer files may have {@code
 * NAME.in_sum} too, which Skald does not need.
 *
 * <p>{@code .dat}, all numbers little-endian: the number of entries; for each entry the length of the name and the name, the
 * number of chunks, the number of values, and the values (mean squares times the number of chunks). Then come the number of
 * chunks, and the length and name of the dataset; early files lack these.
 */
final class ImportanceFiles {
    private static final String TYPE = "general.type";
    private static final String DATASETS = "imatrix.datasets";
    private static final String CHUNK_COUNT = "imatrix.chunk_count";
    private static final String CHUNK_SIZE = "imatrix.chunk_size";
    private static final String SQUARES = ".in_sum2";
    private static final String COUNTS = ".counts";
    private static final byte[] GGUF = "GGUF".getBytes(StandardCharsets.US_ASCII);

    /** Far more than a matrix counts, and exact in a double. */
    private static final float MOST_ROWS = 1L << 52;

    /** So that their bytes fit one array. */
    private static final int MOST_VALUES = Integer.MAX_VALUE / 4 - 2;

    private ImportanceFiles() {}

    static ImportanceMatrix read(Path file) throws IOException {
        try (FileChannel channel = InputFile.open(file)) {
            ByteBuffer magic = ByteBuffer.allocate(GGUF.length);
            while (magic.hasRemaining() && channel.read(magic) >= 0) {
                // Until four bytes are there or the file has ended.
            }
            if (!Arrays.equals(magic.array(), GGUF)) {
                return readDat(file, channel);
            }
        }
        try (GgufFile gguf = GgufFile.open(file)) {
            return readGguf(gguf);
        }
    }

    private static ImportanceMatrix readGguf(GgufFile gguf) {
        GgufMetadata keys = gguf.metadata();
        String type = keys.getString(TYPE, "imatrix");
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (TensorInfo tensor : gguf.tensors()) {
            if (tensor.name().endsWith(SQUARES)) {
                String name = tensor.name().substring(0, tensor.name().length() - SQUARES.length());
                entries.put(name, entry(gguf, name, tensor));
            }
        }
        if (!type.equals("imatrix") || entries.isEmpty()) {
            throw new GgufFormatException(gguf.path() + " is not an importance matrix: its " + TYPE + " is '" + type
                    + "', and " + entries.size() + " of its " + gguf.tensors().size() + " tensors end in " + SQUARES
                    + ". Make one with skald imatrix");
        }
        return new ImportanceMatrix(
                entries,
                keys.contains(DATASETS) ? keys.getStrings(DATASETS) : List.of(),
                keys.getInt(CHUNK_COUNT, 0),
                Math.max(1, keys.getInt(CHUNK_SIZE, ImportanceMatrix.USUAL_CHUNK)));
    }

    private static Entry entry(GgufFile gguf, String name, TensorInfo squares) {
        TensorInfo counts = gguf.tensor(name + COUNTS)
                .orElseThrow(() -> new GgufFormatException(gguf.path() + ": tensor " + squares.name()
                        + " is there without " + name + COUNTS + ": the importance matrix is not complete"));
        if (squares.elements() % counts.elements() != 0) {
            throw new GgufFormatException(gguf.path() + ": tensor " + squares.name() + " has the shape "
                    + squares.shape() + ", which " + counts.elements() + " counts do not divide");
        }
        float[] rows = floats(gguf, counts);
        for (float row : rows) {
            if (!(row <= MOST_ROWS)) {
                throw new GgufFormatException(gguf.path() + ": tensor " + counts.name() + " counts " + row + " rows");
            }
        }
        long[] rounded = new long[rows.length];
        Arrays.setAll(rounded, i -> Math.round((double) rows[i]));
        return new Entry(floats(gguf, squares), rounded);
    }

    /** Returns a tensor of numbers that are finite and not negative. */
    private static float[] floats(GgufFile gguf, TensorInfo tensor) {
        if (tensor.type() != GgmlType.F32 || tensor.elements() > MOST_VALUES) {
            throw new GgufFormatException(gguf.path() + ": tensor " + tensor.name() + " of an importance matrix is "
                    + tensor.type() + " of the shape " + tensor.shape() + "; it has to be F32, and fit one array");
        }
        float[] values = new float[(int) tensor.elements()];
        gguf.reading(() -> {
            MemorySegment.copy(gguf.data(tensor), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values, 0, values.length);
            return values;
        });
        checkSums(gguf.path(), tensor.name(), values);
        return values;
    }

    private static void checkSums(Path file, String name, float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] >= 0 && values[i] < Float.POSITIVE_INFINITY)) {
                throw new GgufFormatException(
                        file + ": value " + i + " of " + name + " is " + values[i]
                                + ": a sum of squares is a number from 0, so the file is damaged, or was made with a broken model");
            }
        }
    }

    static void writeGguf(ImportanceMatrix matrix, Path file, boolean overwrite) throws IOException {
        try (GgufWriter writer = overwrite ? GgufWriter.replace(file) : GgufWriter.create(file)) {
            writer.put(TYPE, "imatrix")
                    .put(DATASETS, matrix.datasets())
                    .putUint32(CHUNK_COUNT, matrix.chunks())
                    .putUint32(CHUNK_SIZE, matrix.chunkSize());
            matrix.entries().forEach((name, entry) -> {
                writer.tensor(name + SQUARES, GgmlType.F32, entry.columns(), entry.counts().length);
                writer.tensor(name + COUNTS, GgmlType.F32, 1, entry.counts().length);
            });
            for (Map.Entry<String, Entry> one : matrix.entries().entrySet()) {
                float[] counts = new float[one.getValue().counts().length];
                for (int i = 0; i < counts.length; i++) {
                    counts[i] = one.getValue().counts()[i];
                }
                writer.data(one.getKey() + SQUARES, bytes(one.getValue().squares()));
                writer.data(one.getKey() + COUNTS, bytes(counts));
            }
            writer.commit();
        }
    }

    private static MemorySegment bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return MemorySegment.ofBuffer(bytes);
    }

    private static ImportanceMatrix readDat(Path file, FileChannel channel) throws IOException {
        Cursor in = new Cursor(file, channel);
        int count = in.count("entries", 12);
        Map<String, Entry> entries = new LinkedHashMap<>();
        int most = 0;
        for (int i = 0; i < count; i++) {
            String name = in.text("the name of entry " + i);
            int chunks = in.number("chunks of " + name);
            float[] values = in.floats(name);
            checkSums(file, name, values);
            // Means times the number of chunks become sums over all tokens.
            long tokens = chunks > 0 ? ImportanceMatrix.USUAL_CHUNK : 1;
            for (int j = 0; j < values.length; j++) {
                values[j] *= tokens;
            }
            checkSums(file, name, values);
            entries.put(name, new Entry(values, new long[] {Math.max(1, chunks) * tokens}));
            most = Math.max(most, chunks);
        }
        int chunks = in.atEnd() ? most : in.number("chunks");
        List<String> datasets = in.atEnd() ? List.of() : List.of(in.text("the dataset"));
        return new ImportanceMatrix(entries, datasets, Math.max(0, chunks), ImportanceMatrix.USUAL_CHUNK);
    }

    static void writeDat(ImportanceMatrix matrix, Path file, boolean overwrite) throws IOException {
        try (WholeFile out = WholeFile.create(file, Existing.replaceIf(overwrite))) {
            out.write(ints(matrix.entries().size()));
            for (Map.Entry<String, Entry> one : matrix.entries().entrySet()) {
                byte[] name = one.getKey().getBytes(StandardCharsets.UTF_8);
                float[] means = one.getValue().means();
                long rows = LongStream.of(one.getValue().counts()).max().orElse(0);
                int chunks = Math.toIntExact(Math.ceilDiv(Math.max(1, rows), matrix.chunkSize()));
                for (int i = 0; i < means.length; i++) {
                    means[i] *= chunks;
                }
                out.write(ints(name.length));
                out.write(ByteBuffer.wrap(name));
                out.write(ints(chunks, means.length));
                out.write(bytes(means).asByteBuffer());
            }
            byte[] dataset = matrix.datasets().isEmpty()
                    ? new byte[0]
                    : matrix.datasets().getLast().getBytes(StandardCharsets.UTF_8);
            out.write(ints(matrix.chunks(), dataset.length));
            out.write(ByteBuffer.wrap(dataset));
            out.commit();
        }
    }

    private static ByteBuffer ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return bytes;
    }

    /** Reads a {@code .dat}, and believes no count that the remaining bytes cannot hold. */
    private static final class Cursor {
        private final Path file;
        private final FileChannel channel;
        private final long size;
        private long position;

        Cursor(Path file, FileChannel channel) throws IOException {
            this.file = file;
            this.channel = channel;
            this.size = channel.size();
        }

        boolean atEnd() {
            return position == size;
        }

        int number(String what) throws IOException {
            if (size - position < 4) {
                throw bad("ends where the number of " + what + " should stand");
            }
            return read(4).getInt();
        }

        /** Returns a count of at least one, of things that take so many bytes each. */
        int count(String what, int bytes) throws IOException {
            int count = number(what);
            if (count < 1 || count > MOST_VALUES || (long) count * bytes > size - position) {
                throw bad("says that it has " + count + " " + what);
            }
            return count;
        }

        String text(String what) throws IOException {
            int length = number("bytes of " + what);
            if (length < 0 || length > size - position) {
                throw bad("says that " + what + " has " + length + " bytes");
            }
            return new String(read(length).array(), StandardCharsets.UTF_8);
        }

        float[] floats(String name) throws IOException {
            float[] values = new float[count("values for " + name, 4)];
            read(4 * values.length).asFloatBuffer().get(values);
            return values;
        }

        private ByteBuffer read(int bytes) throws IOException {
            ByteBuffer read = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
            while (read.hasRemaining()) {
                int count = channel.read(read, position + read.position());
                if (count < 0) {
                    throw new GgufFormatException(file + ": has " + channel.size() + " bytes, and had " + size
                            + " when it was opened: it was changed while it was read. Try again once it is whole");
                }
            }
            position += bytes;
            return read.flip();
        }

        private GgufFormatException bad(String what) {
            return new GgufFormatException(file
                    + " is not an importance matrix, neither a GGUF file nor of llama.cpp's older"
                    + " form, or it is damaged: before byte " + position + " of " + size + " it " + what);
        }
    }
}
