package dev.skald.bench.lab;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files of a lab. In a folder that no lab has begun, no existing file is replaced. */
record LabFolder(Path path) {
    static final String SOURCE = "source";

    Path measured() {
        return path.resolve("measured");
    }

    Path model(Candidate candidate) {
        return path.resolve("models").resolve(candidate.name() + ".gguf");
    }

    /** The predictions of the source; they exist while the lab runs. */
    Path base() {
        return path.resolve("source-predictions.kld");
    }

    Path json() {
        return path.resolve("report.json");
    }

    Path markdown() {
        return path.resolve("report.md");
    }

    Path page() {
        return path.resolve("index.html");
    }

    List<Path> report() {
        return List.of(json(), markdown(), page());
    }

    /** Returns everything that a lab with these types writes. */
    List<Path> all(List<Candidate> types) {
        List<Path> files = new ArrayList<>(report());
        files.add(base());
        files.add(measured().resolve(SOURCE + ".json"));
        for (Candidate candidate : types) {
            files.add(model(candidate));
            files.add(measured().resolve(candidate.name() + ".json"));
        }
        return files;
    }

    /**
     * Checks that the files can be written: the path is or can become a folder, and the files in it are a lab's and are not among
     * the inputs.
     */
    void check(List<Path> files, boolean overwrite, List<Path> inputs) throws IOException {
        Path there = path.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there != null && !Files.isDirectory(there)) {
            throw new FileSystemException(
                    there.toString(),
                    null,
                    "is a file, and a lab writes its report into a folder: choose another name");
        }
        for (Path file : files) {
            for (Path input : inputs) {
                if (Files.exists(file) && Files.exists(input) && Files.isSameFile(file, input)) {
                    throw new FileSystemException(
                            file.toString(),
                            null,
                            "is an input of this lab, which would overwrite it: choose another folder");
                }
            }
        }
        if (overwrite || isBegun()) {
            return;
        }
        for (Path file : files) {
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(
                        file.toString(), null, "was not made by a lab: choose another folder, or add --force");
            }
        }
    }

    /** Whether a lab has written here: its notebook or its report exists. */
    private boolean isBegun() throws IOException {
        Path source = measured().resolve(SOURCE + ".json");
        if (Files.isRegularFile(source)
                && Notebook.parse(source, Measured.class)
                        .filter(found -> SOURCE.equals(found.name()) && found.key() != null)
                        .isPresent()) {
            return true;
        }
        return Files.isRegularFile(json())
                && Notebook.parse(json(), Written.class)
                        .filter(found -> found.report() != null)
                        .isPresent();
    }

    private record Written(QuantizationReport report) {}
}
