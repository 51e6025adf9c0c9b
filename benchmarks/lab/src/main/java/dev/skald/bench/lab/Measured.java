package dev.skald.bench.lab;

import java.util.List;

/**
 * What has been measured of one model so far; missing parts are null.
 *
 * @param key the settings and the machine; a result is used again only under the same key
 * @param name the type, or {@code source}
 * @param size its size
 * @param errors what each tensor lost; none for the source
 * @param quality how well it predicts
 * @param speed how fast it runs
 */
public record Measured(String key, String name, Size size, List<TensorError> errors, Quality quality, Speed speed) {
    /**
     * The size of a model.
     *
     * @param bytes the size of its tensors
     * @param bitsPerWeight the average over all tensors, including scales
     * @param types the share of each type of tensor
     * @param seconds the time for quantizing; 0 for the source
     * @param fallbacks the number of tensors that could not get the intended type
     */
    public record Size(long bytes, double bitsPerWeight, String types, double seconds, int fallbacks) {}

    /**
     * What a tensor lost.
     *
     * @param tensor the name of the tensor
     * @param type its new type
     * @param weights the number of its weights
     * @param rms the root of the mean square of its weights
     * @param rmse the root of the mean square of what they lost
     */
    public record TensorError(String tensor, String type, long weights, double rms, double rmse) {
        /**
         * Returns the error relative to the weights.
         *
         * @return rmse / rms; 0 for a tensor of zeros
         */
        public double relative() {
            return rms == 0 ? 0 : rmse / rms;
        }
    }

    /**
     * How well a model predicts, with standard errors.
     *
     * @param perplexity of the text
     * @param perplexityError of it
     * @param ratio the perplexity over the source's
     * @param ratioError of it
     * @param kl mean Kullback-Leibler divergence from the source's predictions, in nats
     * @param klError of it
     * @param kl99 the divergence that one prediction in a hundred exceeds
     * @param kl999 the divergence that one prediction in a thousand exceeds
     * @param klMost the largest divergence of a prediction
     * @param sameTop in what share of predictions both find the same token most probable
     * @param sameTopError of it
     */
    public record Quality(
            double perplexity,
            double perplexityError,
            double ratio,
            double ratioError,
            double kl,
            double klError,
            double kl99,
            double kl999,
            double klMost,
            double sameTop,
            double sameTopError) {}

    /**
     * How fast a model runs, in tokens per second.
     *
     * @param prompt reading a prompt
     * @param promptDeviation standard deviation of the repetitions
     * @param promptShare of what the machine allows
     * @param generation generating, a token at a time
     * @param generationDeviation standard deviation of the repetitions
     * @param generationShare of what the machine allows
     * @param memory bytes of the weights while the model runs
     */
    public record Speed(
            double prompt,
            double promptDeviation,
            double promptShare,
            double generation,
            double generationDeviation,
            double generationShare,
            long memory) {}

    static Measured nothing(String key, String name) {
        return new Measured(key, name, null, null, null, null);
    }

    Measured with(Size sized, List<TensorError> compared) {
        return new Measured(key, name, sized, compared, quality, speed);
    }

    Measured with(Quality judged) {
        return new Measured(key, name, size, errors, judged, speed);
    }

    Measured with(Speed timed) {
        return new Measured(key, name, size, errors, quality, timed);
    }
}
