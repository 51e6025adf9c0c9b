package dev.skald.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** What a file is to hold, made up by jqwik. */
final class Specs {
    /** A value with its type; the value of an array is a list of these. */
    record Value(GgufValueType type, Object value) {
        /** As the writer wants it. */
        Object forWriter() {
            return value instanceof Elements elements
                    ? new GgufWriter.Elements(
                            elements.type,
                            elements.of.stream().map(Value::forWriter).toList())
                    : value;
        }

        /** As the reader is to give it. */
        Object expected() {
            return switch (value) {
                case Elements elements ->
                    elements.of.stream().map(Value::expected).toList();
                case BigInteger big when big.bitLength() < Long.SIZE -> big.longValue();
                default -> value;
            };
        }
    }

    record Elements(GgufValueType type, List<Value> of) {}

    record Tensor(GgmlType type, List<Long> shape, long seed) {
        byte[] data() {
            long elements = shape.stream().reduce(1L, Math::multiplyExact);
            byte[] data = new byte[Math.toIntExact(type.bytes(elements))];
            new Random(seed).nextBytes(data);
            return data;
        }
    }

    /** A whole file; {@code alignment} 0 leaves the default. */
    record Spec(Map<String, Value> keys, Map<String, Tensor> tensors, int alignment) {
        void write(Path file) throws IOException {
            try (GgufWriter writer = GgufWriter.replace(file)) {
                if (alignment != 0) {
                    writer.putUint32("general.alignment", alignment);
                }
                for (Map.Entry<String, Value> key : keys.entrySet()) {
                    writer.put(key.getKey(), key.getValue().type, key.getValue().forWriter());
                }
                for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
                    long[] shape = tensor.getValue().shape.stream()
                            .mapToLong(Long::longValue)
                            .toArray();
                    writer.tensor(tensor.getKey(), tensor.getValue().type, shape);
                }
                for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
                    writer.data(
                            tensor.getKey(),
                            MemorySegment.ofArray(tensor.getValue().data()));
                }
                writer.commit();
            }
        }

        /** The file by the specification, without the writer. */
        byte[] bytes() {
            RawGguf raw = RawGguf.header(tensors.size(), keys.size() + (alignment == 0 ? 0 : 1));
            if (alignment != 0) {
                raw.uint32("general.alignment", alignment);
            }
            keys.forEach((key, value) -> encode(raw.key(key, value.type), value));
            int align = alignment == 0 ? 32 : alignment;
            long offset = 0;
            for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
                long[] shape = tensor.getValue().shape.stream()
                        .mapToLong(Long::longValue)
                        .toArray();
                raw.tensor(tensor.getKey(), tensor.getValue().type, offset, shape);
                offset += (tensor.getValue().data().length + align - 1) / align * align;
            }
            raw.pad(align);
            tensors.values().forEach(tensor -> raw.bytes(tensor.data()).pad(align));
            return raw.toBytes();
        }

        private static void encode(RawGguf raw, Value value) {
            switch (value.value) {
                case Elements elements -> {
                    raw.u32(elements.type.id()).u64(elements.of.size());
                    elements.of.forEach(element -> encode(raw, element));
                }
                case Boolean truth -> raw.u8(truth ? 1 : 0);
                case String text -> raw.string(text);
                case Float number -> raw.u32(Float.floatToRawIntBits(number));
                case Double number -> raw.u64(Double.doubleToRawLongBits(number));
                case Number integer -> {
                    long bits = integer.longValue();
                    for (int width = bytesOf(value.type); width > 0; width--, bits >>= Byte.SIZE) {
                        raw.u8((int) bits);
                    }
                }
                default -> throw new AssertionError(value);
            }
        }

        private static int bytesOf(GgufValueType integer) {
            return Integer.parseInt(integer.name().replaceAll("[A-Z]", "")) / Byte.SIZE;
        }

        Map<String, Object> expectedKeys() {
            Map<String, Object> expected = new LinkedHashMap<>();
            if (alignment != 0) {
                expected.put("general.alignment", (long) alignment);
            }
            keys.forEach((key, value) -> expected.put(key, value.expected()));
            return expected;
        }

        List<NaiveReader.Tensor> expectedTensors() {
            List<NaiveReader.Tensor> expected = new ArrayList<>();
            tensors.forEach((name, tensor) -> expected.add(
                    new NaiveReader.Tensor(name, tensor.type.id(), tensor.shape, ByteBuffer.wrap(tensor.data()))));
            return expected;
        }
    }

    private Specs() {}

    static Arbitrary<Spec> specs() {
        Arbitrary<Map<String, Value>> keys =
                Arbitraries.maps(names(), values(3)).ofMaxSize(8);
        Arbitrary<Map<String, Tensor>> tensors =
                Arbitraries.maps(names(), tensor()).ofMaxSize(5);
        Arbitrary<Integer> alignments = Arbitraries.of(0, 8, 16, 32, 128, 4096);
        return Combinators.combine(keys, tensors, alignments).as(Spec::new);
    }

    /** Any text UTF-8 can hold, also beyond the basic plane. */
    private static Arbitrary<String> texts(int max) {
        return Arbitraries.oneOf(
                        Arbitraries.integers().between(0, 0x7F),
                        Arbitraries.integers().between(0, 0x7FF),
                        Arbitraries.integers().between(0, 0xD7FF),
                        Arbitraries.integers().between(0xE000, 0x10FFFF))
                .list()
                .ofMaxSize(max)
                .map(points -> points.stream()
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString());
    }

    private static Arbitrary<String> names() {
        return texts(15).filter(name -> !name.isEmpty() && !name.equals("general.alignment"));
    }

    private static Arbitrary<Tensor> tensor() {
        return Combinators.combine(
                        Arbitraries.of(GgmlType.class),
                        Arbitraries.longs().between(1, 3).list().ofMinSize(1).ofMaxSize(4),
                        Arbitraries.longs())
                .as((type, sizes, seed) -> {
                    List<Long> shape = new ArrayList<>(sizes);
                    shape.set(0, shape.getFirst() * type.blockElements());
                    return new Tensor(type, List.copyOf(shape), seed);
                });
    }

    private static Arbitrary<Value> values(int depth) {
        return types(depth).flatMap(type -> values(type, depth));
    }

    private static Arbitrary<GgufValueType> types(int depth) {
        return Arbitraries.of(GgufValueType.class).filter(type -> depth > 0 || type != GgufValueType.ARRAY);
    }

    private static Arbitrary<Value> values(GgufValueType type, int depth) {
        Arbitrary<?> values = switch (type) {
            case UINT8 -> Arbitraries.longs().between(0, 255);
            case INT8 -> Arbitraries.longs().between(-128, 127);
            case UINT16 -> Arbitraries.longs().between(0, 65_535);
            case INT16 -> Arbitraries.longs().between(-32_768, 32_767);
            case UINT32 -> Arbitraries.longs().between(0, 0xFFFF_FFFFL);
            case INT32 -> Arbitraries.longs().between(Integer.MIN_VALUE, Integer.MAX_VALUE);
            case INT64 -> Arbitraries.longs();
            case UINT64 ->
                Arbitraries.bigIntegers()
                        .between(BigInteger.ZERO, BigInteger.TWO.pow(64).subtract(BigInteger.ONE));
            case FLOAT32 -> Arbitraries.integers().map(Float::intBitsToFloat);
            case FLOAT64 -> Arbitraries.longs().map(Double::longBitsToDouble);
            case BOOL -> Arbitraries.of(true, false);
            case STRING -> texts(20);
            case ARRAY ->
                types(depth - 1)
                        .flatMap(element ->
                                values(element, depth - 1).list().ofMaxSize(40).map(list -> Tuple.of(element, list)))
                        .map(tuple -> new Elements(tuple.get1(), tuple.get2()));
        };
        return values.map(value -> new Value(type, value));
    }
}
