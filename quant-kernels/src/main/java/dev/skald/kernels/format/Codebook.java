package dev.skald.kernels.format;

import dev.skald.kernels.encode.Points;
import java.util.Base64;
import java.util.BitSet;

/**
 * The points that a format of few bits chooses from: a code stands for the values of several columns at once.
 *
 * <p>Which points there are is data that the makers of ggml found on real weights ({@code iq*_grid} of
 * {@code ggml-common.h}). A point is written as a number whose digits are its columns, the first the lowest, each digit
 * the index of a value; the points stand in the order of these numbers. So a set of them is a string of bits, the k-th
 * of which says whether the point {@code k step} is there.
 */
final class Codebook {
    /** Values of eight columns: -1, 0 or 1. */
    static final Codebook IQ1 = new Codebook(2048, 8, new int[] {-1, 0, 1}, 1, """
            VSUUhaACQlEIRTGohiCKohoIKiAUhVAUgiBERSUVBaACgiCIGAAIgqADKqCIu6oKkKoLACIACqqMgqAIQFEIRSGIgFAUQlEIijAI
            mKAIgCoIRSEUhSBIQlUIRQEswqAgiiYAKiSoqqII4q8ICCgoAKACQiiqKCCogCAKmwi5uqggyq6Joq6qOnzr6rq7gg64IrrK0w6S
            AiIAIiCoiroKggIIACpK4KI7IiArogCBQIGqiigIIgEUhVAVgiAJRSFUhaAIAiOoOiCEgiBUQlEIoiAIlVAUAioIuKiCgKBIAiAI
            gqJoogIoqyoIhSAIgjAIRUAARSEUhaAAQlEARQEpggCKgioIoTAUBVAUgigIRSEUhSACAiCqKgAgErGKriiouqGqqHAAggoIAigi
            AoQAggBIgKDqsCqqwiCLuiLq2qeLi26okrAqqnKLikQMKiBIhEAoiioIqiDIzKIioq+aoOioAgACACqoiAAggKCLoqIouqCAgjIK
            ur64uv7roqArogiKCijqogChMgIM+qTq3u8rqC6Nvn7r+vd/v+Z9ut5p+yf/vyb6EunhiiIQqr4OhKoIsqgLgq7/uiTpg4AEYixo
            8qgKpCsAAioICOKqEgACgioKpiDJgomQgigAogCMgBMAgggIAGyKqqq7Aqa+iqDKAoBrly7QsukQghAuqt4oFdGlBAAKggCKgiAI
            AaEggqo5uiIyhKAJgBgAiqJiAoEURFEARSGsglAUQlEIqiAoqocKEioIRSEUBaAIQlEIRQEgAqBAoiIAiAAIoghqim64qqqAACAK
            guLIIiEIRFAUQlEJiiAVhVAUhgoIqioqgAAKQlEIRSGoAFAUQlEI4iCIggoYgioIqqKqirCLAgoqqiAogoCqCigIKACpiAIioL4L
            KLgIirpLsq7/uqT4rqogUihotqAw5oAKAigIImpigCAKAqqqK6rqoqmgoggIECCgiiIAgg4ARSEUhaAKQFEIRSGpBgBKqgIIpQAQ
            DUQUgigIRSEUBQAIgoKs8iAAAACqCigKuiDqogIAgkgJKOkUABFLRVEARQGoAlAUQlEIiCQIiCgKQAgARQEUBaACQFEIRQE=""");

    /** Magnitudes of eight columns; the digits of each point have an even sum, so that half the numbers need no bit. */
    static final Codebook IQ2_XXS = new Codebook(256, 8, Values.IQ2, 2, """
            f/akmSCmQAAgCAYIACAATJgFYYIsCAQwBMAAAYAAaYJmAAIgAAIAACAEAAAAYEIECFIgQYAIAQAAIQAAQIKCAAIAQABAAIBAAAAA
            ABMgAAgABQAAABAAAAgAACYAATEAAEAEAAAMAAAAAJgAgQAACAACCAAAAAAACIAgAAAgAAAAAAAAABAAAMCkSRQmQIAAIAqACIAI
            AYAEAQAEBCAEAAAAAQAAAAAmQAEAAAIAQCEAAAACAAKkDAAgARAAAgAAAQAAAAgAAAAAGAABAAAAIAAAAQAgJAAgAAAACAAAAAIA
            AAAACRAAAYAAAAgAAIAAQAAABQAAAABgAAAgAAAAAAAAAAABAAAAAAAAAAAAAAAAmAACgAAgCAIAAAACAAAAYAoECAAgACAAQAAC
            CBAAgAAAAAAAAQAAAAAQAAAAABIkAAAQgAAACAAAAAEAAAIIAQAAAAAQAAAAAAAAAAAAAEAAABAAAAAAAAAAACAAQAACAAEAAAAg
            AAAAAAAgAAAAAAAAAAAAAAAAAAAAAAIAAAI=""");

