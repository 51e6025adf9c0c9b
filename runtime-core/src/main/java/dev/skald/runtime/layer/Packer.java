package dev.skald.runtime.layer;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;
import dev.skald.gguf.TensorReader;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.product.MatrixPacker;
import dev.skald.kernels.product.QuantMatrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleConsumer;

/**
 * Packs the matrices of a file while a model is opened. Blocks are read in small pieces, so the weights are in memory only
 * once.
 */
public final class Packer implements AutoCloseable {
    /** Fits into the second-level cache of a core, where blocks wait to be packed. */
    private static final long PIECE_BYTES = 1 << 20;

    /** The listener is told at most this often. */
    private static final int REPORTS = 400;

    private final KernelKind kernels;
    private final Arena packed;
    private final WorkerTeam team;
    private final DoubleConsumer progress;
    private final Map<QuantFormat, KernelKind> fallbacks = new LinkedHashMap<>();
    private long packedBytes;

    private Packer(KernelKind kernels, Arena packed, WorkerTeam team, DoubleConsumer progress) {
        this.kernels = kernels;
        this.packed = packed;
        this.team = team;
        this.progress = progress;
    }

    /**
     * Creates a packer for some kernels and a team, which reports the share of the file that is done. For kernels that use
     * weights in place, it leaves the matrices in the file.
     */
    public static Packer of(KernelKind kernels, WorkerTeam team, DoubleConsumer progress) {
        return new Packer(kernels, kernels == KernelKind.IN_PLACE ? null : Arena.ofShared(), team, progress);
    }

    KernelKind kernels() {
        return kernels;
    }

    /** A matrix that is being packed. */
    private static final class Job {
        private final Part part;
        private final QuantMatrix inPlace;
        private final KernelKind kernels;
        private MatrixPacker packer;

        Job(Part part, QuantMatrix inPlace, KernelKind kernels) {
            this.part = part;
            this.inPlace = inPlace;
            this.kernels = kernels;
        }

        int pieces() {
            return MatrixPacker.pieces(kernels, inPlace, PIECE_BYTES);
        }

        synchronized MatrixPacker packer(Arena arena) {
            if (packer == null) {
                packer = new MatrixPacker(kernels, inPlace, PIECE_BYTES, arena);
            }
            return packer;
        }
    }

    /** A step of the work: packing a piece of a matrix, or allocating the matrix (-1). */
    private record Step(Job job, int piece) {}

    /** Consecutive rows of a tensor that form a matrix, usually the whole tensor. */
    record Part(TensorInfo tensor, long firstRow, int rows) {
        /** Returns where the rows begin, in bytes from the start of the tensor. */
        long offset() {
            return tensor.type().bytes(tensor.columns()) * firstRow;
        }
    }

