package dev.skald.gguf;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * One file, parsed and checked: a model's only one, or one part of a split model. First the metadata, which says whether
 * and how the model is split, then the tensors.
 */
final class Part {
    static final String ALIGNMENT = "general.alignment";
    static final int DEFAULT_ALIGNMENT = 32;

    /** The specification demands a multiple of 8, so that a mapped row of any scalar type is aligned. */
    static final int MIN_ALIGNMENT = 8;

    static final int MAX_ALIGNMENT = 1 << 24;
    static final int MAX_KEY_BYTES = 65_535;
    static final int MAX_NAME_BYTES = 65_535;
    static final int MAX_RANK = 4;

    /**
     * A key or tensor takes some ten times the bytes on the heap that it takes in the file. These limits, far above what
     * any model has, bound that to some megabytes.
     */
    static final int MAX_KEYS = 1 << 14;

    static final int MAX_TENSORS = 1 << 16;

    /** How deep arrays may be nested: llama.cpp accepts one level, the specification any number. */
    static final int MAX_DEPTH = 8;

    /** How many booleans are copied at once. */
    private static final int BOOLS = 4096;

    private static final long TENSOR_COUNT_PLACE = 2 * Integer.BYTES;
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
        this.tensorCount = cursor.count("tensors", MIN_TENSOR_BYTES);
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
            cursor.subject("key", i, (int) count);
            long keyPlace = cursor.at();
            String key = cursor.name(MAX_KEY_BYTES);
            cursor.subject(key);
            if (metadata.contains(key)) {
                throw cursor.fail(keyPlace, "(" + i + " of " + count + ") occurs twice");
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
        for (long at = from; at < from + count; at += BOOLS) {
            MemorySegment values = Values.copy(file, at, (int) Math.min(BOOLS, from + count - at));
            for (int i = 0; i < values.byteSize(); i++) {
                byte value = values.get(Values.U8, i);
                if (value != 0 && value != 1) {
                    throw cursor.fail(at + i, "has the boolean value " + (value & 0xFF) + "; only 0 and 1 are allowed");
                }
            }
        }
    }

    private int readAlignment() {
        if (!metadata.contains(ALIGNMENT)) {
            return DEFAULT_ALIGNMENT;
        }
        long alignment = metadata.getLong(ALIGNMENT);
        if (alignment < MIN_ALIGNMENT || alignment > MAX_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw metadata.error(
                    ALIGNMENT, alignment + " is not a power of two from " + MIN_ALIGNMENT + " to " + MAX_ALIGNMENT);
        }
        return (int) alignment;
    }

    /**
     * Reads and checks the tensors; to be called once.
     *
     * @param part this part's index
     * @param all the tensors of the parts before this one; those of this one are added
     */
    void tensors(int part, Map<String, TensorInfo> all) {
        if (all.size() + tensorCount > MAX_TENSORS) {
            String others = all.isEmpty() ? "" : " after " + all.size() + " in the parts before";
            throw new GgufFormatException(
                    path,
                    TENSOR_COUNT_PLACE,
                    "the header says " + tensorCount + " tensors" + others + "; more than " + MAX_TENSORS
                            + " are not supported");
        }
        // Where the data begin is known only after the last tensor's description, so that all are passed over once
        // first.
        long start = cursor.at();
        for (int i = 0; i < tensorCount; i++) {
            name(i);
            cursor.take((long) rank() * Long.BYTES + Integer.BYTES + Long.BYTES);
        }
        long dataStart = alignUp(cursor.at(), alignment);
        cursor.rewind(start);
        List<TensorInfo> tensors = new ArrayList<>();
        for (int i = 0; i < tensorCount; i++) {
            long place = cursor.at();
            TensorInfo tensor = tensor(name(i), part, dataStart);
            TensorInfo before = all.putIfAbsent(tensor.name(), tensor);
            if (before != null) {
                throw cursor.fail(
                        place,
                        "occurs twice"
                                + (before.part() == part
                                        ? ""
                                        : ": it is in part " + (before.part() + 1) + " too, and this is part "
                                                + (part + 1)));
            }
            tensors.add(tensor);
        }
        checkOverlap(tensors);
    }

    private String name(int i) {
        cursor.subject("tensor", i, (int) tensorCount);
        String name = cursor.name(MAX_NAME_BYTES);
        cursor.subject(name);
        return name;
    }

    private TensorInfo tensor(String name, int part, long dataStart) {
        long[] shape = new long[rank()];
        long shapePlace = cursor.at();
        for (int d = 0; d < shape.length; d++) {
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
        long elements = elements(type, shape, shapePlace);
        long place = cursor.at();
        long offset = cursor.u64();
        if (offset < 0 || offset % alignment != 0) {
            throw cursor.fail(
                    place,
                    "begins at " + Long.toUnsignedString(offset)
                            + " of the data section, not a multiple of the alignment " + alignment);
        }
        long bytes = type.bytes(elements);
        long room = file.byteSize() - dataStart;
        if (bytes > room || offset > room - bytes) {
            throw cursor.fail(
                    place,
                    "of type " + type + " and shape " + TensorInfo.describe(shape) + " takes " + bytes
                            + " bytes from " + offset + " of the data section, which begins at byte " + dataStart
                            + ", and the file ends at byte " + file.byteSize()
                            + ": it is truncated or damaged: download it again" + ForeignTypes.lookalike(type));
        }
        return new TensorInfo(name, type, shape, elements, part, dataStart + offset);
    }

    private int rank() {
        int rank = cursor.u32();
        if (rank < 0 || rank > MAX_RANK) {
            throw cursor.fail(
                    cursor.at() - Integer.BYTES,
                    "has " + Integer.toUnsignedString(rank) + " dimensions; at most " + MAX_RANK + " are allowed");
        }
        return rank;
    }

    private long elements(GgmlType type, long[] shape, long place) {
        long columns = shape.length == 0 ? 1 : shape[0];
        if (columns % type.blockElements() != 0) {
            throw cursor.fail(
                    place,
                    "of type " + type + " has rows of " + columns + " elements, not a whole number of blocks of "
                            + type.blockElements());
        }
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
                        "tensor " + GgufFormatException.quote(tensor.name()) + " begins within tensor "
                                + GgufFormatException.quote(before.name()) + ", which has " + before.bytes()
                                + " bytes from byte " + before.offset() + ForeignTypes.lookalike(before.type()));
            }
        }
    }

    static long alignUp(long offset, int alignment) {
        return Math.addExact(offset, alignment - 1) & -alignment;
    }
}
