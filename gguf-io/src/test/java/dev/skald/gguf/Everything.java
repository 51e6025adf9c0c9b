package dev.skald.gguf;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads all there is in a file, so that nothing that was let through unchecked stays unseen. */
final class Everything {
    private Everything() {}

    /** Every value; arrays become lists. */
    static Map<String, Object> keys(GgufFile gguf) {
        Map<String, Object> keys = new LinkedHashMap<>();
        for (String key : gguf.metadata().keys()) {
            keys.put(key, plain(gguf.metadata().get(key)));
        }
        return keys;
    }

    /** Every tensor with every byte of its data. */
    static List<NaiveReader.Tensor> tensors(GgufFile gguf) {
        List<NaiveReader.Tensor> tensors = new ArrayList<>();
        for (TensorInfo tensor : gguf.tensors()) {
            ByteBuffer data = ByteBuffer.wrap(gguf.data(tensor).toArray(ValueLayout.JAVA_BYTE));
            tensors.add(new NaiveReader.Tensor(tensor.name(), tensor.type().id(), tensor.shape(), data));
        }
        return tensors;
    }

    static Object plain(Object value) {
        if (!(value instanceof GgufArray array)) {
            return value;
        }
        List<Object> elements = new ArrayList<>();
        for (long i = 0; i < array.size(); i++) {
            elements.add(plain(array.get(i)));
        }
        return elements;
    }
}
