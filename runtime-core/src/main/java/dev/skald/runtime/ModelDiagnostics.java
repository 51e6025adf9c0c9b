package dev.skald.runtime;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Describes how a model runs in this process: what Skald chose when it opened the model, and how long that took.
 *
 * @param machine the JVM and machine, as they were when the report was made
 * @param file the model's file
 * @param architecture the value of {@code general.architecture}
 * @param threads the number of threads that compute, including the calling one
 * @param batchSize the greatest number of tokens that are computed together
 * @param kernels the kernels that multiply by the weights, such as {@code machine code, AVX2}, and why machine code is not
 *     used, if it is not
 * @param weights whether the weights are packed for those kernels, and why
 * @param packedBytes memory of the packed weights, outside the Java heap; 0 if they are used in place
 * @param kvCache the format of keys and values, such as {@code float32}
 * @param prefixBudget the greatest number of bytes of kept prefixes, see {@link ModelOptions#prefixCache}
 * @param prefixBytes the bytes of prefixes that are kept now
 * @param exact whether {@link ModelOptions#exact} was set
 * @param approximations the paths in use that round more than float32 with exact scales does; empty if exact
 * @param slowKernels a sentence for each kernel that this JVM has not compiled well; usually none
 * @param opening the times that opening took
 */
public record ModelDiagnostics(
        Diagnostics machine,
        Path file,
        String architecture,
        int threads,
        int batchSize,
        String kernels,
        WeightStorage weights,
        long packedBytes,
        String kvCache,
        long prefixBudget,
        long prefixBytes,
        boolean exact,
        List<String> approximations,
        List<String> slowKernels,
        Opening opening) {

    /** Where the weights are stored, and why. */
    public enum WeightStorage {
        /** Packed for the kernels; the default. */
        PACKED("packed"),
        /** In the file, as the caller asked. */
        IN_PLACE_AS_ASKED("in place, as asked"),
        /** In the file, because the machine has too little memory for a copy. */
        IN_PLACE_FOR_LACK_OF_MEMORY("in place: the file takes more than three quarters of the memory"),
        /** In the file, because this JVM has no kernels for packed weights. */
        IN_PLACE_FOR_LACK_OF_KERNELS("in place: plain Java kernels use weights as the file has them");

        private final String text;

        WeightStorage(String text) {
            this.text = text;
        }

        /**
         * Formats the storage for people.
         *
         * @return where the weights are, and why
         */
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * The time that opening a model took.
     *
     * @param vocabulary reading the vocabulary
     * @param weights reading, checking and packing the weights
     * @param warmUp waiting for the kernels to be compiled, after the weights were ready
     * @param total everything
     */
    public record Opening(Duration vocabulary, Duration weights, Duration warmUp, Duration total) {}

    /** The lists are copied. */
    public ModelDiagnostics {
        approximations = List.copyOf(approximations);
        slowKernels = List.copyOf(slowKernels);
    }

    /**
     * Formats the whole report for people: the lines of {@link Diagnostics#text()}, followed by the model's.
     *
     * @return lines, each ended by a line feed
     */
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add(machine.text());
        lines.add(Diagnostics.line("model", file + " (" + architecture + ")"));
        lines.add(Diagnostics.line("threads", threads + ", up to " + batchSize + " tokens together"));
        lines.add(Diagnostics.line("products", kernels));
        lines.add(
                Diagnostics.line("weights", weights + (packedBytes == 0 ? "" : ", " + Diagnostics.size(packedBytes))));
        lines.add(Diagnostics.line("kv cache", kvCache));
        lines.add(Diagnostics.line(
                "prefixes",
                prefixBudget == 0
                        ? "not kept"
                        : Diagnostics.size(prefixBytes) + " kept, at most " + Diagnostics.size(prefixBudget)));
        lines.add(Diagnostics.line(
                "approximate", approximations.isEmpty() ? "nothing" : String.join(", ", approximations)));
        slowKernels.forEach(sentence -> lines.add(Diagnostics.line("slow", sentence)));
        lines.add(Diagnostics.line(
                "opened",
                String.format(
                        Locale.ROOT,
                        "in %.2f s: vocabulary %.2f, weights %.2f, then warm-up %.2f",
                        seconds(opening.total),
                        seconds(opening.vocabulary),
                        seconds(opening.weights),
                        seconds(opening.warmUp))));
        return String.join("", lines);
    }

    /**
     * The same as {@link #text()}.
     *
     * @return lines, each ended by a line feed
     */
    @Override
    public String toString() {
        return text();
    }

    private static double seconds(Duration time) {
        return time.toNanos() * 1e-9;
    }
}
