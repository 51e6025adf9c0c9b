package dev.skald.gguf;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;

/** Recognizes a file that is not GGUF, and says what it looks like. */
final class NotGguf {
    private static final int PEEK = 64;

    private NotGguf() {}

    /** Checks the first four bytes. */
    static void check(Path path, MemorySegment file) {
        byte[] start = file.asSlice(0, Math.min(PEEK, file.byteSize())).toArray(Values.U8);
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("GGUF")) {
            return;
        }
        if (start.length == 0) {
            throw new GgufFormatException(path, 0, "the file is empty: the download may have failed");
        }
        String found = HexFormat.ofDelimiter(" ").formatHex(start, 0, Math.min(4, start.length));
        throw new GgufFormatException(
                path,
                0,
                "not a GGUF file: it begins with " + found + ", not with 47 47 55 46 ('GGUF')" + hint(file, text));
    }

    private static String hint(MemorySegment file, String text) {
        String lower = text.stripLeading().toLowerCase(Locale.ROOT);
        if ("GGUF".startsWith(text)) {
            return "; it is cut off after " + text.length() + " bytes";
        }
        if (text.startsWith("FUGG")) {
            return "; its bytes are in swapped order";
        }
        if (text.startsWith("lmgg") || text.startsWith("fmgg") || text.startsWith("tjgg") || text.startsWith("algg")) {
            return "; it looks like a GGML file from before GGUF (2023): download a GGUF file of this model";
        }
        if (lower.startsWith("version https://git-lfs")) {
            return "; it looks like a git-lfs pointer: run `git lfs pull` to get the file itself";
        }
        if (lower.startsWith("<!doctype") || lower.startsWith("<html") || lower.startsWith("<?xml")) {
            return "; it looks like a web page: download the file itself, not the page about it";
        }
        if (text.startsWith("PK\3\4")) {
            return "; it looks like a zip archive or a PyTorch checkpoint: unpack it, or convert the model with"
                    + " llama.cpp's convert_hf_to_gguf.py";
        }
        if (text.startsWith("\u001f\u008b") || text.startsWith("(\u00b5/\u00fd")) {
            return "; it looks compressed: unpack it first";
        }
        if (text.length() > Long.BYTES && text.charAt(Long.BYTES) == '{') {
            long header = Values.u64(file, 0);
            if (header > 0 && header <= file.byteSize() - Long.BYTES) {
                return "; it looks like safetensors: convert the model with llama.cpp's convert_hf_to_gguf.py";
            }
        }
        if (lower.startsWith("{") || lower.startsWith("[")) {
            return "; it looks like JSON: a configuration, or a server's error message in place of a download";
        }
        return "";
    }
}
