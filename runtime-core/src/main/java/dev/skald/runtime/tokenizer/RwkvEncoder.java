package dev.skald.runtime.tokenizer;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.io.RawText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * RWKV's World tokenizer: from the left, the longest token. The file writes the bytes of tokens as Python would, with {@code
 * \n}, {@code \x0f} and the like.
 */
final class RwkvEncoder implements FragmentEncoder {
    /** A limit, because a text of n bytes may take n times the length of the longest token. RWKV's longest has 128. */
    private static final int LONGEST = 1024;

    private static final int ROOT = 0;
    private static final long EMPTY = -1;

    private final int unknown;
    /** All tokens as a tree: a node (upper bits) and the next byte, or -1 for a free slot. */
    private long[] edges;

    /** The node that an edge in {@link #edges} leads to. */
    private int[] targets;

    /** The token that is complete at a node; -1 for none. */
    private int[] complete = new int[1024];

    private int nodes = 1;

    /**
     * Creates the encoder of a vocabulary.
     *
     * @param unknown replaces bytes that the vocabulary lacks; -1 if there is none
     */
    RwkvEncoder(Vocabulary vocabulary, int unknown) {
        this.unknown = unknown;
        this.complete[ROOT] = -1;
        clear(Hash.slots(2 * vocabulary.size()));
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.isText(id)) {
                add(vocabulary.bytes(id), id);
            }
        }
    }

    private void clear(int slots) {
        edges = new long[slots];
        Arrays.fill(edges, EMPTY);
        targets = new int[slots];
    }

    private void add(byte[] bytes, int id) {
        if (bytes.length > LONGEST) {
            throw new GgufFormatException(Vocabulary.TOKENS + "[" + id + "] stands for " + bytes.length
                    + " bytes, but RWKV's tokens for no more than " + LONGEST);
        }
        int node = ROOT;
        for (byte b : bytes) {
            long edge = edge(node, b);
            int slot = slot(edge);
            if (edges[slot] == EMPTY) {
                edges[slot] = edge;
                targets[slot] = newNode();
                if (Hash.slots(nodes) > edges.length) {
                    grow();
                    slot = slot(edge);
                }
            }
            node = targets[slot];
        }
        if (node != ROOT) {
            complete[node] = id;
        }
    }

    private int newNode() {
        if (nodes == complete.length) {
            complete = Arrays.copyOf(complete, 2 * nodes);
        }
        complete[nodes] = -1;
        return nodes++;
    }

    private void grow() {
        long[] oldEdges = edges;
        int[] oldTargets = targets;
        clear(2 * oldEdges.length);
        for (int i = 0; i < oldEdges.length; i++) {
            if (oldEdges[i] != EMPTY) {
                int slot = slot(oldEdges[i]);
                edges[slot] = oldEdges[i];
                targets[slot] = oldTargets[i];
            }
        }
    }

    private static long edge(int node, byte b) {
        return (long) node << Byte.SIZE | b & 0xFF;
    }

    /** Returns the slot that holds an edge, or the free slot where it belongs. */
    private int slot(long edge) {
        int slot = Hash.of(edge) & edges.length - 1;
        while (edges[slot] != edge && edges[slot] != EMPTY) {
            slot = slot + 1 & edges.length - 1;
        }
        return slot;
    }

    @Override
    public void encode(String text, boolean first, IntList ids) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int at = 0;
        while (at < bytes.length) {
            int id = unknown;
            int end = at + 1;
            int node = ROOT;
            for (int i = at; i < bytes.length; i++) {
                int slot = slot(edge(node, bytes[i]));
                if (edges[slot] == EMPTY) {
                    break;
                }
                node = targets[slot];
                if (complete[node] >= 0) {
                    id = complete[node];
                    end = i + 1;
                }
            }
            if (id >= 0) {
                ids.add(id);
            }
            at = end;
        }
    }

    @Override
    public boolean prefixesSpace() {
        return false;
    }

    @Override
    public String description() {
        return "RWKV's longest match";
    }

    /** Returns the bytes of a piece; of an incomplete escape, the bytes that are there. */
    static byte[] bytes(String piece, TokenKind kind) {
        byte[] written = RawText.encode(piece);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(written.length);
        for (int i = 0; i < written.length; i++) {
            if (written[i] != '\\' || i + 1 == written.length) {
                bytes.write(written[i]);
                continue;
            }
            i++;
            switch (written[i]) {
                case 't' -> bytes.write('\t');
                case 'n' -> bytes.write('\n');
                case 'r' -> bytes.write('\r');
                case 'x' -> {
                    int value = 0;
                    int end = Math.min(i + 2, written.length - 1);
                    while (i < end && Character.digit(written[i + 1], 16) >= 0) {
                        value = value << 4 | Character.digit(written[++i], 16);
                    }
                    bytes.write(value);
                }
                default -> bytes.write(written[i]);
            }
        }
        return bytes.toByteArray();
    }
}
