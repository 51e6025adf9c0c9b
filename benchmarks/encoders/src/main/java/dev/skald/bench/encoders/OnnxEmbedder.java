package dev.skald.bench.encoders;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.skald.bench.encoders.TrainedEncoder.Pooled;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A model by onnxruntime: texts of a batch are filled up to the longest, and the vector made of their rows gets the length 1. */
final class OnnxEmbedder implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Pooled pooled;

    OnnxEmbedder(TrainedEncoder model, int threads) throws OrtException, IOException {
        pooled = model.pooled();
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        session = environment.createSession(model.onnx(), options);
    }

    float[][] embed(List<int[]> texts) throws OrtException {
        int n = texts.size();
        int longest = texts.stream().mapToInt(text -> text.length).max().orElse(0);
        long[] ids = new long[n * longest];
        long[] mask = new long[n * longest];
        for (int i = 0; i < n; i++) {
            int[] text = texts.get(i);
            for (int j = 0; j < text.length; j++) {
                ids[i * longest + j] = text[j];
            }
            Arrays.fill(mask, i * longest, i * longest + text.length, 1);
        }
        long[] shape = {n, longest};
        try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape);
                OnnxTensor maskTensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape);
                OnnxTensor types = OnnxTensor.createTensor(environment, LongBuffer.allocate(n * longest), shape);
                OrtSession.Result result = session.run(
                        Map.of("input_ids", idTensor, "attention_mask", maskTensor, "token_type_ids", types))) {
            FloatBuffer rows = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[][] vectors = new float[n][];
            for (int i = 0; i < n; i++) {
                vectors[i] = mean(rows, i * longest, pooled == Pooled.CLS ? 1 : texts.get(i).length);
            }
            return vectors;
        }
    }

    private static float[] mean(FloatBuffer rows, int first, int count) {
        float[] mean = new float[TrainedEncoder.WIDTH];
        float[] row = new float[TrainedEncoder.WIDTH];
        for (int i = 0; i < count; i++) {
            rows.get((first + i) * TrainedEncoder.WIDTH, row);
            for (int d = 0; d < row.length; d++) {
                mean[d] += row[d];
            }
        }
        double squares = 0;
        for (float x : mean) {
            squares += (double) x * x;
        }
        double length = Math.sqrt(squares);
        for (int d = 0; d < mean.length; d++) {
            mean[d] = (float) (mean[d] / length);
        }
        return mean;
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
