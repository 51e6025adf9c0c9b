package dev.skald.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads all there is in a file, so that nothing that was let through unchecked stays unseen. */
final class Everything {
    private Everything() {}

    /** Decodes every value and reads every byte of data; returns a number that depends on them all. */
    static long touch(GgufFile gguf) {
        long sum = gguf.bytes();
        for (String key : gguf.metadata().keys()) {
            sum = 31 * sum
                    + touch(gguf.metadata().get(key))
                    + gguf.metadata().type(key).id();
        }
        for (TensorInfo tensor : gguf.tensors()) {
            sum = 31 * sum + tensor.toString().hashCode();
            MemorySegment data = gguf.data(tensor);
            for (long i = 0; i < data.byteSize(); i++) {
                sum += data.get(ValueLayout.JAVA_BYTE, i);
            }
        }
        return sum;
    }

    private static long touch(Object value) {
        if (!(value instanceof GgufArray array)) {
            return value.hashCode();
        }
        long sum = array.elementType().id();
        for (long i = 0; i < array.size(); i++) {
            sum = 31 * sum + touch(array.get(i));
        }
        return sum;
    }
}
