package dev.skald.runtime.quantize;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.runtime.quantize.QuantizationPlan.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Converts the rows of tensors to other types. The team shares the rows of a chunk; each worker reads, decodes and encodes some
 * rows at a time. Then the chunk is written.
 */
final class Converter implements AutoCloseable {
    /** Encoded bytes that wait to be written. */
    private static final long CHUNK_BYTES = 8 << 20;

    /** Weights that a worker takes at a time: few enough for the second-level cache, and enough to be worth a read. */
    private static final int ITEM_WEIGHTS = 1 << 16;

    private static final float LARGEST_HALF = 65_504;

    private final Source source;
    private final Source.Reader reader;
    private final QuantizeOptions options;
    private final WorkerTeam team;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment[] blocks;
    private final float[][] floats;
    private MemorySegment chunk = MemorySegment.NULL;

    Converter(Source source, Source.Reader reader, QuantizeOptions options, WorkerTeam team) {
        this.source = source;
        this.reader = reader;
        this.options = options;
        this.team = team;
        blocks = new MemorySegment[team.threads()];
        floats = new float[team.threads()][0];
    }

    /** Writes all tensors, and reports how many bytes of the source are done. */
    void convertAll(List<Tensor> tensors, Output output, LongConsumer progress) throws IOException {
        try {
            long done = 0;
            for (Tensor tensor : tensors) {
                long before = done;
                LongConsumer within = bytes -> progress.accept(before + bytes);
                if (tensor.converts()) {
                    convert(tensor, output, within);
                } else {
                    copy(tensor, output, within);
                }
                output.completed();
                done += tensor.source().bytes();
            }
        } catch (ClosedChannelException e) {
            throw interruption(e);
        } catch (UncheckedIOException e) {
            throw interruption(e.getCause());
        }
    }

    /** An interrupt closes the channel that its thread is using; other threads only see a closed channel. */
    private static IOException interruption(IOException failure) {
        return Thread.currentThread().isInterrupted() ? new ClosedByInterruptException() : failure;
    }

    private void copy(Tensor tensor, Output output, LongConsumer progress) throws IOException {
        TensorInfo info = tensor.source();
        long bytes = info.bytes();
        long rowBytes = info.type().bytes(info.columns());
        long step = Math.max(rowBytes, CHUNK_BYTES / rowBytes * rowBytes);
        for (long at = 0; at < bytes; at += step) {
            checkInterrupt(Thread.currentThread());
            MemorySegment piece = chunk(Math.min(step, bytes - at));
            reader.read(info, at, piece);
            checkFinite(info, at / rowBytes, piece);
            output.append(tensor, piece);
            progress.accept(at + piece.byteSize());
        }
    }

    /** Checks rows that are copied; encoding checks all others. The blocks of an original are its maker's and stay. */
    private void checkFinite(TensorInfo info, long first, MemorySegment rows) {
        Optional<QuantFormat> format =
                QuantFormats.find(info.type()).filter(f -> f.type().blockElements() == 1 || !source.keepsBlocks());
        if (format.isEmpty()) {
            return;
        }
        int columns = Math.toIntExact(info.columns());
        long rowBytes = info.type().bytes(columns);
        int count = Math.toIntExact(rows.byteSize() / rowBytes);
        int itemRows = Math.max(1, ITEM_WEIGHTS / columns);
        team.run(Math.ceilDiv(count, itemRows), 1, (worker, from, to) -> {
            float[] row = floats(worker, columns);
            int end = Math.min(count, to * itemRows);
            for (int r = from * itemRows; r < end; r++) {
                format.get().decode(rows, r * rowBytes, row, 0, columns);
                for (int i = 0; i < columns; i++) {
                    if (!Float.isFinite(row[i])) {
                        throw damaged(info, first + r, "column " + i + " is " + row[i] + ", so the file is damaged");
                    }
                }
            }
        });
    }

    private GgufFormatException damaged(TensorInfo info, long row, String problem) {
        return new GgufFormatException(source.path() + ": tensor '" + info.name() + "', row " + row + ": " + problem);
    }

