package dev.skald.cli;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.io.Existing;
import dev.skald.gguf.io.WholeFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option to replace an existing file. The command's own inputs are never replaced. */
final class ForceArguments {
    @Option(names = "--force", description = "Replace an existing file.")
    private boolean force;

    boolean given() {
        return force;
    }

    Existing existing() {
        return force
                ? Existing.REPLACE
                : new Existing() {
                    @Override
                    public boolean mayBeReplaced(Path file) {
                        return false;
                    }

                    @Override
                    public String advice() {
                        return "choose another name, or replace it by --force";
                    }
                };
    }

    /**
     * Checks, before the work, whether a file can be written.
     *
     * @param inputs the files that the command reads; null for one that was not given
     * @return the file that will be written; empty if the name is that of a pipe or a device
     */
    Optional<Path> check(Path out, List<Path> inputs) throws IOException {
        checkInputs(out, inputs);
        return WholeFile.check(out, existing());
    }

    static void checkInputs(Path out, List<Path> inputs) throws IOException {
        if (!Files.isRegularFile(out)) {
            return;
        }
        for (Path input : inputs) {
            for (Path part : input == null ? List.<Path>of() : parts(input)) {
                if (Files.exists(part) && Files.isSameFile(out, part)) {
                    throw new FileSystemException(
                            out.toString(), null, "is read by this command: give the result another name");
                }
            }
        }
    }

    /** The file, and the other parts of a split model. */
    private static List<Path> parts(Path input) throws IOException {
        List<Path> files = new ArrayList<>(List.of(input));
        if (Files.isRegularFile(input)) {
            try (GgufFile model = GgufFile.open(input)) {
                files.addAll(model.parts());
            } catch (GgufFormatException noModel) {
                return files;
            }
        }
        return files;
    }
}
