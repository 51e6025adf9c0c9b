package dev.skald.runtime.session;

import dev.skald.gguf.io.InputFile;
import dev.skald.gguf.io.WholeFile;
import dev.skald.runtime.io.Saved;
import dev.skald.runtime.state.SequenceState;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A file with the sequences of a session. Little-endian: {@code SKALDSES}, a version, the fingerprint of the model and its
 * adapters, the number of sequences, for each its length and tokens, the length of the caller's bytes and these bytes, for each
 * sequence what {@link SequenceState#write} writes, and the CRC-32C of everything before it.
 */
final class SessionFile {
    private static final long MAGIC =
            ByteBuffer.wrap(Saved.beginning()).order(ByteOrder.LITTLE_ENDIAN).getLong();
    private static final int VERSION = 1;

    private SessionFile() {}

    static void write(Path file, byte[] fingerprint, Sequence[] sequences, byte[] attachment) throws IOException {
        try (WholeFile part = WholeFile.createForOwner(file, Saved.EXISTING)) {
            Out out = new Out(part);
            out.put(
                    16 + fingerprint.length,
                    b -> b.putLong(MAGIC).putInt(VERSION).put(fingerprint).putInt(sequences.length));
            for (Sequence sequence : sequences) {
                out.put(4 * (1 + sequence.size()), b -> {
                    b.putInt(sequence.size());
                    for (int i = 0; i < sequence.size(); i++) {
                        b.putInt(sequence.token(i));
                    }
                });
            }
            out.put(4 + attachment.length, b -> b.putInt(attachment.length).put(attachment));
            for (Sequence sequence : sequences) {
                sequence.state().write(out);
            }
            int sum = (int) out.sum.getValue();
            out.put(4, b -> b.putInt(sum));
            part.commit();
        }
    }

    /**
     * Reads a file into the empty sequences of a session.
     *
     * @param fingerprint of the model
     * @return the caller's bytes
     */
    static byte[] read(Path file, byte[] fingerprint, int vocabulary, Sequence[] own) throws IOException {
        try (FileChannel channel = InputFile.open(file)) {
            In in = new In(file, channel);
            ByteBuffer head = in.get(48);
            if (head.getLong() != MAGIC) {
                throw in.bad("is not a saved session: it does not begin with SKALDSES");
            }
            int version = head.getInt();
            if (version != VERSION) {
                throw in.bad("is a saved session of version " + version + ", and this Skald reads version " + VERSION
                        + ": save it again");
            }
            byte[] saved = new byte[32];
            head.get(saved);
            if (!Arrays.equals(saved, fingerprint)) {
                throw in.bad("was saved with another model, or with other adapters: open those, or begin anew");
            }
            int sequences = head.getInt();
            if (sequences != own.length) {
                throw in.bad("has " + sequences + " sequences, and this session has " + own.length);
            }
            for (int s = 0; s < own.length; s++) {
                readTokens(in, s, vocabulary, own[s]);
            }
            ByteBuffer rest = in.get(in.count("bytes of the caller's", Integer.MAX_VALUE, 1));
            byte[] attachment = new byte[rest.remaining()];
            rest.get(attachment);
            for (int s = 0; s < own.length; s++) {
                readState(in, own[s].state());
                int length = own[s].state().length();
                if (length != own[s].size()) {
                    throw in.bad("is damaged: sequence " + s + " has " + own[s].size() + " tokens, but keys and values"
                            + " of " + length);
                }
            }
            int sum = (int) in.sum.getValue();
            int expected = in.get(4).getInt();
            if (sum != expected || in.left() > 0) {
                throw in.bad(String.format(
                        "is damaged: its checksum is %08x and not %08x, with %d bytes behind it",
                        sum, expected, in.left()));
            }
            return attachment;
        }
    }

    private static void readTokens(In in, int sequence, int vocabulary, Sequence own) throws IOException {
        int count = in.count("tokens of sequence " + sequence, own.state().contextLength(), 4);
        ByteBuffer ids = in.get(4 * count);
        while (ids.hasRemaining()) {
            int id = ids.getInt();
            if (id < 0 || id >= vocabulary) {
                throw in.bad("is damaged: token " + id + " of sequence " + sequence + " is not in the vocabulary of "
                        + vocabulary);
            }
            own.addUnknown(id);
        }
    }

    private static void readState(In in, SequenceState state) throws IOException {
        try {
            state.read(in);
        } catch (EOFException early) {
            throw in.bad("is damaged: " + early.getMessage());
        } catch (ClosedChannelException interrupted) {
            throw interrupted;
        } catch (IOException other) {
            throw in.bad("does not fit: " + other.getMessage());
        }
    }

    private interface Filler {
        void fill(ByteBuffer bytes);
    }

    /** Computes the checksum of what is written. */
    private static final class Out implements WritableByteChannel {
        private final WholeFile file;
        private final CRC32C sum = new CRC32C();

        Out(WholeFile file) {
            this.file = file;
        }

        void put(int size, Filler filler) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
            filler.fill(bytes);
            write(bytes.flip());
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            int count = bytes.remaining();
            sum.update(bytes.duplicate());
            file.write(bytes);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // The caller created the file and closes it.
        }
    }

    /** Computes the checksum of what is read, and never asks for more bytes than there are. */
    private static final class In implements ReadableByteChannel {
        private final Path file;
        private final FileChannel channel;
        private final CRC32C sum = new CRC32C();

        In(Path file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        IOException bad(String what) {
            return new IOException(file + " " + what);
        }

        long left() throws IOException {
            return channel.size() - channel.position();
        }

        int count(String what, int most, int size) throws IOException {
            int count = get(4).getInt();
            if (count < 0 || count > most || (long) count * size > left()) {
                throw bad("does not fit or is damaged: " + count + " " + what + ", at most " + most
                        + " are possible, and " + left() + " bytes are left");
            }
            return count;
        }

        ByteBuffer get(int size) throws IOException {
            if (size > left()) {
                throw bad("is damaged: it ends early, " + (size - left()) + " bytes are missing at "
                        + channel.position());
            }
            ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
            while (bytes.hasRemaining()) {
                if (read(bytes) < 0) {
                    throw bad("is damaged: it ends early");
                }
            }
            return bytes.flip();
        }

        @Override
        public int read(ByteBuffer bytes) throws IOException {
            ByteBuffer filled = bytes.duplicate();
            int count = channel.read(bytes);
            sum.update(filled.limit(bytes.position()));
            return count;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
