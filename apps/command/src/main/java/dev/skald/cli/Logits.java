package dev.skald.cli;

import dev.skald.gguf.io.WholeFile;
import dev.skald.runtime.Model;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code skald logits}: writes what the model computes, for people who compare implementations. */
@Command(
        name = "logits",
        description = "Write the logits after each token: float32, little-endian, tokens x vocabulary.")
final class Logits implements Callable<Integer>, Computes {
    /** How many rows are computed and held at once. */
    private static final int ROWS = 64;

    @Mixin
    private ModelArguments model;

    @Option(
            names = "--prompt-tokens",
            required = true,
            paramLabel = "IDS",
            converter = TokenIds.Converter.class,
            description = "The tokens, as ids (1,2,3).")
    private TokenIds tokens;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            converter = OutputFile.OfBytes.class,
            description = "The file to write, or - for standard output; row i has the logits after token i.")
    private Path out;

    @Mixin
    private ForceArguments force;

    @Override
    public Integer call() throws IOException {
        force.check(out, Arrays.asList(model.named()));
        return TidyExit.letFinish(() -> {
            try (WholeFile file = WholeFile.create(out, force.existing())) {
                compute(file);
                file.commit();
            }
            return 0;
        });
    }

    private void compute(WholeFile file) throws IOException {
        try (Model opened = model.open();
                Session session = model.newSession(opened);
                Progress progress = Progress.of("logits", tokens.ids().size())) {
            int[] ids = tokens.toArray();
            if (ids.length > session.contextLength()) {
                throw new ContextOverflowException(ids.length, 0, session.contextLength());
            }
            for (int from = 0; from < ids.length; from += ROWS) {
                int to = Math.min(ids.length, from + ROWS);
                write(file, session.logits(Arrays.copyOfRange(ids, from, to)));
                progress.accept(to);
            }
        }
    }

    private static void write(WholeFile file, float[] logits) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(logits.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(logits);
        file.write(bytes);
    }
}
