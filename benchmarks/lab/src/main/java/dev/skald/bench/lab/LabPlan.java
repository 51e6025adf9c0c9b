package dev.skald.bench.lab;

import dev.skald.runtime.quantize.Quantizer;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Finds out, before a lab begins, what would stop it later. */
record LabPlan(LabOptions options, LabFolder folder) {
    /** Whether a type has been measured. */
    interface Finished {
        boolean test(Candidate candidate) throws IOException;
    }

    static Quantizer quantizer(LabOptions options, Candidate candidate) throws IOException {
        return Quantizer.open(options.model, candidate.mixture(), o -> {
            o.pure(candidate.pure()).allowRequantize(true).overwrite(true).threads(options.threads);
            // Without blocks there is nothing to weigh.
            if (options.importance != null && candidate.mixture().base().blockElements() > 1) {
                o.importance(options.importance, options.importanceName);
            }
        });
    }

    /**
     * Checks every type that has not been measured.
     *
     * @throws IllegalArgumentException if one needs an importance matrix that is not there, or cannot be made of the model
     * @throws FileSystemException if the models will not fit on the disk
     */
    void check(Finished finished) throws IOException {
        List<String> unimportant = new ArrayList<>();
        long most = 0;
        long all = 0;
        for (Candidate candidate : options.types) {
            if (finished.test(candidate)) {
                continue;
            }
            try (Quantizer quantizer = quantizer(options, candidate)) {
                if (!quantizer.plan().withoutImportance().isEmpty()) {
                    unimportant.add(candidate.name());
                }
                if (!Files.exists(folder.model(candidate))) {
                    most = Math.max(most, quantizer.plan().bytes());
                    all += quantizer.plan().bytes();
                }
            }
        }
        if (!unimportant.isEmpty()) {
            throw new IllegalArgumentException(String.join(", ", unimportant)
                    + (unimportant.size() == 1 ? " needs" : " need")
                    + " an importance matrix: make one with skald imatrix and pass it with --imatrix, or leave out "
                    + (unimportant.size() == 1 ? "this type" : "these types"));
        }
        long needed = options.keepModels ? all : most;
        long free = Files.getFileStore(folder.path()).getUsableSpace();
        if (free < needed) {
            throw new FileSystemException(
                    folder.path().toString(),
                    null,
                    "the models take " + Words.size(needed) + ", and " + Words.size(free)
                            + " are free: make room, compare fewer types, or delete each model when it is measured"
                            + " (--delete-models)");
        }
    }
}