    private void convert(Tensor tensor, Output output, LongConsumer progress) throws IOException {
        TensorInfo info = tensor.source();
        int columns = Math.toIntExact(info.columns());
        long sourceRow = info.type().bytes(columns);
        long targetRow = tensor.type().bytes(columns);
        long rowsAtOnce = Math.clamp(CHUNK_BYTES / targetRow, 1, Math.min(info.rows(), 1 << 24));
        int itemRows = Math.max(1, ITEM_WEIGHTS / columns);
        Rows rows = new Rows(tensor);
        for (long first = 0; first < info.rows(); first += rowsAtOnce) {
            int count = (int) Math.min(rowsAtOnce, info.rows() - first);
            long start = first;
            MemorySegment target = chunk(count * targetRow);
            Thread caller = Thread.currentThread();
            team.run(Math.ceilDiv(count, itemRows), 1, (worker, from, to) -> {
                checkInterrupt(caller);
                int end = Math.min(count, to * itemRows);
                for (int row = from * itemRows; row < end; row += itemRows) {
                    rows.convert(worker, start + row, Math.min(itemRows, end - row), target, row * targetRow);
                }
            });
            output.append(tensor, target);
            progress.accept((first + count) * sourceRow);
        }
    }

    /** The rows of one tensor. */
    private final class Rows {
        private final Tensor tensor;
        private final int columns;
        private final QuantFormat from;
        private final QuantFormat to;
        /** The importance for each matrix of the tensor; empty if there is none. */
        private final List<float[]> importances = new ArrayList<>();

        Rows(Tensor tensor) {
            this.tensor = tensor;
            columns = (int) tensor.source().columns();
            from = QuantFormats.of(tensor.source().type());
            to = QuantFormats.of(tensor.type());
            Planner.importance(options, tensor.source()).ifPresent(all -> {
                for (int i = 0; i < all.length; i += columns) {
                    importances.add(Arrays.copyOfRange(all, i, i + columns));
                }
            });
        }

        /** A format with blocks refuses such weights itself; a plain one would write infinities. */
        private void checkRange(float[] weights, int first) {
            float most = to.type() == GgmlType.F16 ? LARGEST_HALF : Float.MAX_VALUE;
            for (int i = 0; i < columns; i++) {
                if (!(Math.abs(weights[first + i]) <= most)) {
                    throw new IllegalArgumentException(
                            "column " + i + " is " + weights[first + i] + ", which " + to + " cannot hold");
                }
            }
        }

        private float[] importance(long row) {
            return importances.isEmpty()
                    ? null
                    : importances.get((int) (row / tensor.source().dim(1) % importances.size()));
        }

        void convert(int worker, long first, int count, MemorySegment target, long offset) {
            int weights = Math.multiplyExact(count, columns);
            long sourceRow = from.type().bytes(columns);
            MemorySegment read = blocks(worker, count * sourceRow);
            try {
                reader.read(tensor.source(), first * sourceRow, read);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            from.decode(read, 0, floats(worker, weights), 0, weights);
            long targetRow = to.type().bytes(columns);
            for (int row = 0; row < count; row++) {
                try {
                    if (to.type().blockElements() == 1) {
                        checkRange(floats[worker], row * columns);
                    }
                    to.encode(
                            floats[worker],
                            row * columns,
                            importance(first + row),
                            target,
                            offset + row * targetRow,
                            columns);
                } catch (IllegalArgumentException bad) {
                    throw damaged(tensor.source(), first + row, bad.getMessage());
                }
            }
        }
    }

    private MemorySegment chunk(long bytes) {
        if (chunk.byteSize() < bytes) {
            chunk = arena.allocate(Math.max(bytes, CHUNK_BYTES), 64);
        }
        return chunk.asSlice(0, bytes);
    }

    private MemorySegment blocks(int worker, long bytes) {
        if (blocks[worker] == null || blocks[worker].byteSize() < bytes) {
            blocks[worker] = arena.allocate(Math.max(bytes, ITEM_WEIGHTS * Float.BYTES), 64);
        }
        return blocks[worker].asSlice(0, bytes);
    }

    private float[] floats(int worker, int weights) {
        if (floats[worker].length < weights) {
            floats[worker] = new float[weights];
        }
        return floats[worker];
    }

    private static void checkInterrupt(Thread caller) {
        if (caller.isInterrupted()) {
            throw new UncheckedIOException(new ClosedByInterruptException());
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
