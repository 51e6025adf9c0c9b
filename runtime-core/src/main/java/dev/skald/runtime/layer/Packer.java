package dev.skald.runtime.layer;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.QuantMatrix;
import dev.skald.kernels.WorkerTeam;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.function.DoubleConsumer;

/** Packs matrices one by one as a model is opened, so that never more than one of them is there twice. */
public final class Packer implements AutoCloseable {
    private final Arena packed;
    private final WorkerTeam team;
    private final DoubleConsumer progress;
    private long done;
    private long packedBytes;

    private Packer(Arena packed, WorkerTeam team, DoubleConsumer progress) {
        this.packed = packed;
        this.team = team;
        this.progress = progress;
    }

    /** One that leaves matrices where they lie in the file. */
    public static Packer inPlace() {
        return new Packer(null, null, null);
    }

    /** One that packs with a team, and tells which share of the file's bytes is done. */
    public static Packer packing(WorkerTeam team, DoubleConsumer progress) {
        return new Packer(Arena.ofShared(), team, progress);
    }

    QuantMatrix pack(QuantMatrix inPlace, GgufFile file, TensorInfo tensor) {
        if (packed == null || !inPlace.packsWell()) {
            return inPlace;
        }
        // Mapped for itself, so that its pages do not stay in memory beside the packed copy.
        try (Arena once = Arena.ofShared()) {
            QuantMatrix result = inPlace.pack(file.map(tensor, once), packed, team);
            done += tensor.bytes();
            packedBytes += result.packedBytes();
            progress.accept(Math.min(1, (double) done / file.bytes()));
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(file.path() + ": the tensor " + tensor.name() + " cannot be read", e);
        }
    }

    /** The memory of all packed matrices so far. */
    public long packedBytes() {
        return packedBytes;
    }

    /** Frees the packed matrices. */
    @Override
    public void close() {
        if (packed != null) {
            packed.close();
        }
    }
}
