package dev.skald.runtime.session;

import dev.skald.gguf.GgufFile;
import dev.skald.runtime.arch.Network;
import dev.skald.runtime.generate.Adapter;
import dev.skald.runtime.layer.Deltas;
import dev.skald.runtime.layer.Packer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An adapter of an open model. */
public final class OpenAdapter implements Adapter {
    private final GgufFile file;
    private final Packer packer;
    private final Network network;
    private final Deltas deltas;
    private final byte[] fingerprint;

    // Guarded by this.
    private int users;
    private boolean closed;

    /**
     * Creates an adapter that has been read. It closes the file and the packer.
     *
     * @param fingerprint tells this adapter from others
     */
    public OpenAdapter(GgufFile file, Packer packer, Network network, Deltas deltas, byte[] fingerprint) {
        this.file = file;
        this.packer = packer;
        this.network = network;
        this.deltas = deltas;
        this.fingerprint = fingerprint.clone();
    }

    @Override
    public Path file() {
        return file.path();
    }

    Network network() {
        return network;
    }

    Deltas deltas() {
        return deltas;
    }

    byte[] fingerprint() {
        return fingerprint.clone();
    }

    /** Adapters in use; none of them is freed before this is closed. */
    static final class Use implements AutoCloseable {
        private final List<OpenAdapter> used = new ArrayList<>();

        /**
         * Starts to use adapters.
         *
         * @throws IllegalStateException if one is closed
         */
        Use(List<OpenAdapter> adapters) {
            try {
                for (OpenAdapter adapter : adapters) {
                    adapter.begin();
                    used.add(adapter);
                }
            } catch (IllegalStateException isClosed) {
                close();
                throw isClosed;
            }
        }

        @Override
        public void close() {
            used.forEach(OpenAdapter::end);
            used.clear();
        }
    }

    private synchronized void begin() {
        if (closed) {
            throw new IllegalStateException("the adapter " + file.path() + " is closed");
        }
        users++;
    }

    private synchronized void end() {
        users--;
        notifyAll();
    }

    @Override
    public synchronized void close() {
        boolean interrupted = false;
        boolean first = !closed;
        closed = true;
        while (users > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (first) {
            packer.close();
            file.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
