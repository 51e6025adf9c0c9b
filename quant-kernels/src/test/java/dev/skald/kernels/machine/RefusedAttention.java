package dev.skald.kernels.machine;

import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.machine.MachineAttention.Heads;
import dev.skald.kernels.machine.MachineAttention.Shape;
import java.util.Map;
import java.util.Optional;

/** Treats the attention kernels of some heads as if they had failed their self-test, until this is closed. */
public final class RefusedAttention implements AutoCloseable {
    private final int keySize;
    private final int valueSize;

    public RefusedAttention(int keySize, int valueSize, String why) {
        this.keySize = keySize;
        this.valueSize = valueSize;
        for (int n = 1; n <= MachineAttention.MOST_QUERIES; n++) {
            for (KvFormat format : KvFormat.values()) {
                refusals().put(new Shape(new Heads(keySize, valueSize, format), n), Optional.of(why));
            }
        }
    }

    private static Map<Shape, Optional<String>> refusals() {
        return Machine.kernels().orElseThrow().attention().refusals;
    }

    @Override
    public void close() {
        refusals()
                .keySet()
                .removeIf(shape ->
                        shape.heads().keySize() == keySize && shape.heads().valueSize() == valueSize);
    }
}
