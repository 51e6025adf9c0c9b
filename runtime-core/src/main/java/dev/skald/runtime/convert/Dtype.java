package dev.skald.runtime.convert;

import dev.skald.gguf.GgmlType;

/** The element types of safetensors. */
enum Dtype {
    F64(8, null),
    F32(4, GgmlType.F32),
    F16(2, GgmlType.F16),
    BF16(2, GgmlType.BF16),
    F8_E4M3(1, null),
    F8_E5M2(1, null),
    I64(8, null),
    I32(4, null),
    I16(2, null),
    I8(1, null),
    U64(8, null),
    U32(4, null),
    U16(2, null),
    U8(1, null),
    BOOL(1, null);

    private final int bytes;
    private final GgmlType type;

    Dtype(int bytes, GgmlType type) {
        this.bytes = bytes;
        this.type = type;
    }

    static Dtype named(String name) {
        for (Dtype type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        return null;
    }

    int bytes() {
        return bytes;
    }

    /** Returns the same type in GGUF; null if weights of this type are converted. */
    GgmlType type() {
        return type;
    }
}