    /** As {@link #IQ2_XXS}, with twice as many points. */
    static final Codebook IQ2_XS = new Codebook(512, 8, Values.IQ2, 2, """
            /9+/eRv+z5s0Ad6EKRAB/Jt3YQK8CRMiAJhAA4AA+FMmQYA4AQKABBAgAQBA4d+8iRPgTZgAwcAFCBAAwJuwQQKACRAAAIAgAAEA
            ADMgCCAABQAAAgAAAAgAAP+ECRAgTIAEBAAEEAAgAJqAAQAACABCAEAQEAAAAJQhAAEEAgAAQBAAQQAAGsC/+VMmwJswAQqIGRgA
            AIC3YQIEARMkAAAIEYAEAAAmQBEBAEIACQgACAAAAAC8SRMgAJgCAwAACAAEAAA4IQKEAJEAAIAEAEAAQAAiCIgAAAFAGAAAAAAA
            AAiACRBEEMAAAAAAAAAEAgABgQAAAAAgQAEAQAAAAAAABAAAEAAAIAAAACAAQAQAeBMnwAB8AUICABAgAIABaQ4ECAggABAAAAgg
            AAABQAICEAYgAgAAAAAAAgAkQhMgEBAAAQQAAQAAACCAAAoASQAAAEAAAAYAAAEAAAAAIAAAAgAQAAAABAAEALAhAgAAAQCABABo
            AQQAAQIACACAAAAAAAAAAACAAAIICwAASAIAADAAADAAAAEB""");

    /** As {@link #IQ2_XXS}, with four times as many points. */
    static final Codebook IQ2_S = new Codebook(1024, 8, Values.IQ2, 2, """
            /9+/f1P/zfs2Z97EL1BF/Pv/59v8b//mTfgCbcIEeF//TRE4L9qECBBGQwCA4N+9f9fm//s3b8CWKQMmwPv2b96Ef/MmTIA2YQIE
            gN/iTRgAb8IEBCAkQCAAAN7XORIFzokzYQJE0BIAA/o2b8IEaBMmUAAwAQICAFAGTAAIcAIAAEAAggAgGMD/+3+mzfvzb96EedIm
            DID/79+8Cf/mTZwAb8IECED2zZsgAd6ECRAITIAAAAC8f//mDfg3b8IEaBMmYADwb96ECfAmTIAAYAIFAADgTZgIAcAECAAAQEAA
            AAige9MmSIA3YQIEBBIgEAAQbcIECAAmQAQEAgIAAAAETAAABBAEgAAAAAAAAgCAeFvmRRmwb96ACVgHTAAA4F+8CRPgTZgAEcAE
            DAAAQBkwAQCIARCAAAAAAjAIEPvkTZgAZcBEAAAmQAAAgN6ECRAITIAAAFAEAAQEAJhAAQAADABQAAAAAAAACFBFTgAAEgAEIABA
            ggYAGtAECAAQSEAAAAAAAAACAAAICAAAEAAACCAAGBYAQAAB""");

    /** Magnitudes of four columns. */
    static final Codebook IQ3_XXS = new Codebook(256, 4, Values.IQ3_XXS, 1, """
            FYoFAgQAACgKBSIFAhAAARUCBYoAggAgggUgAAAAAAEACACAEIAAKIIAAAQABAAAAAAAIAAAEAAAUQAACAACAAoFChWAAQAABQIF
            AAAAAAAKBQIBAAAABAUAAQJAAEAAIgAAAAABAAAAABEAQAAAAiAAAAAAAAAAAAAEAAEAAAAFCkUCBAAAACoFAgEAAIgBBYIFgAEg
            AAACEQAAAAAAEQAAACAACAAACACAAAIAABAAAAAAAAAAAApAAAAgAAAAAgUKAAABIAQFAAECUAAAAAoBIAAABAAEAAIACAAAAAAA
            AAABgAAABEEABAAAIAAAABAAQAAACAAAAAAIAAABABCAAKAAiAAAAAAAAAAAABAAAAGAAQBBAIAAAAAgAAAAEAAAAAACEAAAACAA
            CAAAAQAAAAAAAAAAIAUAAQAAAAAABAAAAgAAAUEAQAAAIAAAABAABAAAAAQEAAAAAAgAAAABiAAAAAAEBAAAAgAAAAAAAAAAAAEA
            AAAAEAAEAAAAAAAQAFAAEAAAAAIAAAACAACAAAAAABAAAAAAQQAAAAAAAAAAEAAAACAAAAAABAAAAAAACAAAAAAIAAIAAAAAAKgB
            AAQABAAAAABAAAEAAAAABAAAIAQAAAEgAAgAAAEAAAACAAIAAAAFABAAAAAAAAAAAAE=""");

