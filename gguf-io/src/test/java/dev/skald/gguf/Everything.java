package dev.skald.gguf;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads everything in a file, so that a test notices whatever was accepted without a check. */
final class Everything {
    private Everything() {}

    /** Returns every value, arrays as lists. */
    static Map<String, Object> keys(GgufFile gguf) {
        Map<String, Object> keys = new LinkedHashMap<>();
        for (String key : gguf.metadata().keys()) {
            keys.put(key, plain(gguf.metadata().get(key)));
        }
        return keys;
    }

    /** Returns every tensor with all bytes of its data. */
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
