package dev.skald.gguf;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One file, parsed and checked: a model's only one, or one part of a split model. First the metadata, which says whether
 * and how the model is split, then the tensors.
 */
final class Part {
    static final String ALIGNMENT = "general.alignment";
    static final int DEFAULT_ALIGNMENT = 32;
    static final int MAX_ALIGNMENT = 1 << 24;
    static final int MAX_KEY_BYTES = 65_535;
    static final int MAX_NAME_BYTES = 65_535;
    static final int MAX_RANK = 4;

    /**
     * An object per key and tensor takes some ten times the bytes it takes in the file. These limits, far above what any
     * model has, keep that from mattering.
     */
    static final int MAX_KEYS = 1 << 16;

    static final int MAX_TENSORS = 1 << 18;

    private static final int MAX_DEPTH = 8;
    private static final int MIN_KEY_BYTES = Long.BYTES + Integer.BYTES + 1;
    private static final int MIN_TENSOR_BYTES = Long.BYTES + 2 * Integer.BYTES + Long.BYTES;

    final Path path;
    final MemorySegment file;
    final GgufMetadata metadata;
    final int version;
    final int alignment;
    private final Cursor cursor;
    private final long tensorCount;

    Part(Path path, MemorySegment file) {
        this.path = path;
        this.file = file;
        this.metadata = new GgufMetadata(path, file);
        this.cursor = new Cursor(path, file);
        this.version = version();
        long countPlace = cursor.at();
        this.tensorCount = cursor.count("tensors", MIN_TENSOR_BYTES);
        if (tensorCount > MAX_TENSORS) {
            throw cursor.fail(
                    countPlace, "says " + tensorCount + " tensors; more than " + MAX_TENSORS + " are not supported");
        }
        keys();
        this.alignment = readAlignment();
    }

    private int version() {
        NotGguf.check(path, file);
        cursor.take(Integer.BYTES);
        long place = cursor.at();
        int version = cursor.u32();
        if ((version & 0xFFFF) == 0 && version != 0) {
            throw cursor.fail(
                    place,
                    "says version " + Integer.reverseBytes(version) + " in big-endian order; only"
                            + " little-endian files are supported. Convert it with llama.cpp's gguf-py:"
                            + " python gguf_convert_endian.py FILE little");
        }
        if (version == 1) {
            throw cursor.fail(
                    place,
                    "says version 1, a format used for some weeks in August 2023; versions 2 and 3"
                            + " are supported. Download a newer file of this model, or convert the original model again with"
                            + " llama.cpp's convert_hf_to_gguf.py");
        }
        if (version != 2 && version != 3) {
            throw cursor.fail(
                    place, "says version " + Integer.toUnsignedString(version) + "; versions 2 and 3 are supported");
        }
        return version;
    }

    private void keys() {
        long countPlace = cursor.at();
        long count = cursor.count("keys", MIN_KEY_BYTES);
        if (count > MAX_KEYS) {
            throw cursor.fail(countPlace, "says " + count + " keys; more than " + MAX_KEYS + " are not supported");
        }
        for (int i = 0; i < count; i++) {
            cursor.subject("key " + i + " of " + count);
            long keyPlace = cursor.at();
            String key = cursor.name(MAX_KEY_BYTES);
            cursor.subject("key '" + key + "'");
            if (metadata.contains(key)) {
                throw cursor.fail(keyPlace, "(" + i + " of " + count + ") is there twice");
            }
            GgufValueType type = valueType();
            long place = cursor.at();
            metadata.add(key, type, place, type == GgufValueType.ARRAY ? array(key) : null);
            if (type != GgufValueType.ARRAY) {
                skipValue(type, 0);
            }
        }
    }

    private GgufArray array(String key) {
        GgufValueType element = valueType();
        long count = cursor.count("elements", element.minBytes());
        long start = cursor.at();
        long[] marks = new long[GgufArray.marks(element, count)];
        skipElements(element, count, 1, marks);
        return new GgufArray(metadata, key, element, count, start, marks);
    }

    private GgufValueType valueType() {
        long place = cursor.at();
        int id = cursor.u32();
        return GgufValueType.ofId(id)
                .orElseThrow(() -> cursor.fail(
                        place,
                        "has value type " + Integer.toUnsignedString(id) + "; types 0 (UINT8) to 12 (FLOAT64) exist"));
    }

    private void skipValue(GgufValueType type, int depth) {
        switch (type) {
            case STRING -> cursor.skipString();
            case BOOL -> skipBools(1);
            case ARRAY -> {
                if (depth == MAX_DEPTH) {
                    throw cursor.fail(cursor.at(), "has arrays nested deeper than " + MAX_DEPTH);
                }
                GgufValueType element = valueType();
                skipElements(element, cursor.count("elements", element.minBytes()), depth + 1, null);
            }
            default -> cursor.take(type.minBytes());
        }
    }

    private void skipElements(GgufValueType type, long count, int depth, long[] marks) {
        if (type == GgufValueType.BOOL) {
            skipBools(count);
        } else if (type.isFixed()) {
            cursor.take(count * type.minBytes());
        } else {
            for (long i = 0; i < count; i++) {
                if (marks != null && i % GgufArray.STRIDE == 0) {
                    marks[(int) (i / GgufArray.STRIDE)] = cursor.at();
                }
                skipValue(type, depth);
            }
        }
    }

    private void skipBools(long count) {
        long from = cursor.take(count);
        for (long at = from; at < from + count; at++) {
            byte value = file.get(Values.U8, at);
            if (value != 0 && value != 1) {
                throw cursor.fail(at, "has the truth value " + (value & 0xFF) + "; only 0 and 1 are allowed");
            }
        }
    }

