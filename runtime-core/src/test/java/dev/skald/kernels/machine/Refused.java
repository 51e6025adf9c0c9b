package dev.skald.kernels.machine;

import dev.skald.kernels.format.QuantFormat;
import java.util.Optional;

/** Treats the kernels of a format as if they had failed their self-test, until this is closed. */
public final class Refused implements AutoCloseable {
    private final QuantFormat format;

    public Refused(QuantFormat format, String why) {
        this.format = format;
        Machine.kernels().orElseThrow().refusals.put(format.packing(), Optional.of(why));
    }

    @Override
    public void close() {
        Machine.kernels().orElseThrow().refusals.remove(format.packing());
    }
}
