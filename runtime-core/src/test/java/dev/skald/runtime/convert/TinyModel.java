package dev.skald.runtime.convert;

import dev.skald.runtime.json.JsonReader;
import dev.skald.runtime.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Writes the folder of a small model: its files, and weights that follow from their names. The numbers are the same in the
 * program that made the expected files.
 */
final class TinyModel {
    /** A tensor: its type, Z for zeros, and its sizes. */
    record Tensor(String type, List<Long> shape) {}

    private TinyModel() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> read(String resource) throws IOException {
        try (var in = TinyModel.class.getResourceAsStream(resource)) {
            return (Map<String, Object>) JsonReader.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** Writes the files of a description. */
    static void write(Map<?, ?> model, Map<?, ?> tokenizers, Path folder) throws IOException {
        Files.writeString(folder.resolve("config.json"), JsonWriter.write(model.get("config")));
        files((Map<?, ?>) tokenizers.get(model.get("tokenizer")), folder);
        files((Map<?, ?>) model.get("files"), folder);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        ((Map<?, ?>) model.get("tensors")).forEach((name, tensor) -> {
            List<?> parts = (List<?>) tensor;
            tensors.put((String) name, new Tensor((String) parts.get(0), sizes((List<?>) parts.get(1))));
        });
        if (!Boolean.TRUE.equals(model.get("sharded"))) {
            Files.write(folder.resolve("model.safetensors"), safetensors(tensors));
            return;
        }
        Map<String, Object> index = new LinkedHashMap<>();
        List<String> names = List.copyOf(tensors.keySet());
        for (int i = 0; i < 2; i++) {
            String file = "model-0000" + (i + 1) + "-of-00002.safetensors";
            Map<String, Tensor> part = new LinkedHashMap<>();
            for (String name : names.subList(i * (names.size() / 2), i == 0 ? names.size() / 2 : names.size())) {
                part.put(name, tensors.get(name));
                index.put(name, file);
            }
            Files.write(folder.resolve(file), safetensors(part));
        }
        Files.writeString(
                folder.resolve("model.safetensors.index.json"), JsonWriter.write(Map.of("weight_map", index)));
    }

    private static List<Long> sizes(List<?> numbers) {
        return numbers.stream().map(number -> ((Number) number).longValue()).toList();
    }

    private static void files(Map<?, ?> files, Path folder) throws IOException {
        for (Map.Entry<?, ?> file : files.entrySet()) {
            String name = (String) file.getKey();
            byte[] bytes = name.endsWith(".model")
                    ? Base64.getDecoder().decode((String) file.getValue())
                    : ((String) file.getValue()).getBytes(StandardCharsets.UTF_8);
            Path path = folder.resolve(name);
            Files.createDirectories(path.getParent());
            Files.write(path, bytes);
        }
    }

    static byte[] safetensors(Map<String, Tensor> tensors) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        Map<String, Object> header = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            int begin = data.size();
            data.writeBytes(data(name, tensor));
            String type = tensor.type.equals("Z") ? "F32" : tensor.type;
            header.put(name, Map.of("dtype", type, "shape", tensor.shape, "data_offsets", List.of(begin, data.size())));
        });
        return file(JsonWriter.write(header), data.toByteArray());
    }

    static byte[] file(String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(data)
                .array();
    }

    static byte[] data(String name, Tensor tensor) {
        int count = (int) tensor.shape.stream().reduce(1L, Math::multiplyExact).longValue();
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        long seed = crc.getValue();
        ByteBuffer data = ByteBuffer.allocate(count * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            long bits = seed + i * 2_654_435_761L & 0xFFFF_FFFFL;
            float value = (float) ((bits >>> 8) * 0x1p-24 - 0.5);
            switch (tensor.type) {
                case "U8" -> data.put((byte) (bits >>> 24));
                case "F16" -> data.putShort(Float.floatToFloat16(value));
                case "BF16" -> data.putShort(bfloat16(value));
                case "F32" -> data.putFloat(value);
                default -> data.putFloat(0);
            }
        }
        return java.util.Arrays.copyOf(data.array(), data.position());
    }

    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }
}