    private int readAlignment() {
        if (!metadata.contains(ALIGNMENT)) {
            return DEFAULT_ALIGNMENT;
        }
        long alignment = metadata.getLong(ALIGNMENT);
        // The specification asks for a multiple of 8, so that a mapped row of any scalar type is aligned.
        if (alignment < 8 || alignment > MAX_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw new GgufFormatException(
                    path,
                    "key '" + ALIGNMENT + "' is " + alignment + "; a power of two from 8 to " + MAX_ALIGNMENT
                            + " is wanted");
        }
        return (int) alignment;
    }

    /** Reads and checks the tensors; to be called once. */
    List<TensorInfo> tensors(int part) {
        List<Declared> declared = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < tensorCount; i++) {
            Declared tensor = declared(i);
            Integer before = seen.putIfAbsent(tensor.name, i);
            if (before != null) {
                throw cursor.fail(
                        tensor.place,
                        "(" + i + " of " + tensorCount + ") is there twice: it is tensor " + before + " too");
            }
            declared.add(tensor);
        }
        long dataStart = alignUp(cursor.at(), alignment);
        List<TensorInfo> tensors = new ArrayList<>(declared.size());
        for (Declared tensor : declared) {
            tensors.add(checked(tensor, dataStart, part));
        }
        checkOverlap(tensors);
        return tensors;
    }

    /** A tensor as the file has it, checked as far as that goes without knowing where the data section begins. */
    private record Declared(long place, String name, GgmlType type, long[] shape, long elements, long offset) {}

    private Declared declared(int i) {
        cursor.subject("tensor " + i + " of " + tensorCount);
        long place = cursor.at();
        String name = cursor.name(MAX_NAME_BYTES);
        cursor.subject("tensor '" + name + "'");
        long rankPlace = cursor.at();
        int rank = cursor.u32();
        if (rank < 0 || rank > MAX_RANK) {
            throw cursor.fail(
                    rankPlace,
                    "has " + Integer.toUnsignedString(rank) + " dimensions; at most " + MAX_RANK + " are allowed");
        }
        long shapePlace = cursor.at();
        long[] shape = new long[rank];
        for (int d = 0; d < rank; d++) {
            shape[d] = cursor.u64();
            if (shape[d] <= 0) {
                throw cursor.fail(
                        cursor.at() - Long.BYTES,
                        "has size " + Long.toUnsignedString(shape[d]) + " in dimension " + d + "; 1 to "
                                + Long.MAX_VALUE + " is allowed");
            }
        }
        long typePlace = cursor.at();
        int typeId = cursor.u32();
        GgmlType type = GgmlType.ofId(typeId)
                .orElseThrow(() -> cursor.fail(typePlace, "has type " + ForeignTypes.describe(typeId)));
        long offset = cursor.u64();
        long columns = rank == 0 ? 1 : shape[0];
        if (columns % type.blockElements() != 0) {
            throw cursor.fail(
                    shapePlace,
                    "of type " + type + " has rows of " + columns + " elements, no whole number of blocks of "
                            + type.blockElements());
        }
        return new Declared(place, name, type, shape, elements(type, shape, shapePlace), offset);
    }

    private long elements(GgmlType type, long[] shape, long place) {
        try {
            long elements = 1;
            for (long size : shape) {
                elements = Math.multiplyExact(elements, size);
            }
            type.bytes(elements);
            return elements;
        } catch (ArithmeticException e) {
            throw cursor.fail(
                    place,
                    "of type " + type + " and shape " + TensorInfo.describe(shape) + " has more than " + Long.MAX_VALUE
                            + " elements or bytes");
        }
    }

    private TensorInfo checked(Declared tensor, long dataStart, int part) {
        long bytes = tensor.type.bytes(tensor.elements);
        cursor.subject("tensor '" + tensor.name + "'");
        if (tensor.offset < 0 || tensor.offset % alignment != 0) {
            throw cursor.fail(
                    tensor.place,
                    "begins at " + Long.toUnsignedString(tensor.offset)
                            + " of the data section, no multiple of the alignment " + alignment);
        }
        long room = file.byteSize() - dataStart;
        if (bytes > room || tensor.offset > room - bytes) {
            throw cursor.fail(
                    tensor.place,
                    tensor.type + " " + TensorInfo.describe(tensor.shape) + " takes " + bytes
                            + " bytes from " + tensor.offset + " of the data section, which begins at byte " + dataStart
                            + "; the file ends at byte " + file.byteSize()
                            + ": it is cut off or damaged, download it again");
        }
        return new TensorInfo(tensor.name, tensor.type, tensor.shape, tensor.elements, part, dataStart + tensor.offset);
    }

    private void checkOverlap(List<TensorInfo> tensors) {
        List<TensorInfo> byOffset = new ArrayList<>(tensors);
        byOffset.sort(Comparator.comparingLong(TensorInfo::offset));
        for (int i = 1; i < byOffset.size(); i++) {
            TensorInfo before = byOffset.get(i - 1);
            TensorInfo tensor = byOffset.get(i);
            if (before.offset() + before.bytes() > tensor.offset()) {
                throw new GgufFormatException(
                        path,
                        tensor.offset(),
                        "tensor '" + tensor.name()
                                + "' begins within tensor '" + before.name() + "', which has " + before.bytes()
                                + " bytes from byte " + before.offset());
            }
        }
    }

    static long alignUp(long offset, int alignment) {
        return Math.addExact(offset, alignment - 1) & -alignment;
    }
}