    /** Magnitudes of four columns. */
    static final Codebook IQ3_S = new Codebook(512, 4, Values.IQ3_S, 1, """
            p1cjCKUKBZIXI4kiEAAiBKNJIhGkCgAJCCIFShAFgCIBiBIECQIAARQARQiiAEAIQAoAAgAEAAIVAEUIABEAABerBVIAUAIESxEC
            CQIFAEEBpBEECSABBJIJghECAAQBKBQACkQRAAACCQIFAAIAAAAAkQBQAAAACgUCIAIABAGrVYoFKgWAKQWJJBIEAgAAkgAKgQKI
            ABIlAhQKBAFAAIIACSQCAAAkEAIEgAEIAAGFAAIAACACACACQAEIAQAABKoEKpQCCAIqEAoAAQABRAEEARQAAQAAAhGKAYogAAgI
            QgQCAAQRAAIFIAQQQAAIAEAAAAIAAAAKAAUgAAAAABEEkQQCAQABhAoEIQgiAAAKIQIIAYAEARAKBSIAAAAABQAQgAEAAAKgAAIA
            AAAEAAAIABAAAAEAACEAAQgCAAAEEQQAkQRAECoEAgQAAAAEAQIIQQAIAACEAYAAEAIgCBIAAQRAAAAAAARAAAAKAAAAAAAABAAA
            ABQABAAAAAAAACoACgAAAQABAIEAAAAQAAAEABAEIAQBARACAAEAAAAAACAACAAEAAkAABAAAAEAIAAAAAEAAAAACgAAAAAAAJEA
            BUABEAQABAIQACgAAAASQQIBAAIAAAQAACQACAAAIggBAAABAAAAAAQABAAAAAQAAAIAAAAAAQ==""");

    /** The magnitudes that columns may have. */
    static final class Values {
        static final int[] IQ2 = {8, 25, 43};
        static final int[] IQ3_XXS = {4, 12, 20, 28, 36, 44, 52, 62};
        static final int[] IQ3_S = {1, 3, 5, 7, 9, 11, 13, 15};

        private Values() {}
    }

    private final int columns;
    private final int[] alphabet;

    /** [point][column]. */
    private final byte[] values;

    /** For each point the indices of its values, four bits a column, the first the lowest. */
    private final int[] nibbles;

    private final Points points;

    private Codebook(int size, int columns, int[] alphabet, int step, String bits) {
        this.columns = columns;
        this.alphabet = alphabet;
        values = new byte[size * columns];
        nibbles = new int[size];
        BitSet set = BitSet.valueOf(Base64.getMimeDecoder().decode(bits));
        if (set.cardinality() != size) {
            throw new AssertionError(set.cardinality() + " points, not " + size);
        }
        int[] numbers = new int[size];
        for (int bit = set.nextSetBit(0), point = 0; bit >= 0; bit = set.nextSetBit(bit + 1), point++) {
            int number = bit * step;
            numbers[point] = number;
            for (int j = 0; j < columns; j++) {
                int digit = number % alphabet.length;
                number /= alphabet.length;
                values[point * columns + j] = (byte) alphabet[digit];
                nibbles[point] |= digit << 4 * j;
            }
        }
        points = new Points(columns, alphabet.length, numbers);
    }

    /** The values that a column may have, in the order of digits. */
    int[] alphabet() {
        return alphabet;
    }

    /** The points for a search. */
    Points points() {
        return points;
    }

    /** Columns of a point. */
    int columns() {
        return columns;
    }

    /** A value of a point. */
    int value(int point, int column) {
        return values[point * columns + column];
    }

    /** The indices of a point's values, four bits a column, the first the lowest. */
    int nibbles(int point) {
        return nibbles[point];
    }

    /**
     * Signs of eight columns, bit j for column j, 1 for negative, of which seven are written: there is an even number of
     * negative ones ({@code ksigns_iq2xs} of ggml).
     */
    static int evenSigns(int seven) {
        return seven | (Integer.bitCount(seven) & 1) << 7;
    }
}
