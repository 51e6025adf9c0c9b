package dev.skald.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;

/**
 * A model as it is named on the command line: by a file's path, or by its name on the Hub. It is looked for, and downloaded if it
 * is not there, when its file is first needed.
 */
final class NamedModel {
    private final Streams streams;
    private final String name;
    private Path file;

    NamedModel(Streams streams, String name) {
        this.streams = streams;
        this.name = name;
    }

    /** Makes one of an option's value. */
    static final class Converter implements ITypeConverter<NamedModel> {
        private final Streams streams;

        Converter(Streams streams) {
            this.streams = streams;
        }

        @Override
        public NamedModel convert(String name) {
            return new NamedModel(streams, name);
        }
    }

    /** The file, if the name is a path to one. */
    Optional<Path> onDisk() {
        try {
            return Optional.of(Path.of(name)).filter(Files::isRegularFile);
        } catch (InvalidPathException noPath) {
            return Optional.empty();
        }
    }

    /** The file to open: for a split model, a part of it. */
    Path file() throws IOException {
        if (file == null) {
            file = HubModels.resolve(name, streams.err());
        }
        return file;
    }
}
