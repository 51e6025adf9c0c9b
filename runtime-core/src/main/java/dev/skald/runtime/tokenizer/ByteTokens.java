package dev.skald.runtime.tokenizer;

import java.nio.charset.StandardCharsets;

/** The tokens of single bytes, {@code <0x00>} to {@code <0xFF>}, for characters that have no token. */
final class ByteTokens {
    private final int[] ids = new int[256];
    private final int unknown;

    /**
     * Reads the byte tokens of a vocabulary.
     *
     * @param unknown replaces characters whose bytes it lacks; -1 if there is none
     */
    ByteTokens(Vocabulary vocabulary, int unknown) {
        this.unknown = unknown;
        for (int b = 0; b < 256; b++) {
            int id = vocabulary.id("<0x%02X>".formatted(b));
            ids[b] = id >= 0 ? id : vocabulary.textId(Character.toString(b));
        }
    }

    /** Adds the tokens of a text's bytes. */
    void add(String text, IntList tokens) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            int id = ids[b & 0xFF];
            if (id < 0) {
                if (unknown >= 0) {
                    tokens.add(unknown);
                }
                return;
            }
            tokens.add(id);
        }
    }
}