    /** Packs matrices; those for which packing does not pay stay in place. */
    Map<Part, QuantMatrix> pack(GgufFile file, Map<Part, QuantMatrix> matrices) {
        Map<Part, QuantMatrix> ready = new HashMap<>(matrices);
        if (packed == null) {
            return ready;
        }
        List<Job> jobs = new ArrayList<>();
        matrices.forEach((part, matrix) -> {
            KernelKind kind = kernels.of(matrix.format());
            if (kind != kernels) {
                fallbacks.put(matrix.format(), kind);
            }
            if (matrix.packsWell(kind)) {
                jobs.add(new Job(part, matrix, kind));
            }
        });
        try (TensorReader reader = file.reader();
                Arena pieces = Arena.ofShared()) {
            run(jobs, new Pieces(reader, pieces, new MemorySegment[team.threads()]), file.bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(file.path() + ": the tensors cannot be read", e);
        } catch (UncheckedIOException e) {
            throw new UncheckedIOException(file.path() + ": " + e.getMessage(), e.getCause());
        }
        for (Job job : jobs) {
            QuantMatrix result = job.packer(packed).packed();
            packedBytes += result.packedBytes();
            ready.put(job.part, result);
        }
        return ready;
    }

    private void run(List<Job> jobs, Pieces pieces, long fileBytes) {
        List<Step> steps = steps(jobs);
        AtomicLong done = new AtomicLong();
        long[] told = {0};
        team.run(steps.size(), 1, (worker, from, to) -> {
            for (int i = from; i < to; i++) {
                Step step = steps.get(i);
                MatrixPacker packer = step.job.packer(packed);
                if (step.piece >= 0) {
                    packer.pack(step.piece, pieces.read(worker, step.job.part, packer, step.piece));
                    done.addAndGet(packer.bytes(step.piece));
                }
                // Worker 0 is the thread that opens the model; the listener belongs to it.
                if (worker == 0 && done.get() - told[0] > fileBytes / REPORTS) {
                    told[0] = done.get();
                    progress.accept((double) told[0] / fileBytes);
                }
            }
        });
        progress.accept((double) done.get() / fileBytes);
    }

    /**
     * Interleaves matrices of different formats in proportion. If the JVM compiled the code for one format alone, it would
     * discard that code at the next format.
     */
    private List<Step> steps(List<Job> jobs) {
        Map<QuantFormat, List<Job>> byFormat = new LinkedHashMap<>();
        for (Job job : jobs) {
            byFormat.computeIfAbsent(job.inPlace.format(), format -> new ArrayList<>())
                    .add(job);
        }
        record Placed(double place, Step step) {}
        List<Placed> all = new ArrayList<>();
        for (List<Job> ofFormat : byFormat.values()) {
            List<Step> steps = inOrder(ofFormat);
            for (int i = 0; i < steps.size(); i++) {
                all.add(new Placed((double) i / steps.size(), steps.get(i)));
            }
        }
        return all.stream()
                .sorted(Comparator.comparingDouble(Placed::place))
                .map(Placed::step)
                .toList();
    }

    /** While one thread allocates the next matrix, the others pack this one. */
    private List<Step> inOrder(List<Job> jobs) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i <= jobs.size(); i++) {
            if (i < jobs.size()) {
                steps.add(new Step(jobs.get(i), -1));
            }
            if (i > 0) {
                Job before = jobs.get(i - 1);
                int pieces = before.pieces();
                for (int piece = 0; piece < pieces; piece++) {
                    steps.add(new Step(before, piece));
                }
            }
        }
        return steps;
    }

    /** Reads pieces of a file. Each worker has a buffer, which it reuses. */
    private record Pieces(TensorReader reader, Arena arena, MemorySegment[] places) {
        MemorySegment read(int worker, Part part, MatrixPacker packer, int piece) {
            long bytes = packer.bytes(piece);
            if (places[worker] == null || places[worker].byteSize() < bytes) {
                places[worker] = arena.allocate(Math.max(PIECE_BYTES, bytes), 64);
            }
            MemorySegment target = places[worker].asSlice(0, bytes);
            try {
                reader.read(part.tensor, part.offset() + packer.offset(piece), target);
            } catch (ClosedChannelException e) {
                // An interrupt closes the channel for all threads.
                throw new UncheckedIOException("reading the tensor " + part.tensor.name() + " was interrupted", e);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "the tensor " + part.tensor.name() + " cannot be read: " + e.getMessage(), e);
            }
            return target;
        }
    }

    /** Returns the memory of all packed matrices so far, in bytes. */
    public long packedBytes() {
        return packedBytes;
    }

    /** Describes the kernels, and the formats that other kernels multiply, with the reason. */
    public String description() {
        StringBuilder text = new StringBuilder(kernels.description());
        fallbacks.forEach((format, kind) -> text.append("; ")
                .append(format)
                .append(kind == KernelKind.IN_PLACE ? " in place on " : " on ")
                .append(kind.description())
                .append(": ")
                .append(kernels.refusal(format).orElseThrow()));
        return text.toString();
    }

    /** Frees the packed matrices. */
    @Override
    public void close() {
        if (packed != null) {
            packed.close();
        }
    }
}
