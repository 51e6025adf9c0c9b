package dev.skald.gguf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The names of a split model's parts. A part's metadata say which one it is ({@code split.no}, from 0) of how many
 * ({@code split.count}); its name says the same counted from 1, and gives the names of the others.
 *
 * @param path the part that was opened
 * @param prefix what all names begin with
 * @param index which part that is, from 0
 * @param count how many there are, at least 2
 */
record SplitName(Path path, String prefix, int index, int count) {
    static final String NO = "split.no";
    static final String COUNT = "split.count";
    static final String TENSORS = "split.tensors.count";

    /** What five digits can count. */
    private static final int MAX_PARTS = 99_999;

    private static final Pattern NAME = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf");

    /** The names, or empty when the part is a whole model. */
    static Optional<SplitName> of(Part part) {
        GgufMetadata metadata = part.metadata;
        int count = metadata.getInt(COUNT, 1);
        if (count == 0 || count == 1) {
            return Optional.empty();
        }
        int index = metadata.getInt(NO);
        if (count < 0 || count > MAX_PARTS || index < 0 || index >= count) {
            throw metadata.error(
                    NO,
                    index + " of " + count + " (key '" + COUNT + "'); a split model has 2 to " + MAX_PARTS
                            + " parts, counted from 0");
        }
        Matcher name = NAME.matcher(part.path.getFileName().toString());
        if (!name.matches()
                || Integer.parseInt(name.group(2)) != index + 1
                || Integer.parseInt(name.group(3)) != count) {
            throw metadata.error(
                    NO,
                    "this is part " + (index + 1) + " of " + count
                            + ", and the others are found by its name: rename it to its original name, which ends in "
                            + suffix(index, count));
        }
        return Optional.of(new SplitName(part.path, name.group(1), index, count));
    }

    /** Where a part is. */
    Path part(int i) {
        return i == index ? path : path.resolveSibling(prefix + suffix(i, count));
    }

    private static String suffix(int i, int count) {
        return String.format(Locale.ROOT, "-%05d-of-%05d.gguf", i + 1, count);
    }

    void checkAllThere() {
        int[] missing =
                IntStream.range(0, count).filter(i -> !Files.exists(part(i))).toArray();
        if (missing.length > 0) {
            String names = IntStream.of(missing)
                    .limit(5)
                    .mapToObj(i -> part(i).getFileName().toString())
                    .collect(Collectors.joining(", "));
            throw new GgufFormatException(
                    path,
                    missing.length + " of the model's " + count + " parts are missing; put them beside this one: "
                            + names + (missing.length > 5 ? ", …" : ""));
        }
    }

    void checkPart(Part part, int i) {
        int partCount = part.metadata.getInt(COUNT);
        int partIndex = part.metadata.getInt(NO);
        if (partCount != count || partIndex != i) {
            throw part.metadata.error(
                    NO,
                    partIndex + " of " + partCount + " (key '" + COUNT + "'); by the file's name it has to be " + i
                            + " of " + count);
        }
    }

    void checkTensors(Part first, int found) {
        if (first.metadata.contains(TENSORS) && first.metadata.getLong(TENSORS) != found) {
            throw first.metadata.error(
                    TENSORS, first.metadata.getLong(TENSORS) + " tensors, and the " + count + " parts have " + found);
        }
    }
}
