package dev.skald.runtime;

import dev.skald.gguf.GgufArray;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Distinguishes models without reading all of them: SHA-256 of the metadata, of the tensors' names, types and shapes, and of
 * the beginning and end of each tensor's data.
 */
final class Fingerprint {
    /** Bytes from each end of a tensor. */
    private static final int SAMPLE = 1024;

    private final GgufFile file;
    private byte[] bytes;

    Fingerprint(GgufFile file) {
        this.file = file;
    }

    /** Returns 32 bytes, computed once. The file must be open. */
    synchronized byte[] bytes() {
        if (bytes == null) {
            bytes = file.reading(this::compute);
        }
        return bytes.clone();
    }

    private byte[] compute() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        GgufMetadata metadata = file.metadata();
        for (String key : metadata.keys()) {
            Object value = metadata.get(key);
            String text =
                    value instanceof GgufArray array ? array.elementType() + " x " + array.size() : value.toString();
            update(digest, key + "=" + text);
        }
        for (TensorInfo tensor : file.tensors()) {
            update(digest, tensor.name() + " " + tensor.type() + " " + tensor.shape());
            MemorySegment data = file.data(tensor);
            long sample = Math.min(SAMPLE, data.byteSize());
            digest.update(data.asSlice(0, sample).toArray(ValueLayout.JAVA_BYTE));
            digest.update(data.asSlice(data.byteSize() - sample, sample).toArray(ValueLayout.JAVA_BYTE));
        }
        return digest.digest();
    }

    private static void update(MessageDigest digest, String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }
}
