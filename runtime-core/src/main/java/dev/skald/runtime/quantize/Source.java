package dev.skald.runtime.quantize;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.TensorInfo;
import dev.skald.gguf.TensorReader;
import dev.skald.runtime.convert.OriginalModel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** What is quantized: a GGUF file, or original weights as they would stand in one. */
interface Source extends AutoCloseable {
    /** Reads pieces of tensors; any number of threads may use it. */
    interface Reader extends AutoCloseable {
        void read(TensorInfo tensor, long offset, MemorySegment target) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** The name for messages. */
    Path path();

    /** All files that are read, none of which may be written. */
    List<Path> files();

    List<TensorInfo> tensors();

    ModelTraits traits();

    /** Hands over all keys with their types and values, in order. */
    void metadata(Consumer<OriginalModel.Key> keys);

    /** Whether quantized tensors stay as they are, because the original has no others. */
    boolean keepsBlocks();

    /** About as many bytes as the keys and the descriptions of tensors take. */
    long headBytes();

    Reader reader() throws IOException;

    @Override
    void close();

    /** A GGUF file, which is closed with the source. */
    static Source of(GgufFile file) {
        return new Source() {
            @Override
            public Path path() {
                return file.path();
            }

            @Override
            public List<Path> files() {
                return file.parts();
            }

            @Override
            public List<TensorInfo> tensors() {
                return file.tensors();
            }

            @Override
            public ModelTraits traits() {
                return ModelTraits.of(file.metadata());
            }

            @Override
            public void metadata(Consumer<OriginalModel.Key> keys) {
                GgufMetadata metadata = file.metadata();
                for (String key : metadata.keys()) {
                    keys.accept(new OriginalModel.Key(key, metadata.type(key), metadata.get(key)));
                }
            }

            @Override
            public boolean keepsBlocks() {
                return false;
            }

            @Override
            public long headBytes() {
                return file.bytes()
                        - file.tensors().stream().mapToLong(TensorInfo::bytes).sum();
            }

            @Override
            public Reader reader() throws IOException {
                TensorReader reader = file.reader();
                return new Reader() {
                    @Override
                    public void read(TensorInfo tensor, long offset, MemorySegment target) throws IOException {
                        reader.read(tensor, offset, target);
                    }

                    @Override
                    public void close() throws IOException {
                        reader.close();
                    }
                };
            }

            @Override
            public void close() {
                file.close();
            }
        };
    }

    /** Original weights, which are closed with the source. */
    static Source of(OriginalModel model) {
        return new Source() {
            @Override
            public Path path() {
                return model.folder();
            }

            @Override
            public List<Path> files() {
                return model.files();
            }

            @Override
            public List<TensorInfo> tensors() {
                return model.tensors();
            }

            @Override
            public ModelTraits traits() {
                return ModelTraits.of(model);
            }

            @Override
            public void metadata(Consumer<OriginalModel.Key> keys) {
                model.metadata().forEach(keys);
            }

            @Override
            public boolean keepsBlocks() {
                return true;
            }

            @Override
            public long headBytes() {
                return model.headBytes();
            }

            @Override
            public Reader reader() {
                return new Reader() {
                    @Override
                    public void read(TensorInfo tensor, long offset, MemorySegment target) throws IOException {
                        model.read(tensor, offset, target);
                    }

                    @Override
                    public void close() {
                        // The model is closed with the source.
                    }
                };
            }

            @Override
            public void close() {
                model.close();
            }
        };
    }
}
