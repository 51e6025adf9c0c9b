package dev.skald.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * The input and output of a command: always UTF-8, whatever the platform's charset. A failed write to {@code out} throws an
 * {@link OutputException}; a {@link PrintWriter} alone would ignore it.
 */
record Streams(InputStream in, PrintWriter out, PrintWriter err) {
    static Streams ofProcess() {
        return of(System.in, new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err));
    }

    static Streams of(InputStream in, OutputStream out, OutputStream err) {
        return new Streams(
                in,
                new PrintWriter(new OutputStreamWriter(new Loud(out), StandardCharsets.UTF_8)),
                new PrintWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), true));
    }

    private static final class Loud extends OutputStream {
        private final OutputStream target;

        Loud(OutputStream target) {
            this.target = target;
        }

        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            try {
                target.write(bytes, offset, length);
            } catch (IOException failure) {
                throw new OutputException(failure);
            }
        }

        @Override
        public void flush() {
            try {
                target.flush();
            } catch (IOException failure) {
                throw new OutputException(failure);
            }
        }
    }
}
