package dev.skald.runtime.convert;

import dev.skald.gguf.GgufFormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code tokenizer.model}: a vocabulary in protocol buffers. Source: {@code sentencepiece_model.proto} of
 * SentencePiece, and the encoding of protocol buffers.
 */
final class SentencePiece {
    private static final int NORMAL = 1;
    private static final int VARINT = 0;
    private static final int LONG = 1;
    private static final int BYTES = 2;
    private static final int INT = 5;

    /** A token. Its type has the number that GGUF uses. */
    record Piece(String text, float score, int type) {}

    private final String place;
    private final List<Piece> pieces = new ArrayList<>();
    private int modelType = 1;
    private boolean dummyPrefix = true;
    private boolean removesSpaces = true;
    private byte[] charsMap = {};

    private SentencePiece(String place) {
        this.place = place;
    }

    static SentencePiece read(String place, byte[] file) {
        SentencePiece model = new SentencePiece(place);
        model.fields(file, 0, file.length, (number, at, end, value) -> {
            switch (number) {
                case 1 -> model.piece(file, at, end);
                case 2 ->
                    model.fields(file, at, end, (field, from, to, number2) -> {
                        if (field == 3) {
                            model.modelType = (int) number2;
                        }
                    });
                case 3 ->
                    model.fields(file, at, end, (field, from, to, flag) -> {
                        switch (field) {
                            case 2 -> model.charsMap = java.util.Arrays.copyOfRange(file, from, to);
                            case 3 -> model.dummyPrefix = flag != 0;
                            case 4 -> model.removesSpaces = flag != 0;
                            default -> {}
                        }
                    });
                default -> {}
            }
        });
        if (model.pieces.isEmpty()) {
            throw model.error(0, "it has no tokens: is it a model of SentencePiece?");
        }
        return model;
    }

    List<Piece> pieces() {
        return pieces;
    }

    /** Returns whether this is a unigram model, not BPE. */
    boolean isUnigram() {
        return modelType == 1;
    }

    boolean dummyPrefix() {
        return dummyPrefix;
    }

    boolean removesSpaces() {
        return removesSpaces;
    }

    byte[] charsMap() {
        return charsMap;
    }

    private void piece(byte[] file, int at, int end) {
        String[] text = {""};
        float[] score = {0};
        int[] type = {NORMAL};
        fields(file, at, end, (number, from, to, value) -> {
            switch (number) {
                case 1 -> text[0] = new String(file, from, to - from, StandardCharsets.UTF_8);
                case 2 -> score[0] = Float.intBitsToFloat((int) value);
                case 3 -> type[0] = (int) value;
                default -> {}
            }
        });
        if (type[0] < 1 || type[0] > 6) {
            throw error(at, "token " + pieces.size() + " has the type " + type[0] + "; there are 1 to 6");
        }
        // The converter treats user-defined tokens as normal ones.
        pieces.add(new Piece(text[0], score[0], type[0] == 4 ? NORMAL : type[0]));
    }

    private interface Field {
        /** Accepts a field: the bytes from {@code at} to {@code end}, or a number. */
        void accept(int number, int at, int end, long value);
    }

    private void fields(byte[] file, int begin, int end, Field fields) {
        int at = begin;
        while (at < end) {
            long[] tag = varint(file, at, end);
            at = (int) tag[1];
            int number = (int) (tag[0] >>> 3);
            switch ((int) tag[0] & 7) {
                case VARINT -> {
                    long[] value = varint(file, at, end);
                    at = (int) value[1];
                    fields.accept(number, at, at, value[0]);
                }
                case BYTES -> {
                    long[] length = varint(file, at, end);
                    at = (int) length[1];
                    if (length[0] < 0 || length[0] > end - at) {
                        throw error(
                                at,
                                "a field of " + Long.toUnsignedString(length[0]) + " bytes; there are " + (end - at));
                    }
                    fields.accept(number, at, at + (int) length[0], 0);
                    at += (int) length[0];
                }
                case INT -> at = fixed(file, at, end, Integer.BYTES, number, fields);
                case LONG -> at = fixed(file, at, end, Long.BYTES, number, fields);
                default -> throw error(at, "a field of the unknown kind " + (tag[0] & 7));
            }
        }
    }

    private int fixed(byte[] file, int at, int end, int bytes, int number, Field fields) {
        if (end - at < bytes) {
            throw error(at, "the file ends in a number");
        }
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | file[at + i] & 0xFF;
        }
        fields.accept(number, at, at + bytes, value);
        return at + bytes;
    }

    /** Reads a number; returns it and the position after it. */
    private long[] varint(byte[] file, int begin, int end) {
        long value = 0;
        for (int at = begin; at < end && at < begin + 10; at++) {
            value |= (long) (file[at] & 0x7F) << 7 * (at - begin);
            if (file[at] >= 0) {
                return new long[] {value, at + 1};
            }
        }
        throw error(begin, "a number does not end");
    }

    private GgufFormatException error(int at, String message) {
        return new GgufFormatException(place + ": at byte " + at + ": " + message);
    }
}
